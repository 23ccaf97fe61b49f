//go:build !race

package rpc_test

import (
	"bytes"
	"encoding/binary"
	"io"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// smallCalls is how many calls each measurement makes, after as many to warm up.
const smallCalls = 2000

// bareFrames sends and receives frames of one codec without garbage.
type bareFrames struct {
	nc    net.Conn
	codec codec.Codec
	buf   []byte
}

// message makes a frame of [typ, id, content].
func (b *bareFrames) message(typ, id int64, content codec.Raw) []byte {
	c := b.codec
	dst := c.AppendListNext(c.AppendInt(c.AppendListStart(append(b.buf[:0], 0, 0, 0, 0), 3), typ))
	dst = append(c.AppendListNext(c.AppendInt(dst, id)), content...)
	b.buf = c.AppendListEnd(dst)
	binary.BigEndian.PutUint32(b.buf, uint32(len(b.buf)-4))
	return b.buf
}

// receive returns a payload, which is overwritten by the next one.
func (b *bareFrames) receive() ([]byte, error) {
	if _, err := io.ReadFull(b.nc, b.buf[:4]); err != nil {
		return nil, err
	}
	payload := b.buf[:binary.BigEndian.Uint32(b.buf)]
	_, err := io.ReadFull(b.nc, payload)
	return payload, err
}

// In steady state a small call makes less than two pieces of garbage for who serves
// it (AllocsPerRun rounds down). The client makes none here.
func TestAllocationsOfTheServer(t *testing.T) {
	forEachCodec(t, func(t *testing.T, c codec.Codec) {
		var service rpc.Router
		service.Handle("agents/0/add", rpc.Func2(add))
		l, err := rpc.Listen("tcp://127.0.0.1:0", rpc.Config{Config: channel.Config{Codec: c}, Service: &service})
		require.NoError(t, err)
		nc, err := net.Dial("tcp", strings.TrimPrefix(l.Addr(), "tcp://"))
		require.NoError(t, err)
		server, err := l.Accept(t.Context())
		require.NoError(t, err)
		content, err := c.Append(nil, &rpc.Request{Path: "agents/0/add", Args: []any{3, 4}})
		require.NoError(t, err)
		want, err := c.Append(nil, 7.0)
		require.NoError(t, err)
		client := bareFrames{nc, c, make([]byte, 1000)}
		id := int64(0)
		allocs := testing.AllocsPerRun(smallCalls, func() {
			_, err := nc.Write(client.message(0, id, content))
			if err != nil {
				t.Fatal(err)
			}
			if reply, err := client.receive(); err != nil || !bytes.Contains(reply, want) {
				t.Fatalf("%q, %v", reply, err)
			}
			id++
		})
		require.LessOrEqual(t, allocs, 1.0)
		require.NoError(t, nc.Close())
		require.NoError(t, server.Close())
		require.NoError(t, l.Close())
	})
}

// The same for who calls. The server makes no garbage here.
func TestAllocationsOfTheClient(t *testing.T) {
	forEachCodec(t, func(t *testing.T, c codec.Codec) {
		a, b, err := tcpPair()
		require.NoError(t, err)
		client, err := rpc.New(a, rpc.Config{Config: channel.Config{Codec: c}})
		require.NoError(t, err)
		result, err := c.Append(nil, 7.0)
		require.NoError(t, err)
		server := bareFrames{b, c, make([]byte, 1000)}
		served := make(chan error)
		go func() {
			for id := int64(0); ; id++ {
				if _, err := server.receive(); err != nil {
					served <- err
					return
				}
				if _, err := b.Write(server.message(1, id, result)); err != nil {
					served <- err
					return
				}
			}
		}()
		ctx, agent := t.Context(), client.Remote().Get("agents/0")
		allocs := testing.AllocsPerRun(smallCalls, func() {
			if sum, err := rpc.Call[float64](ctx, agent, "add", 3, 4); err != nil || sum != 7 {
				t.Error(sum, err)
			}
		})
		require.LessOrEqual(t, allocs, 1.0)
		done := new(counted)
		allocs = testing.AllocsPerRun(smallCalls, func() {
			if err := agent.Begin(done, "add", 3, 4); err != nil {
				t.Error(err)
			}
		})
		require.LessOrEqual(t, allocs, 1.0)
		require.NoError(t, client.Close())
		require.Error(t, <-served)
		require.NoError(t, b.Close())
	})
}

type counted struct{ n int }

func (c *counted) Complete(codec.Raw, error) { c.n++ }

// tcpPair returns the ends of a connection.
func tcpPair() (a, b net.Conn, err error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, nil, err
	}
	if a, err = net.Dial("tcp", l.Addr().String()); err == nil {
		b, err = l.Accept()
	}
	if err != nil {
		return nil, nil, err
	}
	return a, b, l.Close()
}
