package container_test

import (
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/recordings"
)

// Those of the recorded program. Its numbers are of any kind.
type anyPoint struct {
	X any `codec:"x"`
	Y any `codec:"y"`
}

type segment struct {
	A anyPoint `codec:"a"`
	B anyPoint `codec:"b"`
}

type Ag struct{ container.Agent }

func newAg(all []*Ag) *Ag {
	a := &Ag{}
	a.Expose("service", func(_ context.Context, v any) (any, error) { return v, nil }, "v")
	a.Expose("later", func(_ context.Context, t time.Time) (any, error) { return []any{"Arrow", t.Add(time.Hour)}, nil })
	a.Expose("who", func(_ context.Context, p container.Proxy) (string, error) {
		_, path, _ := strings.Cut(strings.TrimPrefix(p.Address(), "peer://"), "/")
		if service, no := strings.CutPrefix(path, "/"); no {
			return fmt.Sprintf("Proxy '%s'", service), nil
		}
		return fmt.Sprintf("Proxy 'agents/%s'", path), nil
	})
	a.Expose("ask", func(ctx context.Context, p container.Proxy) (string, error) {
		v, err := p.Call(ctx, "service", "hi")
		return fmt.Sprint("asked: ", v), err
	})
	a.Expose("me", func(context.Context) (any, error) { return a, nil })
	a.Expose("group", func(context.Context) (any, error) {
		return map[string]any{"agents": []any{all[0], all[1], all[2]}}, nil
	})
	a.Expose("back", func(_ context.Context, p container.Proxy) (any, error) { return p, nil })
	a.Expose("mirror", func(_ context.Context, l segment) (any, error) { return segment{l.B, l.A}, nil })
	return a
}

// What clients of aiomas sent to containers of aiomas is sent to one of ours, which
// sends the recorded bytes back, but for the texts of errors.
func TestRecordedAgents(t *testing.T) {
	for _, recorded := range []struct {
		codec  codec.Codec
		all    []recordings.Recording
		frames int
	}{
		{codec.JSON, recordings.All(), 74}, {codec.MsgPack, recordings.MsgPack(), 74}, {compress.Blosc(codec.MsgPack), recordings.MsgPackBlosc(), 50},
	} {
		frames := 0
		for _, r := range recorded.all {
			if !strings.HasPrefix(r.Name, "agent_") {
				continue
			}
			t.Run(recorded.codec.Name()+"/"+r.Name, func(t *testing.T) {
				var option container.Option
				if r.Name == "agent_custom_serializer" {
					option = container.WithTypes(codec.Struct[anyPoint](), codec.Struct[segment]())
				} else {
					option = container.WithTypes()
				}
				all := make([]*Ag, 3)
				agents := map[string]container.Member{}
				for i := range all {
					all[i] = newAg(all)
					agents[fmt.Sprint(i)] = all[i]
				}
				n := newNode(t, "tcp://127.0.0.1:0", container.EndpointConfig{Config: channel.Config{Codec: recorded.codec}}, agents, option)
				defer n.close()
				nc, err := net.Dial("tcp", strings.TrimPrefix(n.e.Address(), "tcp://"))
				require.NoError(t, err)
				defer nc.Close()
				frames += replay(t, nc, recorded.codec, r.Lines)
			})
		}
		require.Equal(t, recorded.frames, frames)
	}
}

// replay plays the client, and returns the number of frames from both sides.
func replay(t *testing.T, nc net.Conn, c codec.Codec, lines []recordings.Line) (frames int) {
	hidden := false // the last request is for something that only aiomas lets peers reach
	for _, l := range lines {
		if l.Payload == "" {
			return frames
		}
		want := unpacked(t, c, []byte(l.Payload))
		if strings.Contains(string(want), "tell_seen") {
			return frames // aiomas sends an answer and a request for it, by mistake
		}
		frames++
		if l.ToPeer {
			hidden = strings.Contains(string(want), "agents/0/container")
			_, err := nc.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(l.Payload))), l.Payload...))
			require.NoError(t, err)
			continue
		}
		var header [4]byte
		_, err := io.ReadFull(nc, header[:])
		require.NoError(t, err)
		payload := make([]byte, binary.BigEndian.Uint32(header[:]))
		_, err = io.ReadFull(nc, payload)
		require.NoError(t, err)
		got := unpacked(t, c, payload)
		switch {
		case hidden:
			require.Equal(t, "LookupError", failureType(t, c, got))
		case failureType(t, c, want) != "":
			require.Equal(t, failureType(t, c, want), failureType(t, c, got))
		default:
			require.Equal(t, string(want), string(got))
		}
	}
	return frames
}

func unpacked(t *testing.T, c codec.Codec, payload []byte) []byte {
	packer, ok := c.(codec.Packer)
	if !ok {
		return payload
	}
	plain, err := packer.Unpack(nil, payload, channel.DefaultMaxFrame)
	require.NoError(t, err)
	return plain
}

// failureType is the type of an error in a message, without its module, or empty if
// the message is none.
func failureType(t *testing.T, c codec.Codec, payload []byte) string {
	parts, err := c.Split(nil, payload)
	require.NoError(t, err)
	if typ, err := c.Int(parts[0]); err != nil || typ != 2 {
		return ""
	}
	text, err := c.String(parts[2])
	require.NoError(t, err)
	lines := strings.Split(strings.TrimSpace(text), "\n")
	typ, _, _ := strings.Cut(lines[len(lines)-1], ":")
	return typ[strings.LastIndexByte(typ, '.')+1:]
}
