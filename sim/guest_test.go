package sim_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// visitor tells what it sees in the world of somebody else.
type visitor struct {
	loud, calm sim.Input
	held, bang sim.Output
	wired      []string
	seen       string
	do         func(v *visitor, s *sim.Step) (sim.Time, error)
}

func (v *visitor) Init(context.Context, *sim.Env) (sim.Meta, error) {
	return sim.Meta{Type: sim.Hybrid, Models: []sim.Model{{Name: "V", Attrs: []sim.Attr{
		{Name: "loud", Input: true, Trigger: true}, {Name: "calm", Input: true},
		{Name: "held", Output: true}, {Name: "bang", Output: true, Event: true}}}}}, nil
}

func (v *visitor) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "v", Model: "V", Inputs: map[string]*sim.Input{"loud": &v.loud, "calm": &v.calm},
		Outputs: map[string]*sim.Output{"held": &v.held, "bang": &v.bang}}}, nil
}

func (v *visitor) Wire(w sim.Wiring) { v.wired = append(v.wired, fmt.Sprint(len(w.Inputs))) }

func (v *visitor) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	v.seen = fmt.Sprint(s.Time(), " +", s.Elapsed(), " to ", s.MaxAdvance())
	v.seen += fmt.Sprintf(" calm %v %v", v.calm.Connected(), v.calm.Fresh())
	v.seen += fmt.Sprintf(" loud %v %v", v.loud.Connected(), v.loud.Fresh())
	for src, value := range v.loud.Sources() {
		v.seen += fmt.Sprintf(" %s=%v", src, value)
	}
	return v.do(v, s)
}

func TestGuest(t *testing.T) {
	v := &visitor{}
	g, err := sim.NewGuest(t.Context(), "S", v, sim.GuestConfig{Resolution: time.Second})
	require.NoError(t, err)
	es, err := g.Instance().Create(t.Context(), "V", 1, nil)
	require.NoError(t, err)
	output := func(attr string) string {
		value, present, err := g.Output(t.Context(), es[0], attr)
		require.NoError(t, err)
		return fmt.Sprintf("%v %v", value, present)
	}
	never := func(*visitor, *sim.Step) (sim.Time, error) { return sim.Never, nil }
	loud := func(source string, value int64) sim.GuestInput {
		return sim.GuestInput{Entity: "v", Attr: "loud", Source: source, Value: sim.Int(value)}
	}
	for _, step := range []struct {
		at     int
		inputs []sim.GuestInput
		do     func(v *visitor, s *sim.Step) (sim.Time, error)
		seen   string
		held   string
		bang   bool // is there
	}{
		{0, nil, never, "0s +0s to 9s calm false false loud false false", "null false", false},
		{1, []sim.GuestInput{loud("A.a", 1), loud("B.b", 2)}, func(v *visitor, s *sim.Step) (sim.Time, error) {
			v.held.Set(1)
			v.bang.Set(2)
			return sim.Never, s.SetOutputTime(at(3))
		}, "1s +1s to 9s calm false false loud true true A.a=1 B.b=2", "1.0 true", true},
		// In the order in which they come now; what does not come is not there.
		{1, []sim.GuestInput{loud("C.c", 3), loud("B.b", 4), {Entity: "v", Attr: "calm", Source: "A.a"}}, never,
			"1s +0s to 9s calm true false loud true true C.c=3 B.b=4", "1.0 true", false},
		{4, nil, func(v *visitor, _ *sim.Step) (sim.Time, error) { v.held.Omit(); return sim.Never, nil },
			"4s +3s to 9s calm true false loud true false", "null false", false},
	} {
		v.do = step.do
		next, out, err := g.Step(t.Context(), at(step.at), at(9), step.inputs)
		require.NoError(t, err)
		require.Equal(t, sim.Never, next)
		require.Equal(t, step.seen, v.seen)
		require.Equal(t, step.held, output("held"))
		_, present, err := g.Output(t.Context(), es[0], "bang")
		require.NoError(t, err)
		require.Equal(t, step.bang, present)
		require.Equal(t, map[bool]sim.Time{true: at(3), false: at(step.at)}[present], out)
	}
	require.Equal(t, []string{"0", "1", "2"}, v.wired, "again, when there is a new input")

	_, _, err = g.Output(t.Context(), es[0], "hel")
	require.ErrorContains(t, err, `S.v has no output "hel"; did you mean "held"?`)
	_, _, err = g.Step(t.Context(), at(5), at(9), []sim.GuestInput{{Entity: "w"}})
	require.EqualError(t, err, `t=5s: simulator "S": step: there are inputs for an entity "w", which it has not created`)
	require.NoError(t, g.Close())
}

func at(seconds int) sim.Time { return sim.Time(seconds) * sim.Time(time.Second) }
