package channel_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// connect makes a connection through a listener.
func connect(t *testing.T, addr string, dial, listen channel.Config) (client, server *channel.Conn) {
	t.Helper()
	l, err := channel.Listen(addr, listen)
	require.NoError(t, err)
	client, err = channel.Dial(t.Context(), l.Addr(), dial)
	require.NoError(t, err)
	server, err = l.Accept(t.Context())
	require.NoError(t, err)
	require.NoError(t, l.Close())
	t.Cleanup(func() {
		require.NoError(t, client.Close())
		require.NoError(t, server.Close())
	})
	return client, server
}

// shortDir is a directory whose path is short enough for a Unix socket.
func shortDir(t *testing.T) string {
	dir, err := os.MkdirTemp("", "ch")
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func TestTransports(t *testing.T) {
	dir := shortDir(t)
	for _, addr := range []string{
		"tcp://127.0.0.1:0", "127.0.0.1:0", "ipc://" + filepath.Join(dir, "a"), "ipc://[" + filepath.Join(dir, "b") + "]",
	} {
		t.Run(addr, func(t *testing.T) {
			client, server := connect(t, addr, channel.Config{Handler: echo}, channel.Config{Handler: echo})
			for _, c := range []*channel.Conn{client, server} {
				reply, err := c.Call(t.Context(), []any{"x", 1.0})
				require.NoError(t, err)
				require.Equal(t, `["x", 1.0]`, string(reply))
			}
			require.NoError(t, client.Close())
			<-server.Done()
			require.ErrorIs(t, server.Err(), channel.ErrPeerClosed)
			require.ErrorIs(t, client.Err(), channel.ErrClosed)
		})
	}
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files, "socket files stay behind")
}

func TestListenerAddress(t *testing.T) {
	l, err := channel.Listen("tcp://127.0.0.1:0", channel.Config{})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	require.Regexp(t, `^tcp://127\.0\.0\.1:[1-9][0-9]*$`, l.Addr())
	_, err = channel.Listen(l.Addr(), channel.Config{})
	require.ErrorContains(t, err, "listen on "+l.Addr()+": ")
	require.ErrorContains(t, err, "address already in use")

	path := filepath.Join(shortDir(t), "s")
	u, err := channel.Listen("ipc://"+path, channel.Config{})
	require.NoError(t, err)
	require.Equal(t, "ipc://["+path+"]", u.Addr())
	require.NoError(t, u.Close())
	require.NoError(t, u.Close())
}

func TestAddressErrors(t *testing.T) {
	for addr, want := range map[string]string{
		"localhost":        `address "localhost": want tcp://host:port, tls://host:port, ipc://path or host:port: `,
		"tcp://localhost":  `address "tcp://localhost": want tcp://host:port: `,
		"tls://localhost":  `address "tls://localhost": want tls://host:port: `,
		"ipc://":           `the path of the socket is missing; want ipc://path`,
		"ipc://[]":         `the path of the socket is missing`,
		"udp://host:1":     `unknown transport "udp"; want tcp://, tls://, ipc:// or local://`,
		"tcp://::1:5:6:70": `want tcp://host:port: `,
	} {
		_, err := channel.Dial(t.Context(), addr, channel.Config{})
		require.ErrorContains(t, err, want)
		_, err = channel.Listen(addr, channel.Config{})
		require.ErrorContains(t, err, want)
	}
}

