package channel_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

func TestOneWayMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var got []string
		c, peer := newScripted(t, channel.Config{Extended: true, Workers: 1, Handler: func(_ context.Context, _ *channel.Conn, content codec.Raw) (any, error) {
			got = append(got, string(content))
			return nil, nil
		}})
		require.NoError(t, c.Send(t.Context(), "a", "b"))
		peer.expect(`[3, null, "a"]`)
		peer.expect(`[3, null, "b"]`)
		require.EqualError(t, c.Send(t.Context(), "c", func() {}), "json: cannot encode $: the Go type func() has no JSON form")
		peer.send(`[3, null, 1]`)
		peer.send(`[0, 7, 2]`)
		peer.expect(`[1, 7, null]`) // and nothing for the message
		peer.send(`[3, null, 3]`)
		_ = peer.nc.Close() // what came before the end is handled
		<-c.Done()
		require.ErrorIs(t, c.Err(), channel.ErrPeerClosed)
		synctest.Wait()
		require.Equal(t, []string{"1", "2", "3"}, got)
		require.ErrorIs(t, c.Send(t.Context(), "late"), channel.ErrPeerClosed)
	})
}

// Peers that are not extended never get a frame that they do not know, nor may
// they send one.
func TestNotExtended(t *testing.T) {
	c, peer := newScripted(t, channel.Config{KeepAlive: time.Nanosecond})
	require.Equal(t, channel.ErrNotExtended, c.Send(t.Context(), "a"))
	peer.send(`[4, null, null]`)
	<-c.Done()
	require.ErrorContains(t, c.Err(), `the message type is "4" instead of 0, 1 or 2`)
}

// While this side waits for a reply, it cannot stop reading messages.
func TestFlooded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		g := newGate()
		c, peer := newScripted(t, channel.Config{Extended: true, Handler: g.handle, MaxRequests: 2})
		call := start(t, c, "x")
		peer.receive()
		for range 3 {
			peer.send(`[3, null, 1]`)
		}
		_, err := call.Wait(t.Context())
		require.ErrorIs(t, err, channel.ErrFlooded)
	})
}

func TestKeepAlive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, peer := newScripted(t, channel.Config{Extended: true, KeepAlive: time.Minute})
		began := time.Now()
		peer.expect(`[4, null, null]`)
		require.Equal(t, time.Minute, time.Since(began))
		peer.send(`[5, null, null]`)
		peer.expect(`[4, null, null]`)
		require.Equal(t, 3*time.Minute, time.Since(began), "one minute with a sign of life, one without")
		time.Sleep(30 * time.Second)
		peer.send(`[4, null, null]`) // a question is a sign of life, too
		peer.expect(`[5, null, null]`)
		peer.expect(`[4, null, null]`)
		require.Equal(t, 5*time.Minute, time.Since(began))
		<-c.Done()
		require.ErrorIs(t, c.Err(), channel.ErrSilent)
		require.Equal(t, 6*time.Minute, time.Since(began))
	})
}

// A peer that sends one byte an hour keeps its connection, and costs no more than
// that.
func TestOneByteAnHour(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, peer := newScripted(t, channel.Config{Handler: echo})
		began := time.Now()
		for _, b := range frame(`[0, 0, "slow"]`) {
			time.Sleep(time.Hour)
			peer.write([]byte{b})
		}
		peer.expect(`[1, 0, "slow"]`)
		require.Equal(t, 18*time.Hour, time.Since(began))
		require.NoError(t, c.Err())
	})
}

// Two ends keep an idle connection for ever.
func TestTwoIdleEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		cfg := channel.Config{Extended: true, KeepAlive: time.Minute, Handler: echo}
		client, server := connect(t, "local://idle", cfg, cfg)
		time.Sleep(24 * time.Hour)
		require.NoError(t, client.Err())
		_, err := server.Call(t.Context(), 1)
		require.NoError(t, err)
	})
}

// A side that has too many requests to read on does not take its peer for silent, and gives
// signs of life itself.
func TestKeepAliveOfABusySide(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, peer := newScripted(t, channel.Config{Extended: true, KeepAlive: time.Minute, MaxRequests: 1,
			Handler: func(context.Context, *channel.Conn, codec.Raw) (any, error) {
				time.Sleep(10*time.Minute - time.Second)
				return 1, nil
			}})
		began := time.Now()
		peer.send(`[0, 0, null]`)
		peer.send(`[0, 1, null]`)
		for i := range 9 {
			peer.expect(`[4, null, null]`)
			require.Equal(t, time.Duration(i+1)*time.Minute, time.Since(began))
		}
		peer.expect(`[1, 0, 1]`)
		peer.send(`[5, null, null]`)
		require.NoError(t, c.Err())
	})
}
