package mosaik_test

import (
	"context"
	"errors"
	"flag"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

var servedWorlds = flag.Int("served.worlds", 20, "random worlds of served simulators to run in mosaik")

// TestServeConformance runs random worlds in the real mosaik whose simulators are
// those in Go of TestConformance, served. They must see there what they see in
// simrun, but for the classes of differences of mosaik.
func TestServeConformance(t *testing.T) {
	reference := startReference(t, peertest.Python(t))
	equal, ran := 0, 0
	for seed := *conformanceFirst; ran < *servedWorlds; seed++ {
		w := worldtest.New(seed, worldtest.Options{Mosaik: true, Shift: 4})
		expected, err := w.Interpret(w.Generic)
		require.NoError(t, err)
		if expected.Beyond {
			continue // mosaik may wait for ever
		}
		ran++
		made := make([]*generic, len(w.Sims))
		addresses := map[string]string{}
		var ended []func() error
		for i, s := range w.Sims {
			made[i] = &generic{world: w, index: i}
			address, end := serveListening(t, made[i])
			addresses[s.Name], ended = address, append(ended, end)
		}
		run := reference(struct {
			*worldtest.World
			Addresses map[string]string `json:"addresses"`
		}{w, addresses})[0]
		for _, end := range ended {
			require.NoError(t, end(), "%s", w)
		}
		run.Steps = map[string][]*jsonStep{}
		for i, s := range w.Sims {
			run.Steps[s.Name] = made[i].made
		}
		classes, unexplained := compare(w, expected, run)
		assert.Empty(t, unexplained, "there is no reason: -conformance.seed=%d -served.worlds=1\n%s", w.Seed, w)
		if len(classes) == 0 {
			equal++
		}
	}
	t.Logf("%d worlds, in %d of them all the same", ran, equal)
	require.Greater(t, equal, ran/4, "that are not many")
}

// serveListening serves a simulator at an address. end waits until mosaik has
// stopped it.
func serveListening(t *testing.T, s sim.Simulator) (address string, end func() error) {
	t.Helper()
	return serveListeningAs(t, s, mosaik.ServeConfig{})
}

func serveListeningAs(t *testing.T, s sim.Simulator, cfg mosaik.ServeConfig) (address string, end func() error) {
	t.Helper()
	return serveAt(t, "127.0.0.1:0", s, cfg)
}

func serveAt(t *testing.T, at string, s sim.Simulator, cfg mosaik.ServeConfig) (address string, end func() error) {
	t.Helper()
	l, err := channel.Listen(at, channel.Config{})
	require.NoError(t, err)
	ended := make(chan error, 1)
	ctx, cancel := context.WithCancel(t.Context())
	t.Cleanup(cancel)
	go func() {
		err := mosaik.ServeListener(ctx, l, s, cfg)
		ended <- errors.Join(err, l.Close())
	}()
	return strings.TrimPrefix(l.Addr(), "tcp://"), func() error { return <-ended }
}
