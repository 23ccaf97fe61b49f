package channel_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// awayTime is how long a reader that handles requests may be away.
const awayTime = 10 * time.Millisecond

func frames(payloads ...string) (all []byte) {
	for _, p := range payloads {
		all = append(all, frame(p)...)
	}
	return all
}

// The connection's end is noticed while its only worker, the reader, is at work.
func TestOneWorkerLearnsOfTheEnd(t *testing.T) {
	for name, begin := range map[string]string{"at once": "", "after others": `[0, 7, "quick"]`} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				entered, left := make(chan struct{}), make(chan error, 1)
				_, peer := newScripted(t, channel.Config{Workers: 1, Handler: func(ctx context.Context, _ *channel.Conn, content codec.Raw) (any, error) {
					if string(content) == `"quick"` {
						return nil, nil
					}
					close(entered)
					<-ctx.Done()
					left <- context.Cause(ctx)
					return nil, nil
				}})
				if begin != "" {
					peer.send(begin)
					peer.receive()
					time.Sleep(awayTime / 3) // of the bubble: the patrol is on its way
				}
				peer.send(`[0, 8, "slow"]`)
				<-entered
				began := time.Now()
				require.NoError(t, peer.nc.Close())
				require.ErrorIs(t, <-left, channel.ErrPeerClosed)
				require.LessOrEqual(t, time.Since(began), awayTime)
			})
		})
	}
}

// A reply is read at once if the only worker waits for it, or another goroutine does,
// and what was held back leaves.
func TestOneWorkerWaitsForAReply(t *testing.T) {
	for name, call := range map[string]func(ctx context.Context, conn *channel.Conn) (codec.Raw, error){
		"itself": func(ctx context.Context, conn *channel.Conn) (codec.Raw, error) { return conn.Call(ctx, "progress?") },
		"another": func(ctx context.Context, conn *channel.Conn) (reply codec.Raw, err error) {
			done := make(chan struct{})
			go func() {
				defer close(done)
				reply, err = conn.Call(ctx, "progress?")
			}()
			<-done
			return reply, err
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, peer := newScripted(t, channel.Config{Workers: 1, Handler: func(ctx context.Context, conn *channel.Conn, content codec.Raw) (any, error) {
					if string(content) == "1" {
						return content, nil
					}
					return call(ctx, conn)
				}})
				began := time.Now()
				for range 3 {
					peer.write(frames(`[0, 0, 1]`, `[0, 1, 2]`, `[0, 2, 1]`))
					peer.expect(`[1, 0, 1]`)
					request := peer.receive()
					require.Contains(t, request, `"progress?"`)
					peer.send(fmt.Sprintf("[1, %c, 42.5]", request[4]))
					peer.expect(`[1, 1, 42.5]`)
					peer.expect(`[1, 2, 1]`)
				}
				require.Zero(t, time.Since(began))
			})
		})
	}
}

// Requests that came together are answered together, unless that takes long.
func TestOneWorkerAnswersTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		_, peer := newScripted(t, channel.Config{Handler: g.handle, Workers: 1})
		read := func() string {
			buf := make([]byte, 1000)
			n, err := peer.nc.Read(buf) // of one write
			require.NoError(t, err)
			return string(buf[:n])
		}
		peer.write(frames(`[0, 0, 5]`, `[0, 1, 6]`))
		g.leave <- struct{}{}
		synctest.Wait() // the first answer could leave
		g.leave <- struct{}{}
		require.Equal(t, string(frames(`[1, 0, 5]`, `[1, 1, 6]`)), read())

		peer.write(frames(`[0, 2, 5]`, `[0, 3, 6]`))
		g.leave <- struct{}{}
		began := time.Now()
		require.Equal(t, string(frame(`[1, 2, 5]`)), read())
		require.LessOrEqual(t, time.Since(began), awayTime)
		g.leave <- struct{}{}
		require.Equal(t, string(frame(`[1, 3, 6]`)), read())
	})
}

// One request is handled at a time, in order, whoever reads meanwhile.
func TestOneWorkerAmongManyRequests(t *testing.T) {
	const requests = 2000
	var seen []string
	var inside atomic.Int32
	l, err := channel.Listen("127.0.0.1:0", channel.Config{Workers: 1, MaxRequests: 50, Handler: func(ctx context.Context, conn *channel.Conn, content codec.Raw) (any, error) {
		if inside.Add(1) != 1 {
			return nil, fmt.Errorf("two requests are handled at a time")
		}
		defer inside.Add(-1)
		seen = append(seen, string(content))
		switch len(seen) % 7 {
		case 0:
			return conn.Call(ctx, content)
		case 1:
			if _, err := conn.Start(ctx, "and does not wait"); err != nil {
				return nil, err
			}
		}
		return content, nil
	}})
	require.NoError(t, err)
	defer l.Close()
	a, err := channel.Dial(t.Context(), l.Addr(), channel.Config{Handler: echo})
	require.NoError(t, err)
	defer a.Close()
	b, err := l.Accept(t.Context())
	require.NoError(t, err)
	defer b.Close()
	random := rand.New(rand.NewPCG(1, 2))
	var want []string
	for len(want) < requests {
		var open []*channel.Pending
		for range 1 + random.IntN(40) {
			p := start(t, a, len(want))
			open, want = append(open, p), append(want, fmt.Sprint(len(want)))
		}
		first := len(want) - len(open)
		for i, p := range open {
			require.Equal(t, want[first+i], answer(t, p))
		}
	}
	require.NoError(t, b.Close())
	require.True(t, slices.Equal(want, seen))
}
