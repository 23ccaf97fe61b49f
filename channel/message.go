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

// A draft is the contents of messages that are about to be sent. They are encoded
// before the outbox is locked.
type draft struct {
	buf  []byte
	ends []int // where in buf each content ends
}

// add encodes a content. On an error d is as it was.
func (d *draft) add(c codec.Codec, content any) error {
	buf, err := c.Append(d.buf, content)
	if err != nil {
		return err
	}
	d.buf = buf
	d.ends = append(d.ends, len(buf))
	return nil
}

// content returns content i.
func (d *draft) content(i int) codec.Raw {
	start := 0
	if i > 0 {
		start = d.ends[i-1]
	}
	return d.buf[start:d.ends[i]]
}

// reset makes d empty, and lets go of much memory.
func (d *draft) reset() {
	if cap(d.buf) > keptBuffer {
		d.buf = nil
	}
	d.buf, d.ends = d.buf[:0], d.ends[:0]
}

// outgoing is a message to be sent.
type outgoing struct {
	typ     int64
	number  uint64    // the id of an own request
	echo    codec.Raw // the id of a peer's request, in a reply
	content codec.Raw // nil: null
}

// appendTo appends the payload of m.
func (m *outgoing) appendTo(dst []byte, c codec.Codec) []byte {
	dst = c.AppendListStart(dst, 3)
	dst = c.AppendListNext(c.AppendInt(dst, m.typ))
	switch {
	case m.typ == typeRequest:
		dst = c.AppendInt(dst, int64(m.number))
	case m.typ <= typeFailure:
		dst = append(dst, m.echo...)
	default:
		dst = appendNull(dst, c)
	}
	dst = c.AppendListNext(dst)
	if m.content == nil {
		dst = appendNull(dst, c)
	} else {
		dst = append(dst, m.content...)
	}
	return c.AppendListEnd(dst)
}

func appendNull(dst []byte, c codec.Codec) []byte {
	dst, _ = c.Append(dst, nil) // every codec has it
	return dst
}

// append appends the frame of m to the outbox, which must be locked. On an error
// the outbox is as it was.
func (c *Conn) append(m outgoing) error {
	o, limit := &c.out, c.cfg.MaxFrame
	start := len(o.buf)
	out := append(o.buf, 0, 0, 0, 0)
	if c.packer == nil {
		out = m.appendTo(out, c.cfg.Codec)
	} else {
		o.plain = m.appendTo(o.plain[:0], c.cfg.Codec)
		var err error
		if len(o.plain) > limit {
			err = &FrameTooLargeError{Size: int64(len(o.plain)), Limit: limit} // the peer could not unpack it
		} else {
			out, err = c.packer.Pack(out, o.plain)
		}
		if cap(o.plain) > keptBuffer {
			o.plain = nil
		}
		if err != nil {
			return err
		}
	}
	size := len(out) - start - headerLen
	if size > limit {
		return &FrameTooLargeError{Size: int64(size), Limit: limit}
	}
	binary.BigEndian.PutUint32(out[start:], uint32(size))
	o.buf = out
	o.traffic.Sent++
	o.traffic.BytesSent += headerLen + int64(size)
	return nil
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
		hint := ""
		if len(payload) > 0 && co.Kind(payload) != codec.List {
			hint = anotherCodec
		}
		return incoming{}, nil, protocolError(payload, "a payload is not %s [type, id, content]: %v%s", co.Name(), err, hint)
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