func TestDialFails(t *testing.T) {
	l, err := channel.Listen("127.0.0.1:0", channel.Config{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	_, err = channel.Dial(t.Context(), l.Addr(), channel.Config{})
	require.ErrorContains(t, err, "connect to "+l.Addr()+": ")
	require.ErrorContains(t, err, "refused")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = channel.Dial(ctx, l.Addr(), channel.Config{})
	require.Error(t, err)
	_, err = channel.Dial(t.Context(), "ipc://"+filepath.Join(shortDir(t), "none"), channel.Config{})
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestAcceptEnds(t *testing.T) {
	l, err := channel.Listen("127.0.0.1:0", channel.Config{})
	require.NoError(t, err)
	enough := errors.New("nobody came")
	ctx, cancel := context.WithCancelCause(t.Context())
	cancel(enough)
	_, err = l.Accept(ctx)
	require.ErrorIs(t, err, enough)

	// The listener goes on after that.
	c, err := channel.Dial(t.Context(), l.Addr(), channel.Config{})
	require.NoError(t, err)
	s, err := l.Accept(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close())
	require.NoError(t, c.Close())

	// One that connected but was not accepted is closed with the listener.
	c, err = channel.Dial(t.Context(), l.Addr(), channel.Config{})
	require.NoError(t, err)
	require.NoError(t, l.Close())
	<-c.Done()
	require.ErrorIs(t, c.Err(), channel.ErrPeerClosed)
	require.NoError(t, c.Close())
	_, err = l.Accept(t.Context())
	require.ErrorIs(t, err, channel.ErrClosed)
}

// That a listener was closed is what counts, also if the context has ended, too.
func TestAcceptOfAClosedListener(t *testing.T) {
	for range 100 {
		l, err := channel.Listen("local://closed", channel.Config{})
		require.NoError(t, err)
		require.NoError(t, l.Close())
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		_, err = l.Accept(ctx)
		require.ErrorIs(t, err, channel.ErrClosed)
	}
}

// A reset is an end like any other: a simulator must not run on for ever when
// its orchestrator was killed.
func TestReset(t *testing.T) {
	nl, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, nl.Close()) }()
	entered, handled := make(chan bool), make(chan error, 1)
	c, err := channel.Dial(t.Context(), nl.Addr().String(), channel.Config{Handler: func(ctx context.Context, _ *channel.Conn, _ codec.Raw) (any, error) {
		entered <- true
		<-ctx.Done()
		handled <- context.Cause(ctx)
		return nil, nil
	}})
	require.NoError(t, err)
	nc, err := nl.Accept()
	require.NoError(t, err)
	call := start(t, c, "x")
	_, err = io.ReadFull(nc, make([]byte, len(frame(`[0, 0, "x"]`))))
	require.NoError(t, err)
	_, err = nc.Write(frame(`[0, 0, "y"]`))
	require.NoError(t, err)
	<-entered
	require.NoError(t, nc.(*net.TCPConn).SetLinger(0))
	require.NoError(t, nc.Close())
	_, err = call.Wait(t.Context())
	require.ErrorIs(t, err, channel.ErrPeerClosed)
	require.ErrorContains(t, err, "connection reset by peer")
	require.Equal(t, err, <-handled)
	require.NoError(t, c.Close())
}

func TestCloseEndsEverything(t *testing.T) {
	g := newGate()
	c, peer := newScripted(t, channel.Config{Handler: g.handle})
	call := start(t, c, "x")
	peer.expect(`[0, 0, "x"]`)
	peer.send(`[0, 0, "y"]`)
	<-g.entered
	require.NoError(t, c.Close()) // waits for the handler
	_, err := call.Wait(t.Context())
	require.ErrorIs(t, err, channel.ErrClosed)
	require.EqualError(t, err, "connection to pipe: the connection was closed on this side")
	_, err = c.Call(t.Context(), "z")
	require.ErrorIs(t, err, channel.ErrClosed)
	require.NoError(t, c.Close())
}

// What was sent before Close is written, such as the request to stop.
func TestCloseWritesWhatIsLeft(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // so that this takes no time, of which Close gives it little
		c, peer := newScripted(t, channel.Config{})
		for range 3 {
			start(t, c, "stop")
		}
		closed := make(chan struct{})
		go func() {
			_ = c.Close() // always nil
			close(closed)
		}()
		peer.expect(`[0, 0, "stop"]`)
		peer.expect(`[0, 1, "stop"]`)
		peer.expect(`[0, 2, "stop"]`)
		<-closed
		_, err := peer.nc.Read(make([]byte, 1))
		require.ErrorIs(t, err, io.EOF)
	})
}

