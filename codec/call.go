package codec

// A Call is the content of a request as aiomas and mosaik send it: the path of a
// function, such as "agents/0/ask", its positional arguments, and its named ones in
// order. It travels as [path, args, kwargs]. Give a pointer to it to Append: that
// makes no garbage.
type Call struct {
	Path   string
	Args   []any
	Kwargs Object
}

// Len and AppendElement implement [Array]. JSON and MsgPack write a Call by
// themselves, which is quicker.
func (*Call) Len() int { return 3 }

// AppendElement appends the path, the arguments, or the named ones.
func (call *Call) AppendElement(dst []byte, c Codec, i int) ([]byte, error) {
	switch i {
	case 0:
		return c.AppendString(dst, call.Path)
	case 1:
		return c.Append(dst, call.Args)
	}
	return c.Append(dst, call.Kwargs)
}

func (c JSONCodec) appendCall(dst []byte, call *Call) ([]byte, error) {
	dst, err := c.AppendString(append(dst, '['), call.Path)
	if err != nil {
		return dst, atIndex(err, 0)
	}
	dst = append(dst, ", ["...)
	for i, arg := range call.Args {
		if i > 0 {
			dst = append(dst, ", "...)
		}
		if dst, err = c.append(dst, arg, 2); err != nil {
			return dst, atIndex(atIndex(err, i), 1)
		}
	}
	dst = append(dst, "], "...)
	if dst, err = c.appendObject(dst, call.Kwargs, 1); err != nil {
		return dst, atIndex(err, 2)
	}
	return append(dst, ']'), nil
}

func (c MsgPackCodec) appendCall(dst []byte, call *Call) ([]byte, error) {
	dst, err := appendMPString(append(dst, mpFixList|3), call.Path)
	if err != nil {
		return dst, atIndex(err, 0)
	}
	if dst, err = c.appendList(dst, call.Args, 1); err != nil {
		return dst, atIndex(err, 1)
	}
	if dst, err = c.appendObject(dst, call.Kwargs, 1); err != nil {
		return dst, atIndex(err, 2)
	}
	return dst, nil
}
