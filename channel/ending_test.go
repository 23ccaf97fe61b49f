package channel_test

import (
	"errors"
	"io"
	"net"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
)

// deafConn is a connection whose peer has closed it, but has sent something before.
type deafConn struct {
	net.Conn
	writes int
}

func (c *deafConn) Write(p []byte) (int, error) {
	if c.writes--; c.writes < 0 {
		return 0, syscall.EPIPE
	}
	return len(p), nil
}

// TestReplyBeforeTheEnd: what a peer has answered before it closed the connection counts,
// although the next request finds out first that nothing can be written any more.
func TestReplyBeforeTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		c := channel.New(&deafConn{near, 1}, channel.Config{})
		answered := start(t, c, "x")
		synctest.Wait()
		lost := start(t, c, "y")
		synctest.Wait() // it could not be written
		_, err := far.Write(frame(`[1, 0, "z"]`))
		require.NoError(t, err)
		require.NoError(t, far.Close())
		reply, err := answered.Wait(t.Context())
		require.NoError(t, err)
		require.Equal(t, `"z"`, string(reply))
		_, err = lost.Wait(t.Context())
		require.ErrorIs(t, err, channel.ErrPeerClosed)
		require.NoError(t, c.Close())
	})
}

// TestNothingCanBeWritten: a connection ends soon then, also if the peer goes on sending.
func TestNothingCanBeWritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		c := channel.New(&deafConn{near, 0}, channel.Config{Handler: echo})
		began := time.Now()
		for i := 0; ; i++ {
			time.Sleep(300 * time.Millisecond)
			if _, err := far.Write(frame(`[0, 0, "x"]`)); err != nil {
				require.ErrorIs(t, err, io.ErrClosedPipe)
				break
			}
		}
		require.Less(t, time.Since(began), 2*time.Second)
		require.ErrorIs(t, c.Err(), channel.ErrPeerClosed)
		require.ErrorIs(t, c.Err(), syscall.EPIPE)
		require.NoError(t, c.Close())
		require.NoError(t, far.Close())
	})
}

// TestErrorOfTheSocket: the system tells of it once, to whoever reads or writes next.
func TestErrorOfTheSocket(t *testing.T) {
	nl, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { require.NoError(t, nl.Close()) }()
	for range 100 {
		c, err := channel.Dial(t.Context(), nl.Addr().String(), channel.Config{})
		require.NoError(t, err)
		nc, err := nl.Accept()
		require.NoError(t, err)
		// So that it expects the next reply at once, and looks for it without waiting.
		for i := range 8 {
			call := start(t, c, "x")
			_, err = io.ReadFull(nc, make([]byte, len(frame(`[0, 0, "x"]`))))
			require.NoError(t, err)
			_, err = nc.Write(frame(`[1, ` + string(rune('0'+i)) + `, "y"]`))
			require.NoError(t, err)
			_, err = call.Wait(t.Context())
			require.NoError(t, err)
		}
		require.NoError(t, nc.(*net.TCPConn).SetLinger(0))
		require.NoError(t, nc.Close())
		<-c.Done()
		require.True(t, errors.Is(c.Err(), syscall.ECONNRESET), "%v", c.Err())
		require.NoError(t, c.Close())
	}
}
