package channel_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// gate is a handler that says what it got and waits to be let through.
type gate struct {
	entered chan string
	leave   chan struct{}
}

func newGate() gate { return gate{make(chan string, 100), make(chan struct{})} }

func (g gate) handle(ctx context.Context, _ *channel.Conn, content codec.Raw) (any, error) {
	g.entered <- string(content)
	select {
	case <-g.leave:
		return content, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func TestOneWorkerKeepsTheOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		_, peer := newScripted(t, channel.Config{Handler: g.handle, Workers: 1})
		for i := range 10 {
			peer.send(fmt.Sprintf("[0, %d, %d]", i, i))
		}
		for i := range 10 {
			synctest.Wait()
			require.Len(t, g.entered, 1)
			require.Equal(t, fmt.Sprint(i), <-g.entered)
			g.leave <- struct{}{}
			peer.expect(fmt.Sprintf("[1, %d, %d]", i, i))
		}
	})
}

func TestRequestsAreHandledConcurrently(t *testing.T) {
	g := newGate()
	_, peer := newScripted(t, channel.Config{Handler: g.handle})
	for i := range 10 {
		peer.send(fmt.Sprintf("[0, %d, null]", i))
	}
	for range 10 {
		<-g.entered // all are inside before the first leaves
	}
	close(g.leave)
	seen := map[string]bool{}
	for range 10 {
		seen[peer.receive()] = true
	}
	require.Len(t, seen, 10)
}

// At the limit on requests nothing more is read.
func TestTooManyRequestsSlowThePeerDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		_, peer := newScripted(t, channel.Config{Handler: g.handle, Workers: 1, MaxRequests: 2})
		sent := 0
		go func() {
			for i := range 5 {
				if _, err := peer.nc.Write(frame(fmt.Sprintf("[0, %d, %d]", i, i))); err != nil {
					return
				}
				sent++
			}
		}()
		time.Sleep(awayTime) // of the bubble: then the reader does not wait for its own handler
		synctest.Wait()
		require.Equal(t, 3, sent, "two accepted, one read")
		for i := range 5 {
			g.leave <- struct{}{}
			peer.expect(fmt.Sprintf("[1, %d, %d]", i, i))
		}
		synctest.Wait()
		require.Equal(t, 5, sent)
	})
}

// Nor if few requests have many bytes; one that is larger than what is allowed of all is
// accepted by itself.
func TestLargeRequestsSlowThePeerDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		near, far := net.Pipe()
		c, peer := channel.NewWithLoad(near, channel.Config{Handler: g.handle, Workers: 1}, 1000), &scripted{t, far}
		sizes := []int{400, 598, 100, 5000, 10, 10}
		sent := 0
		go func() {
			for i, size := range sizes {
				if _, err := peer.nc.Write(frame(fmt.Sprintf(`[0, %d, "%s"]`, i, strings.Repeat("x", size-2)))); err != nil {
					return
				}
				sent++
			}
		}()
		for i, size := range sizes {
			time.Sleep(awayTime) // of the bubble: then the reader does not wait for its own handler
			synctest.Wait()
			require.Equal(t, []int{4, 5, 5, 5, 6, 6}[i], sent, "accepted, and one read")
			g.leave <- struct{}{}
			require.Len(t, peer.receive(), len("[1, 0, ]")+size)
		}
		require.NoError(t, peer.nc.Close())
		require.NoError(t, c.Close())
	})
}

// Nor if the peer asks for much in few bytes and does not read it.
func TestLargeAnswersSlowThePeerDown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const requests = 100
		near, far := net.Pipe()
		text := strings.Repeat("x", 100_000)
		handled := 0
		handler := func(context.Context, *channel.Conn, codec.Raw) (any, error) { handled++; return text, nil }
		c, peer := channel.NewWithLoad(near, channel.Config{Handler: handler, Workers: 1}, 1_000_000), &scripted{t, far}
		sent := make(chan struct{})
		go func() {
			defer close(sent)
			for i := range requests {
				if _, err := peer.nc.Write(frame(fmt.Sprintf("[0, %d, null]", i))); err != nil {
					return
				}
			}
		}()
		time.Sleep(awayTime)
		synctest.Wait()
		require.Less(t, handled, 40, "a million bytes that wait, as many that are being written, and what comes before they count")
		for i := range requests {
			require.Contains(t, peer.receive(), fmt.Sprintf("[1, %d, ", i))
		}
		<-sent
		require.NoError(t, peer.nc.Close())
		require.NoError(t, c.Close())
	})
}

// While this side waits for a reply it must go on reading, so what is too much
// is refused: two peers that call each other never wait for each other.
func TestTooManyRequestsAreRefusedWhileACallIsOpen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c *channel.Conn
		handler := func(ctx context.Context, conn *channel.Conn, content codec.Raw) (any, error) {
			return conn.Call(ctx, "back")
		}
		c, peer := newScripted(t, channel.Config{Handler: handler, MaxRequests: 1})
		peer.send(`[0, 0, null]`)
		peer.expect(`[0, 0, "back"]`)
		peer.send(`[0, 1, null]`)
		peer.expect(`[2, 1, "RuntimeError: too many requests are open on this connection; send it again later\n"]`)
		peer.send(`[1, 0, "result"]`)
		peer.expect(`[1, 0, "result"]`)
		synctest.Wait()
		require.NoError(t, c.Err())
	})
}

// The limit is reached first and a call begins only then.
func TestACallWakesTheReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		c, peer := newScripted(t, channel.Config{Handler: g.handle, MaxRequests: 1})
		peer.send(`[0, 0, null]`)
		peer.send(`[0, 1, null]`)
		synctest.Wait() // the reader now waits for room
		call := start(t, c, "x")
		peer.expect(`[0, 0, "x"]`)
		peer.expect(`[2, 1, "RuntimeError: too many requests are open on this connection; send it again later\n"]`)
		peer.send(`[1, 0, "y"]`)
		require.Equal(t, `"y"`, answer(t, call))
	})
}

func TestHandlerCallsBack(t *testing.T) {
	_, peer := newScripted(t, channel.Config{Workers: 1, Handler: func(ctx context.Context, conn *channel.Conn, _ codec.Raw) (any, error) {
		return conn.Call(ctx, "progress?")
	}})
	peer.send(`[0, 0, "step"]`)
	peer.expect(`[0, 0, "progress?"]`) // both sides use id 0 at the same time
	peer.send(`[1, 0, 42.5]`)
	peer.expect(`[1, 0, 42.5]`)
}
