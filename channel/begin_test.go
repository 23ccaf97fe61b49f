package channel_test

import (
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// A journal notes what a connection tells it. It is read after synctest.Wait.
type journal []string

// noted is a Completer that notes what it is told under a name.
type noted struct {
	to   *journal
	name string
}

func (o noted) Complete(reply codec.Raw, err error) {
	*o.to = append(*o.to, fmt.Sprintf("%s: %s %v", o.name, reply, err))
}

// What arrives together is told in its order, and then AfterBatch is called. What
// that makes this side send leaves in one write.
func TestReceive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			notes journal
			c     *channel.Conn
		)
		a, b := net.Pipe()
		counting := &countingConn{Conn: a}
		c = channel.New(counting, channel.Config{
			Extended: true,
			Receive: func(r *channel.Request) {
				notes = append(notes, "request "+string(r.Content()))
				require.Same(t, c, r.Conn())
				switch string(r.Content()) {
				case `"back"`:
					require.NoError(t, c.Begin("again", noted{&notes, "again"}))
					r.Reply("begun")
				case `"wrong"`:
					r.Fail(&channel.RemoteError{Type: "ValueError", Message: "no"})
				default:
					r.Reply(r.Content())
				}
				require.Nil(t, r.Content())
				require.PanicsWithValue(t, "channel: a request is answered twice", func() { r.Reply(1) })
			},
			AfterBatch: func() { notes = append(notes, "batch") },
		})
		peer := &scripted{t, b}
		go func() { require.NoError(t, c.Begin("x", noted{&notes, "x"})) }()
		peer.expect(`[0, 0, "x"]`)
		var together []byte
		for _, payload := range []string{`[0, 7, "first"]`, `[1, 0, "X"]`, `[0, 8, "back"]`, `[3, null, "one way"]`, `[0, 9, "wrong"]`} {
			together = append(together, frame(payload)...)
		}
		before := counting.writes.Load()
		peer.write(together)
		for _, payload := range []string{`[1, 7, "first"]`, `[0, 1, "again"]`, `[1, 8, "begun"]`, `[2, 9, "ValueError: no\n"]`} {
			peer.expect(payload)
		}
		require.EqualValues(t, 1, counting.writes.Load()-before)
		peer.send(`[2, 1, "ValueError: twice"]`)
		synctest.Wait()
		require.Equal(t, journal{
			`request "first"`, `x: "X" <nil>`, `request "back"`, `request "one way"`, `request "wrong"`, "batch",
			"again:  ValueError: twice", "batch",
		}, notes)
		require.NoError(t, c.Close())
	})
}

// Requests may be answered in any order, from any goroutine, and count until they
// are.
func TestReceivedRequestsCount(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open []*channel.Request
		_, peer := newScripted(t, channel.Config{MaxRequests: 2, Receive: func(r *channel.Request) { open = append(open, r) }})
		sent := 0
		go func() {
			for i := range 4 {
				if _, err := peer.nc.Write(frame(fmt.Sprintf("[0, %d, null]", i))); err != nil {
					return
				}
				sent++
			}
		}()
		synctest.Wait()
		require.Len(t, open, 2)
		require.Equal(t, 3, sent, "two accepted, one read")
		open[1].Reply("b")
		peer.expect(`[1, 1, "b"]`)
		synctest.Wait()
		require.Len(t, open, 3)
		open[0].Reply("a")
		peer.expect(`[1, 0, "a"]`)
		synctest.Wait()
		require.Len(t, open, 4)
	})
}

// The reader, which has messages that arrived together, waits at the limit. What
// others send meanwhile leaves nevertheless.
func TestNothingIsHeldBackAtTheLimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var open []*channel.Request
		c, peer := newScripted(t, channel.Config{Extended: true, MaxRequests: 1, Receive: func(r *channel.Request) { open = append(open, r) }})
		peer.write(append(frame(`[0, 0, null]`), frame(`[0, 1, null]`)...))
		synctest.Wait()
		require.Len(t, open, 1)
		require.NoError(t, c.Send(t.Context(), "by the way"))
		peer.expect(`[3, null, "by the way"]`)
		require.NoError(t, c.Begin("x", noted{new(journal), ""}))
		peer.expect(`[0, 0, "x"]`)
		peer.expect(`[2, 1, "RuntimeError: too many requests are open on this connection; send it again later\n"]`)
	})
}

// A peer that only sends fills what is bounded, even if its requests are answered
// at once.
func TestAnsweringAPeerThatReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := strings.Repeat("x", 1000)
		answered := 0
		c, peer := newScripted(t, channel.Config{MaxRequests: 100, Receive: func(r *channel.Request) {
			answered++
			r.Reply(text)
		}})
		began := time.Now()
		for range 10_000 {
			if _, err := peer.nc.Write(frame(`[0, 0, null]`)); err != nil {
				break
			}
		}
		synctest.Wait()
		require.Less(t, answered, 750, "results for 256 KiB and for 100 requests, twice: those that wait, and those being written")
		require.Equal(t, channel.DefaultWriteTimeout, time.Since(began))
		require.ErrorContains(t, c.Err(), "the peer has not read what was sent to it for 30s (WriteTimeout)")
	})
}

