package sim_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// bells is a hybrid simulator whose one entity has two outputs for events. It rings each
// of them at the times given, in seconds.
type bells struct {
	low, high           sim.Output
	lowTimes, highTimes map[int]bool
}

func (b *bells) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Type: sim.Hybrid, Models: []sim.Model{{Name: "M", Attrs: []sim.Attr{
		{Name: "low", Output: true, Event: true}, {Name: "high", Output: true, Event: true},
	}}}}, nil
}

func (b *bells) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "m0", Model: "M", Outputs: map[string]*sim.Output{"low": &b.low, "high": &b.high}}}, nil
}

func (b *bells) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	t := int(s.Time() / second)
	if b.lowTimes[t] {
		b.low.SetValue(sim.Text("low at " + s.Time().String()))
	}
	if b.highTimes[t] {
		b.high.SetValue(sim.Text("high at " + s.Time().String()))
	}
	return s.Time() + second, nil
}

func (b *bells) Close() error { return nil }

// Of events that one entity has put out for one input the newest is the last one: by time, and
// of one step that of the output which was connected last, wherever to.
func TestNewestEventOfEntityComesLast(t *testing.T) {
	b := &bells{lowTimes: map[int]bool{1: true, 6: true, 11: true}, highTimes: map[int]bool{3: true, 7: true, 11: true}}
	w := newWorld(t)
	reader, other := &fake{step: every(5*second, nil)}, &fake{step: every(5*second, nil)}
	w.add("reader", reader)
	w.add("other", other)
	w.es["bells"] = create(t, w.World, "bells", b, "M", nil)
	w.connect("bells", "low", "other", "quiet", sim.ConnectOptions{Shift: time.Second, HasInitial: true})
	w.connect("bells", "high", "reader", "quiet", sim.ConnectOptions{})
	w.connect("bells", "low", "reader", "quiet", sim.ConnectOptions{})
	require.NoError(t, w.run(20*second))
	require.Equal(t, []string{
		"0s:",
		`5s: quiet bells.m0="low at 1s" quiet bells.m0="high at 3s"`,
		`10s: quiet bells.m0="low at 6s" quiet bells.m0="high at 7s"`,
		`15s: quiet bells.m0="low at 11s" quiet bells.m0="high at 11s"`,
	}, reader.log)
}