func TestCloseDoesNotWaitForAPeerThatReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newScripted(t, channel.Config{})
		start(t, c, "stop")
		synctest.Wait() // the write is under way, with its long timeout
		began := time.Now()
		require.NoError(t, c.Close())
		require.Equal(t, time.Second, time.Since(began))
	})
}

func TestAbort(t *testing.T) {
	died := errors.New(`simulator "house" exited with status 3`)
	c, peer := newScripted(t, channel.Config{})
	call := start(t, c, "x")
	peer.expect(`[0, 0, "x"]`)
	c.Abort(died)
	_, err := call.Wait(t.Context())
	require.ErrorIs(t, err, died)
	require.ErrorIs(t, c.Err(), died)
	c.Abort(errors.New("too late"))
	require.ErrorIs(t, c.Err(), died)
	_, err = peer.nc.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
}

// countingConn counts writes.
type countingConn struct {
	net.Conn
	writes atomic.Int64
}

func (c *countingConn) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return c.Conn.Write(p)
}

func TestStartIsOneWrite(t *testing.T) {
	a, b := net.Pipe()
	counting := &countingConn{Conn: a}
	c := channel.New(counting, channel.Config{})
	peer := &scripted{t, b}
	_, err := c.Start(t.Context(), "step", "get_data")
	require.NoError(t, err)
	peer.expect(`[0, 0, "step"]`)
	peer.expect(`[0, 1, "get_data"]`)
	require.NoError(t, c.Close())
	require.EqualValues(t, 1, counting.writes.Load())
}

// What is sent while a write is under way leaves in one write.
func TestWritesAreCoalesced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := net.Pipe()
		counting := &countingConn{Conn: a}
		c := channel.New(counting, channel.Config{})
		peer := &scripted{t, b}
		for i := range 100 {
			start(t, c, i)
			if i == 0 {
				synctest.Wait() // the first one is being written
			}
		}
		for i := range 100 {
			peer.expect(fmt.Sprintf("[0, %d, %d]", i, i))
		}
		require.EqualValues(t, 2, counting.writes.Load())
		require.NoError(t, c.Close())
	})
}

func TestOnFrame(t *testing.T) {
	var sent, received []string
	c, peer := newScripted(t, channel.Config{Handler: echo, OnFrame: func(dir channel.Direction, payload []byte) {
		if dir == channel.Sent {
			sent = append(sent, dir.String()+" "+string(payload))
		} else {
			received = append(received, dir.String()+" "+string(payload))
		}
	}})
	_, err := c.Start(t.Context(), "a", "b")
	require.NoError(t, err)
	peer.receive()
	peer.receive()
	peer.send(`[0, 7, "c"]`)
	peer.receive()
	require.NoError(t, c.Close())
	require.Equal(t, []string{`sent [0, 0, "a"]`, `sent [0, 1, "b"]`, `sent [1, 7, "c"]`}, sent)
	require.Equal(t, []string{`received [0, 7, "c"]`}, received)
}

// Many callers on both sides at once: nothing is lost, mixed up or stuck.
func TestManyCallersBothWays(t *testing.T) {
	client, server := connect(t, "tcp://127.0.0.1:0", channel.Config{Handler: echo, MaxRequests: 64}, channel.Config{Handler: echo, MaxRequests: 64})
	var (
		refused atomic.Int64
		done    = make(chan error)
	)
	caller := func(c *channel.Conn, i int) error {
		want := strings.Repeat("x", i*7%300)
		for range 50 {
			reply, err := c.Call(t.Context(), want)
			if remote, ok := errors.AsType[*channel.RemoteError](err); ok && strings.Contains(remote.Message, "too many requests") {
				refused.Add(1)
				continue
			}
			if err != nil {
				return err
			}
			if got, err := codec.JSON.String(reply); err != nil || got != want {
				return errors.New("got " + string(reply) + " for " + want)
			}
		}
		return nil
	}
	for i := range 100 {
		go func() { done <- caller(client, i) }()
		go func() { done <- caller(server, i) }()
	}
	for range 200 {
		require.NoError(t, <-done)
	}
	t.Logf("%d of 10000 were refused", refused.Load())
}
