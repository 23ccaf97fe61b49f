package channel_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// Connections in memory are made in the order of Dial, and keep the order of
// what is sent.
func TestLocal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, err := channel.Listen("local://market", channel.Config{})
		require.NoError(t, err)
		require.Equal(t, "local://market", l.Addr())
		_, err = channel.Listen("local://market", channel.Config{})
		require.EqualError(t, err, "listen on local://market: the name is taken in this process")
		var seen []string
		for i := range 10 {
			c, err := channel.Dial(t.Context(), l.Addr(), channel.Config{Handler: echo})
			require.NoError(t, err)
			s, err := l.AcceptWith(t.Context(), channel.Config{Workers: 1, Handler: func(_ context.Context, _ *channel.Conn, content codec.Raw) (any, error) {
				seen = append(seen, fmt.Sprint(i, " ", string(content)))
				return content, nil
			}})
			require.NoError(t, err)
			pending, err := c.Start(t.Context(), 0, 1, 2)
			require.NoError(t, err)
			for j, p := range pending {
				require.Equal(t, fmt.Sprint(j), answer(t, p))
			}
			reply, err := s.Call(t.Context(), "back")
			require.NoError(t, err)
			require.Equal(t, `"back"`, string(reply))
			require.NoError(t, c.Close())
			<-s.Done()
			require.ErrorIs(t, s.Err(), channel.ErrPeerClosed)
			require.ErrorContains(t, s.Err(), "connection to local://market: ")
			require.NoError(t, s.Close())
		}
		for i, got := range seen {
			require.Equal(t, fmt.Sprint(i/3, " ", i%3), got)
		}
		require.Len(t, seen, 30)
		require.NoError(t, l.Close())
		_, err = channel.Dial(t.Context(), "local://market", channel.Config{})
		require.ErrorIs(t, err, os.ErrNotExist)
		again, err := channel.Listen("local://market", channel.Config{})
		require.NoError(t, err)
		require.NoError(t, again.Close())
	})
}

func TestRetry(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		_, err := channel.Dial(ctx, "local://later", channel.Config{Retry: true})
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.ErrorContains(t, err, "connect to local://later: context deadline exceeded; the last attempt: nobody in this process listens there")
		require.Equal(t, 3*time.Second, time.Since(began))

		listening := make(chan *channel.Listener)
		go func() {
			time.Sleep(7 * time.Second)
			l, err := channel.Listen("local://later", channel.Config{Handler: echo})
			if err != nil {
				t.Error(err)
			}
			listening <- l
		}()
		go func() {
			l := <-listening
			if s, err := l.Accept(t.Context()); err == nil {
				<-s.Done()
				_ = s.Close() // it always succeeds
			}
			_ = l.Close() // likewise
		}()
		began = time.Now()
		c, err := channel.Dial(t.Context(), "local://later", channel.Config{Retry: true})
		require.NoError(t, err)
		require.Less(t, time.Since(began), 7600*time.Millisecond)
		_, err = c.Call(t.Context(), 1)
		require.NoError(t, err)
		require.NoError(t, c.Close())
	})
}

// crowded is a listener that first has no file left for a connection.
type crowded struct {
	net.Listener
	left int
	err  error
}

func (l *crowded) Accept() (net.Conn, error) {
	if l.left--; l.left >= 0 {
		return nil, &net.OpError{Op: "accept", Net: "tcp", Err: os.NewSyscallError("accept4", l.err)}
	}
	return l.Listener.Accept()
}

// Whoever opens all the connections that a process can have does not keep it from taking
// others in later.
func TestTooManyFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for _, tt := range []struct {
			err  error
			left int
			took time.Duration // at most
		}{
			{syscall.EMFILE, 3, 50 * time.Millisecond},
			{syscall.ENFILE, 100, time.Minute},
			{syscall.ENOMEM, 1, 50 * time.Millisecond},
		} {
			near, far := net.Pipe()
			l := channel.NewListener(&crowded{&once{conn: near, closed: make(chan struct{})}, tt.left, tt.err}, channel.Config{})
			began := time.Now()
			c, err := l.Accept(t.Context())
			require.NoError(t, err)
			require.Positive(t, time.Since(began))
			require.LessOrEqual(t, time.Since(began), tt.took)
			require.NoError(t, far.Close())
			require.NoError(t, c.Close())
			require.NoError(t, l.Close())
		}

		// It can be closed meanwhile, and what is wrong for good is told.
		l := channel.NewListener(&crowded{&once{closed: make(chan struct{})}, 1 << 40, syscall.EMFILE}, channel.Config{})
		time.Sleep(time.Hour)
		require.NoError(t, l.Close())
		_, err := l.Accept(t.Context())
		require.ErrorIs(t, err, channel.ErrClosed)
		l = channel.NewListener(&crowded{&once{closed: make(chan struct{})}, 1, syscall.EINVAL}, channel.Config{})
		_, err = l.Accept(t.Context())
		require.ErrorIs(t, err, syscall.EINVAL)
		require.NoError(t, l.Close())
	})
}

