package channel

import (
	"encoding/binary"
	"strconv"

	"github.com/simrun/simrun/codec"
)

// The types of messages.
const (
	typeRequest = iota
	typeResult
	typeFailure
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
		if m.typ != typeRequest {
			return append(dst, m.echo...), nil
		}
		return c.AppendInt(dst, int64(m.number)), nil
	}
	return c.Append(dst, m.content)
}

// appendFrame appends the frame of m to dst. On an error dst is returned as it
// was.
func appendFrame(dst []byte, c codec.Codec, m *outgoing, limit int) ([]byte, error) {
	start := len(dst)
	out, err := c.Append(append(dst, 0, 0, 0, 0), m)
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
func parse(c codec.Codec, payload []byte, parts []codec.Raw) (incoming, []codec.Raw, error) {
	parts, err := c.Split(parts[:0], payload)
	if err != nil {
		return incoming{}, nil, protocolError(payload, "a payload is not %s [type, id, content]: %v", c.Name(), err)
	}
	if len(parts) != 3 {
		return incoming{}, parts, protocolError(payload, "a message has %d items instead of 3", len(parts))
	}
	typ, err := c.Int(parts[0])
	if err != nil || typ < typeRequest || typ > typeFailure {
		return incoming{}, parts, protocolError(payload, "the message type is %s instead of 0, 1 or 2", strconv.Quote(string(parts[0])))
	}
	return incoming{typ: typ, id: parts[1], content: parts[2]}, parts, nil
}
