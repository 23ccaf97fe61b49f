package mosaik_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// TestStartAheadOfInit connects to a program before there is a world. A program
// that asks for something by then is refused, not answered from nowhere.
func TestStartAheadOfInit(t *testing.T) {
	var router rpc.Router
	inits := 0
	router.Handle("init", func(context.Context, *rpc.Invocation) (any, error) {
		inits++
		return codec.Raw(`{"api_version": "3.0", "type": "time-based", "models": {}}`), nil
	})
	router.Handle("stop", func(context.Context, *rpc.Invocation) (any, error) { return nil, nil })
	l, err := channel.Listen("127.0.0.1:0", channel.Config{Handler: router.Serve, Workers: 1})
	require.NoError(t, err)
	defer l.Close()

	s := mosaik.New(mosaik.Config{Connect: strings.TrimPrefix(l.Addr(), "tcp://")})
	require.NoError(t, s.Start(t.Context()))
	conn, err := l.Accept(t.Context())
	require.NoError(t, err)
	early, err := conn.Start(t.Context(), &rpc.Request{Path: "get_progress"})
	require.NoError(t, err)
	_, err = early[0].Wait(t.Context())
	require.ErrorContains(t, err, "from init on")

	w := newWorld(t)
	_, err = w.Add(t.Context(), "house", s, sim.AddOptions{})
	require.NoError(t, err)
	require.Equal(t, 1, inits)
}

// TestStartWithoutInit ends a program that never became part of a world.
func TestStartWithoutInit(t *testing.T) {
	s := mosaik.New(mosaik.Config{CommandLine: "no-such-program {addr}"})
	require.ErrorContains(t, s.Start(t.Context()), "no-such-program")
	require.NoError(t, s.Close())
	require.Error(t, mosaik.New(mosaik.Config{}).Start(t.Context()))
}
