package codec

// Raw is one value in encoded form. Append copies it verbatim, so that a value
// that passes through keeps everything its sender wrote. An empty Raw is no
// value and cannot be appended; the bytes of a Raw that was made by hand are
// the maker's responsibility.
type Raw []byte

// A RawMember is one member of an encoded object.
type RawMember struct {
	// Key is the decoded key. It aliases the object if the key was spelled
	// without escapes.
	Key []byte
	// Value is the value, still encoded; it aliases the object.
	Value Raw
}

// Object is a decoded object with its members in order. Decoded objects have
// no two members of one key.
type Object []Member

// A Member is one key and its value.
type Member struct {
	Key   string
	Value any
}

// Get returns the value of key, and whether the object has it.
func (o Object) Get(key string) (any, bool) {
	for i := range o {
		if o[i].Key == key {
			return o[i].Value, true
		}
	}
	return nil, false
}

// Pairs is a decoded object with keys that are not all strings, as MsgPack has
// them; its pairs are in order. Decoded Pairs have no two equal keys.
type Pairs []Pair

// A Pair is one key and its value.
type Pair struct {
	Key, Value any
}

// Get returns the value of a string key, and whether there is one.
func (p Pairs) Get(key string) (any, bool) {
	for i := range p {
		if p[i].Key == any(key) {
			return p[i].Value, true
		}
	}
	return nil, false
}

// Extension is a value of MsgPack that its application has to make sense of.
type Extension struct {
	Type int8 // the application's from 0 on; below, MsgPack's own: -1 is a timestamp
	Data []byte
}

// Array is a value that is encoded as an array, element by element. Messages
// with a fixed shape implement it, so that encoding them needs no []any. An Array
// must not contain itself.
type Array interface {
	// Len is the number of elements.
	Len() int
	// AppendElement appends element i, encoded by c, to dst.
	AppendElement(dst []byte, c Codec, i int) ([]byte, error)
}
