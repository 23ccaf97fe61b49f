package mosaik_test

import (
	"context"
	"net"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// hanging returns a program that answers no step that begins when the run has been cancelled.
func hanging(t *testing.T, run context.Context) *mosaik.Simulator {
	var r rpc.Router
	reply := func(method, result string) {
		r.Handle(method, func(context.Context, *rpc.Invocation) (any, error) { return codec.Raw(result), nil })
	}
	reply("init", `{"api_version": "3.0", "type": "time-based", "models": {"M": {"public": true, "params": [], "attrs": ["x"]}}}`)
	reply("create", `[{"eid": "m", "type": "M"}]`)
	reply("setup_done", "null")
	reply("stop", "null")
	r.Handle("step", func(ctx context.Context, in *rpc.Invocation) (any, error) {
		now, err := in.Int(0)
		if run.Err() != nil {
			<-ctx.Done()
		}
		return now + 1, err
	})
	here, there := net.Pipe()
	program := channel.New(there, channel.Config{Handler: r.Serve, Workers: 1, Failure: channel.FailureList})
	t.Cleanup(func() { _ = program.Close() })
	return mosaik.NewOn(here, mosaik.Config{})
}

// canceller is a simulator that cancels the run in one of its steps.
type canceller struct {
	at     sim.Time
	cancel context.CancelFunc
}

func (*canceller) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Type: sim.TimeBased}, nil
}

func (*canceller) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return nil, nil
}

func (c *canceller) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	if s.Time() == c.at {
		time.Sleep(time.Millisecond) // the other one has answered
		c.cancel()
		time.Sleep(time.Millisecond) // whoever watches the context has seen that
	}
	return s.Time() + sim.Time(time.Second), nil
}

// A step that begins when the run has just been cancelled, which the run loop has not seen
// yet, is not waited for.
func TestStepAfterTheEnd(t *testing.T) {
	for at := range 20 {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithCancel(t.Context())
			defer cancel()
			w := sim.NewWorld(sim.Config{})
			_, err := w.Add(ctx, "go", &canceller{sim.Time(at) * sim.Time(time.Second), cancel}, sim.AddOptions{})
			require.NoError(t, err)
			in, err := w.Add(ctx, "program", hanging(t, ctx), sim.AddOptions{})
			require.NoError(t, err)
			_, err = in.Create(ctx, "M", 1, nil)
			require.NoError(t, err)
			began := time.Now()
			_, err = w.Run(ctx, sim.RunOptions{Until: sim.Time(time.Hour)})
			assert.ErrorIs(t, err, sim.ErrInterrupted)
			assert.Less(t, time.Since(began), 10*time.Millisecond)
			assert.NoError(t, w.Close())
		})
	}
}
