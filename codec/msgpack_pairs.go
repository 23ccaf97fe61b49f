package codec

// pairs makes Pairs of the members read so far and n more pairs, whose first key
// has just been consumed and is no string.
func (b *mpBuilder) pairs(members Object, first any, n int) Pairs {
	p := pairSet{index: make(map[string]int)}
	for _, m := range members {
		p.put(m.Key, m.Value)
	}
	p.put(first, b.value())
	for range n - 1 {
		key := b.value()
		p.put(key, b.value())
	}
	return p.list
}

// pairSet collects pairs. As in a Python dict, a key that comes again replaces the
// value and keeps the place.
type pairSet struct {
	list  Pairs
	index map[string]int // of the list, by the encoded key
}

func (p *pairSet) put(key, v any) {
	encoded, err := MsgPack.Append(nil, key)
	if err != nil {
		// An extension of one of MsgPack's own types, somewhere in the key: it
		// is never equal to another key.
		p.list = append(p.list, Pair{key, v})
		return
	}
	if i, ok := p.index[string(encoded)]; ok {
		p.list[i].Value = v
		return
	}
	p.index[string(encoded)] = len(p.list)
	p.list = append(p.list, Pair{key, v})
}

// appendPairs appends the pairs in their order.
func (c MsgPackCodec) appendPairs(dst []byte, pairs Pairs, depth int) ([]byte, error) {
	dst = appendMPMapHeader(dst, len(pairs))
	for _, p := range pairs {
		var err error
		if key, ok := p.Key.(string); ok {
			dst, err = c.appendKey(dst, key)
		} else {
			dst, err = c.appendPairKey(dst, p.Key, depth+1)
		}
		if err != nil {
			return dst, err
		}
		if dst, err = c.append(dst, p.Value, depth+1); err != nil {
			return dst, atAnyKey(err, p.Key)
		}
	}
	return dst, nil
}

func (c MsgPackCodec) appendPairKey(dst []byte, key any, depth int) ([]byte, error) {
	start := len(dst)
	dst, err := c.append(dst, key, depth)
	if err == nil && c.Kind(dst[start:]) == Map {
		err = &EncodeError{"msgpack", "$", "an object is the key of an object"}
	}
	return dst, err
}