// locked is a Completer that needs a lock.
type locked struct {
	*sync.Mutex
	noted
}

func (l locked) Complete(reply codec.Raw, err error) {
	l.Lock()
	defer l.Unlock()
	l.noted.Complete(reply, err)
}

// Begun calls end with the connection: each once, for its reason, and not on the
// goroutine that ended it.
func TestBegunCallsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var (
			notes journal
			lock  sync.Mutex
		)
		c, peer := newScripted(t, channel.Config{AfterBatch: func() { notes = append(notes, "batch") }})
		require.EqualError(t, c.Begin([]any{func() {}}, noted{&notes, "bad"}), "json: cannot encode $[0]: the Go type func() has no JSON form")
		for i := range 3 {
			require.NoError(t, c.Begin(i, locked{&lock, noted{&notes, "call"}}))
			peer.expect(fmt.Sprintf("[0, %d, %d]", i, i))
		}
		lock.Lock()
		c.Abort(fmt.Errorf("enough"))
		lock.Unlock()
		synctest.Wait()
		end := "call:  connection to pipe: enough"
		require.Equal(t, journal{end, end, end, "batch"}, notes)
		require.Equal(t, c.Err(), c.Begin(1, noted{&notes, "late"}))
	})
}

func TestCork(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		counting := &countingConn{Conn: a}
		c := channel.New(counting, channel.Config{})
		peer := &scripted{t, b}
		var notes journal
		begin := func(n int, content any) {
			for range n {
				require.NoError(t, c.Begin(content, noted{&notes, ""}))
			}
		}
		c.Cork()
		c.Cork()
		begin(2, "x")
		c.Uncork()
		begin(1, "x")
		synctest.Wait()
		require.Zero(t, counting.writes.Load())
		c.Uncork()
		for i := range 3 {
			peer.expect(fmt.Sprintf(`[0, %d, "x"]`, i))
		}
		require.EqualValues(t, 1, counting.writes.Load())

		c.Cork()
		begin(10, strings.Repeat("x", 1000)) // much
		peer.receive()
		begin(1, "the last")
		go func() { require.NoError(t, c.Close()) }() // writes what is left
		for range 9 {
			peer.receive()
		}
		peer.expect(`[0, 13, "the last"]`)
	})
}

// tally is a Completer that checks that its own number comes back, once.
type tally struct {
	number  int
	refused *atomic.Int64
	done    chan<- error
}

func (a *tally) Complete(reply codec.Raw, err error) {
	if remote, ok := errors.AsType[*channel.RemoteError](err); ok && strings.Contains(remote.Message, "too many requests") {
		a.refused.Add(1)
		err = nil
	} else if err == nil && string(reply) != strconv.Itoa(a.number) {
		err = fmt.Errorf("got %s for %d", reply, a.number)
	}
	a.done <- err // has room
}

// Both ends begin calls on several goroutines and answer on another one, in any
// order: nothing is lost, mixed up or stuck. An end that takes as many requests as
// the other may have open refuses none.
func TestLoopsBothWays(t *testing.T) {
	const calls, beginners = 5000, 4
	answering := func() (func(*channel.Request), func()) {
		open := make(chan *channel.Request, channel.MaxOpenCalls)
		stopped := make(chan struct{})
		go func() {
			defer close(stopped)
			var late *channel.Request
			for r := range open {
				if late != nil {
					late.Reply(late.Content())
				}
				if late = r; len(open) == 0 {
					late.Reply(late.Content())
					late = nil
				}
			}
		}()
		return func(r *channel.Request) { open <- r }, func() { close(open); <-stopped }
	}
	receiveA, stopA := answering()
	receiveB, stopB := answering()
	a, b := connect(t, "tcp://127.0.0.1:0", channel.Config{Receive: receiveA, MaxRequests: 300}, channel.Config{Receive: receiveB, MaxRequests: channel.MaxOpenCalls})
	var byA, byB atomic.Int64
	done := make(chan error, 2*beginners*calls)
	for c, refused := range map[*channel.Conn]*atomic.Int64{a: &byB, b: &byA} {
		for from := range beginners {
			go func() {
				for i := range calls {
					n := from*calls + i
					if i%100 == 0 {
						c.Cork()
					}
					if err := c.Begin(n, &tally{n, refused, done}); err != nil {
						done <- err
					}
					if i%100 == 99 {
						c.Uncork()
					}
				}
			}()
		}
	}
	for range 2 * beginners * calls {
		require.NoError(t, <-done)
	}
	require.NoError(t, a.Close())
	require.NoError(t, b.Close())
	stopA()
	stopB()
	require.Zero(t, byB.Load())
	t.Logf("%d of %d were refused at the limit", byA.Load(), beginners*calls)
}
