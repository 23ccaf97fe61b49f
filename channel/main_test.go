package channel_test

import (
	"context"
	"encoding/binary"
	"io"
	"net"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// A scripted is the other end of a connection, moved by hand, frame by frame.
type scripted struct {
	t  testing.TB
	nc net.Conn
}

// newScripted returns a connection whose other end the test plays.
func newScripted(t testing.TB, cfg channel.Config) (*channel.Conn, *scripted) {
	a, b := net.Pipe()
	c := channel.New(a, cfg)
	t.Cleanup(func() {
		_ = b.Close() // may be closed by the test
		require.NoError(t, c.Close())
	})
	return c, &scripted{t, b}
}

func frame(payload string) []byte {
	return append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), payload...)
}

func (s *scripted) write(data []byte) {
	s.t.Helper()
	_, err := s.nc.Write(data)
	require.NoError(s.t, err)
}

func (s *scripted) send(payload string) {
	s.t.Helper()
	s.write(frame(payload))
}

func (s *scripted) receive() string {
	s.t.Helper()
	var header [4]byte
	_, err := io.ReadFull(s.nc, header[:])
	require.NoError(s.t, err)
	payload := make([]byte, binary.BigEndian.Uint32(header[:]))
	_, err = io.ReadFull(s.nc, payload)
	require.NoError(s.t, err)
	return string(payload)
}

func (s *scripted) expect(payload string) {
	s.t.Helper()
	require.Equal(s.t, payload, s.receive())
}

// start starts a call that must succeed.
func start(t testing.TB, c *channel.Conn, content any) *channel.Pending {
	t.Helper()
	p, err := c.Start(t.Context(), content)
	require.NoError(t, err)
	return p[0]
}

// answer waits for a reply that must be a result.
func answer(t testing.TB, p *channel.Pending) string {
	t.Helper()
	reply, err := p.Wait(t.Context())
	require.NoError(t, err)
	return string(reply)
}

// echo is a handler that returns the content.
func echo(_ context.Context, _ *channel.Conn, content codec.Raw) (any, error) { return content, nil }