// once is a listener to which one connection is made.
type once struct {
	conn   net.Conn
	closed chan struct{}
}

func (l *once) Accept() (net.Conn, error) {
	if nc := l.conn; nc != nil {
		l.conn = nil
		return nc, nil
	}
	<-l.closed
	return nil, net.ErrClosed
}

func (l *once) Close() error { close(l.closed); return nil }
func (*once) Addr() net.Addr { return &net.TCPAddr{} }

// What is no lack of a listener is not tried again.
func TestRetryOnlyWhatMayPass(t *testing.T) {
	_, err := channel.Dial(t.Context(), "tcp://127.0.0.1:99999", channel.Config{Retry: true})
	require.ErrorContains(t, err, "invalid port")
	ctx, cancel := context.WithCancelCause(t.Context())
	enough := errors.New("enough")
	go func() { cancel(enough) }()
	_, err = channel.Dial(ctx, "ipc://"+filepath.Join(shortDir(t), "none"), channel.Config{Retry: true})
	require.Error(t, err)
	if !errors.Is(err, enough) { // the cause of a context is lost if it ends while the system connects
		require.ErrorContains(t, err, "canceled")
	}
}

func TestStaleUnixSocket(t *testing.T) {
	dir := shortDir(t)
	path := filepath.Join(dir, "s")
	stale := func() {
		l, err := net.ListenUnix("unix", &net.UnixAddr{Name: path, Net: "unix"})
		require.NoError(t, err)
		l.SetUnlinkOnClose(false)
		require.NoError(t, l.Close())
		require.FileExists(t, path)
	}
	stale()
	_, err := channel.Dial(t.Context(), "ipc://"+path, channel.Config{})
	require.ErrorContains(t, err, "refused")
	l, err := channel.Listen("ipc://"+path, channel.Config{Handler: echo})
	require.NoError(t, err)
	_, err = channel.Listen("ipc://"+path, channel.Config{})
	require.ErrorContains(t, err, "address already in use (another process listens there)")
	for range 2 { // the look at whether somebody listens was a connection, too
		c, err := channel.Dial(t.Context(), l.Addr(), channel.Config{})
		require.NoError(t, err)
		require.NoError(t, c.Close())
	}
	require.NoError(t, l.Close())

	// Of many that want to take over one succeeds.
	stale()
	got := make(chan *channel.Listener)
	for range 20 {
		go func() {
			l, err := channel.Listen("ipc://"+path, channel.Config{})
			if err != nil {
				l = nil
			}
			got <- l
		}()
	}
	var winners []*channel.Listener
	for range 20 {
		if l := <-got; l != nil {
			winners = append(winners, l)
		}
	}
	require.Len(t, winners, 1)
	c, err := channel.Dial(t.Context(), "ipc://"+path, channel.Config{})
	require.NoError(t, err)
	require.NoError(t, c.Close())
	require.NoError(t, winners[0].Close())

	require.NoError(t, os.WriteFile(path, []byte("data"), 0o600))
	_, err = channel.Listen("ipc://"+path, channel.Config{})
	require.ErrorContains(t, err, "the file is no socket; remove it or choose another path")
	require.NoError(t, os.Remove(path))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Empty(t, files)
}

func TestLongUnixPath(t *testing.T) {
	path := filepath.Join(shortDir(t), strings.Repeat("x", 120))
	want := fmt.Sprintf("ipc://%s: the path has %d bytes, which is too long for a Unix socket; choose one of at most 103", path, len(path))
	_, err := channel.Listen("ipc://"+path, channel.Config{})
	require.ErrorContains(t, err, "listen on "+want)
	_, err = channel.Dial(t.Context(), "ipc://"+path, channel.Config{})
	require.ErrorContains(t, err, "connect to "+want)
}
