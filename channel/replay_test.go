package channel_test

import (
	"context"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/internal/recordings"
)

// rawFailure is an error that is sent as it is.
type rawFailure struct{ content codec.Raw }

func (rawFailure) Error() string { return "a recorded failure" }

// invocation is a request that our side is handling in a replay.
type invocation struct {
	content codec.Raw
	outcome chan outcome
}

type outcome struct {
	result any
	err    error
}

// TestReplay plays every recorded connection twice, once in each role: our end
// sends what one recorded side sent, and must write the same bytes; the test
// writes the bytes of the other side.
func TestReplay(t *testing.T) {
	all := map[codec.Codec][]recordings.Recording{
		codec.JSON:                    recordings.All(),
		codec.MsgPack:                 recordings.MsgPack(),
		compress.Blosc(codec.MsgPack): recordings.MsgPackBlosc(),
	}
	for c, recorded := range all {
		require.NotEmpty(t, recorded)
		for _, r := range recorded {
			for _, lines := range r.Connections() {
				name := c.Name() + "/" + r.Peer + "/" + r.Name + "/" + lines[0].Conn
				t.Run(name+"/as orchestrator", func(t *testing.T) { replay(t, c, r, lines, true) })
				t.Run(name+"/as simulator", func(t *testing.T) { replay(t, c, r, lines, false) })
			}
		}
	}
}

// unpacked is a payload without packing. How well it is compressed is up to each
// side.
func unpacked(t *testing.T, c codec.Codec, payload string) string {
	packer, ok := c.(codec.Packer)
	if !ok {
		return payload
	}
	plain, err := packer.Unpack(nil, []byte(payload), channel.DefaultMaxFrame)
	require.NoError(t, err)
	return string(plain)
}

func replay(t *testing.T, co codec.Codec, r recordings.Recording, lines []recordings.Line, toPeer bool) {
	entered := make(chan invocation)
	c, peer := newScripted(t, channel.Config{
		Codec: co,
		Handler: func(ctx context.Context, _ *channel.Conn, content codec.Raw) (any, error) {
			in := invocation{content, make(chan outcome, 1)}
			entered <- in
			select {
			case o := <-in.outcome:
				return o.result, o.err
			case <-ctx.Done(): // it was never answered
				return nil, ctx.Err()
			}
		},
		Failure: func(err error) any { return err.(rawFailure).content },
	})
	var (
		calls    = map[string]*channel.Pending{} // ours, by id
		handling = map[string]invocation{}       // the peer's, by id
		nextID   int
	)
	for _, line := range lines {
		if line.Payload == "" {
			continue // the ends of both directions come last
		}
		parts, err := co.Split(nil, []byte(unpacked(t, co, line.Payload)))
		require.NoError(t, err)
		number, err := co.Int(parts[0])
		require.NoError(t, err)
		idNumber, err := co.Int(parts[1])
		require.NoError(t, err)
		typ, id, content := strconv.FormatInt(number, 10), strconv.FormatInt(idNumber, 10), parts[2]
		ours := line.ToPeer == toPeer
		switch {
		case ours && typ == "0":
			// In aiomas a request that cannot be encoded has taken its id.
			for ; strconv.Itoa(nextID) != id; nextID++ {
				require.Less(t, nextID, 1000, "an id that was skipped on the way to %s", id)
				start(t, c, "a request of the same id")
				peer.receive()
			}
			nextID++
			calls[id] = start(t, c, content)
		case ours:
			in, ok := handling[id]
			require.True(t, ok, "no request for %s", line.Payload)
			delete(handling, id)
			if typ == "1" {
				in.outcome <- outcome{result: content}
			} else {
				in.outcome <- outcome{err: rawFailure{content}}
			}
		case typ == "0":
			peer.send(line.Payload)
			in := <-entered
			require.Equal(t, string(content), string(in.content))
			handling[id] = in
		default:
			peer.send(line.Payload)
			reply, err := calls[id].Wait(t.Context())
			if typ == "1" {
				require.NoError(t, err)
				require.Equal(t, string(content), string(reply))
			} else {
				var remote *channel.RemoteError
				require.ErrorAs(t, err, &remote)
				require.Equal(t, string(content), string(remote.Content))
				require.NotEmpty(t, remote.Type)
				require.Equal(t, strings.Contains(string(content), "Traceback"), remote.Traceback != "")
			}
		}
		if ours {
			got := peer.receive()
			if r.FromPython(line) {
				require.Equal(t, unpacked(t, co, line.Payload), unpacked(t, co, got))
			}
		}
	}
	require.NoError(t, c.Err())
}
