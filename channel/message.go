package channel

import (
	"encoding/binary"
	"strconv"

	"github.com/simrun/simrun/codec"
)

// The types of messages. Those from typeMessage on are used between extended
// ends only; their id is null.
const (
	typeRequest = iota
	typeResult
	typeFailure
	typeMessage // one way
	typePing    // to be answered by typePong at once
	typePong
)

// outgoing is the payload of a frame, [type, id, content]. It implements
// codec.Array, so that the codec writes it without a list.
type outgoing struct {
	typ     int64
	number  uint64    // the id of an own request
	echo    codec.Raw // the id of a peer's request, in a reply
	content any
}

func (*outgoing) Len() int { return 3 }

func (m *outgoing) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	switch i {
	case 0:
		return c.AppendInt(dst, m.typ), nil
	case 1:
		switch {
		case m.typ == typeRequest:
			return c.AppendInt(dst, int64(m.number)), nil
		case m.typ <= typeFailure:
			return append(dst, m.echo...), nil
		}
		return c.Append(dst, nil)
	}
	return c.Append(dst, m.content)
}

// append appends the frame of m to the outbox, which must be locked. On an error
// the outbox is as it was.
func (c *Conn) append(m outgoing) error {
	o := &c.out
	o.msg = m
	buf, err := appendFrame(o, c.cfg.Codec, c.packer, c.cfg.MaxFrame)
	o.buf, o.msg = buf, outgoing{}
	return err
}

// appendFrame returns the buffer of o with the frame of its message appended. On
// an error the buffer is returned as it was.
func appendFrame(o *outbox, c codec.Codec, packer codec.Packer, limit int) ([]byte, error) {
	dst := o.buf
	start := len(dst)
	out := append(dst, 0, 0, 0, 0)
	var err error
	if packer == nil {
		out, err = c.Append(out, &o.msg)
	} else {
		if o.plain, err = c.Append(o.plain[:0], &o.msg); err == nil && len(o.plain) > limit {
			err = &FrameTooLargeError{Size: int64(len(o.plain)), Limit: limit} // the peer could not unpack it
		}
		if err == nil {
			out, err = packer.Pack(out, o.plain)
		}
		if cap(o.plain) > keptBuffer {
			o.plain = nil
		}
	}
	if err != nil {
		return dst, err
	}
	size := len(out) - start - headerLen
	if size > limit {
		return dst, &FrameTooLargeError{Size: int64(size), Limit: limit}
	}
	binary.BigEndian.PutUint32(out[start:], uint32(size))
	return out, nil
}

// incoming is a received message. Its parts alias the payload.
type incoming struct {
	typ     int64
	id      codec.Raw
	content codec.Raw
}

// parse takes a payload apart. parts is scratch space that is returned for the
// next call.
func (c *Conn) parse(payload []byte, parts []codec.Raw) (incoming, []codec.Raw, error) {
	co := c.cfg.Codec
	parts, err := co.Split(parts[:0], payload)
	if err != nil {
		return incoming{}, nil, protocolError(payload, "a payload is not %s [type, id, content]: %v", co.Name(), err)
	}
	if len(parts) != 3 {
		return incoming{}, parts, protocolError(payload, "a message has %d items instead of 3", len(parts))
	}
	typ, err := co.Int(parts[0])
	switch {
	case err == nil && typ >= typeRequest && typ <= typeFailure:
	case err == nil && typ > typeFailure && typ <= typePong && c.cfg.Extended:
	default:
		return incoming{}, parts, protocolError(payload, "the message type is %s instead of 0, 1 or 2", strconv.Quote(string(parts[0])))
	}
	return incoming{typ: typ, id: parts[1], content: parts[2]}, parts, nil
}
