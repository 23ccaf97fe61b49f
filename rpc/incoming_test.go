package rpc_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// An inbox is how a program with a loop of its own uses a connection: what comes is
// put aside, and the loop is woken once for all that has come together.
type inbox struct {
	put  []func() // by the connection's goroutines
	wake chan []func()
}

func newInbox() *inbox { return &inbox{wake: make(chan []func(), 1000)} }

func (b *inbox) afterBatch() {
	b.wake <- b.put
	b.put = nil
}

// replied is a Completer that has the loop go on with a reply.
type replied struct {
	to   *inbox
	then func(codec.Raw, error)
}

func (r replied) Complete(reply codec.Raw, err error) {
	r.to.put = append(r.to.put, func() { r.then(reply, err) })
}

// run runs what is put aside until done is set.
func (b *inbox) run(done *bool) {
	for !*done {
		for _, f := range <-b.wake {
			f()
		}
	}
}

// Two loops call each other without a goroutine for a call. What travels has the
// types of the connection.
func TestLoops(t *testing.T) {
	forEachCodec(t, func(t *testing.T, c codec.Codec) {
		mine, theirs := newInbox(), newInbox()
		var service, callback rpc.Router
		service.Mount("callback", &callback)
		toMine := func(in *rpc.Incoming) {
			mine.put = append(mine.put, func() { in.Reply("back: " + in.Path) })
		}
		toTheirs := func(in *rpc.Incoming) {
			theirs.put = append(theirs.put, func() {
				if in.Path == "ask" {
					v, err := in.Value(0)
					require.NoError(t, err)
					require.NoError(t, v.(rpc.Proxy).Begin(replied{theirs, func(reply codec.Raw, err error) {
						require.NoError(t, err)
						in.Reply(reply)
					}}, "me"))
					return
				}
				a, errA := in.Float(0)
				b, errB := rpc.Decode[float64](in.Peer, in.Args[1])
				if err := errors.Join(errA, errB); err != nil {
					in.Fail(err)
				} else {
					in.Reply(a + b)
				}
			})
		}
		l, err := rpc.Listen("tcp://127.0.0.1:0", rpc.Config{Config: channel.Config{Codec: c, AfterBatch: theirs.afterBatch}, Receive: toTheirs})
		require.NoError(t, err)
		client, err := rpc.Dial(t.Context(), l.Addr(), rpc.Config{Config: channel.Config{Codec: c, AfterBatch: mine.afterBatch}, Service: &service, Receive: toMine})
		require.NoError(t, err)
		server, err := l.Accept(t.Context())
		require.NoError(t, err)
		var stopTheirs bool
		stopped := make(chan bool)
		go func() {
			theirs.run(&stopTheirs)
			close(stopped)
		}()

		sums, done := 0, false
		const n = 500
		client.Channel().Cork()
		for i := range n {
			require.NoError(t, client.Remote().Begin(replied{mine, func(reply codec.Raw, err error) {
				require.NoError(t, err)
				sum, err := rpc.Decode[float64](client, reply)
				require.NoError(t, err)
				require.Equal(t, float64(2*i), sum)
				sums++
			}}, "add", i, i))
		}
		require.NoError(t, client.Remote().Begin(replied{mine, func(_ codec.Raw, err error) {
			require.ErrorContains(t, err, "instead of a number")
		}}, "add", "x", 1))
		require.NoError(t, client.Remote().Begin(replied{mine, func(reply codec.Raw, err error) {
			require.NoError(t, err)
			text, err := rpc.Decode[string](client, reply)
			require.NoError(t, err)
			require.Equal(t, "back: callback/me", text)
			done = true
		}}, "ask", &callback))
		client.Channel().Uncork()
		mine.run(&done)
		require.Equal(t, n, sums)

		// What is no call is answered at once.
		_, err = client.Channel().Call(t.Context(), "no call")
		require.ErrorContains(t, err, "malformed request: want [path, args, kwargs]")
		require.Error(t, rpc.Proxy{}.Begin(replied{mine, nil}, "add"))

		theirs.wake <- []func(){func() { stopTheirs = true }}
		<-stopped
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
		require.NoError(t, l.Close())
	})
}
