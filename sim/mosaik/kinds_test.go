package mosaik_test

import (
	"context"
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// kindsOfValues are values of all kinds, at the limits of what numbers and texts can be.
func kindsOfValues() []sim.Value {
	values := []sim.Value{sim.Null, sim.Bool(true), sim.Bool(false)}
	for _, raw := range []string{"true", "-0.0", "1", "1.0", "1E5", "1e400", "-1e400", "1e-400", "9007199254740993", "9223372036854775808",
		"-9223372036854775809", "1e22", "2.50", "NaN", "Infinity", "-Infinity", `"\u0000"`, `"a\r\nb"`, `"\u00e4\ud83d\ude00"`, `"\ud800"`,
		"[]", "{}", "[1, \n2]", "[NaN]", `{"b":1,"a":[null,-0.0,"x\ny"]}`, `{"time": 5}`} {
		values = append(values, sim.RawValue(codec.Raw(raw)))
	}
	for _, v := range []any{math.Copysign(0, -1), math.NaN(), math.Inf(1), math.SmallestNonzeroFloat64, math.MaxFloat64, 1e21, 0.1, 0, 1<<53 + 1,
		math.MaxInt64, math.MinInt64, uint8(3), uint64(math.MaxUint64), float32(0.1), new(big.Int).Lsh(big.NewInt(1), 70), "", "null", "\x00", `"`, "ü😀",
		"<&>", "\xed\xa0\x80", []any{}, []any{nil, 1, "x"}, []float64{1, math.NaN()}, map[string]any{"b": math.Inf(1), "a": []int{}}} {
		values = append(values, sim.ValueOf(v))
	}
	return values
}

// meaning is what a Go model can find out about a value.
func meaning(v sim.Value) string {
	plain, err := v.Any()
	if err != nil {
		return err.Error()
	}
	if f, ok := plain.(float64); ok { // of many NaN, JSON knows one
		plain = fmt.Sprint("float ", f, math.Signbit(f) && f == f)
	}
	if _, isText := plain.(string); !isText {
		text, err := codec.JSON.Append(nil, plain)
		plain = fmt.Sprint(string(text), err)
	}
	f, err := v.Float64()
	return fmt.Sprintf("%q %v %t %t", plain, f, err == nil, v.IsNull())
}

// station is the first, the middle or the last on the way of values.
type station struct {
	typ         sim.Type
	step        func(*station, *sim.Step) sim.Time
	in, eventIn sim.Input
	out, event  sim.Output
	heard       []string
}

func (s *station) Init(context.Context, *sim.Env) (sim.Meta, error) {
	trigger := s.typ == sim.Hybrid
	return sim.Meta{Type: s.typ, Models: []sim.Model{{Name: "Echo", Attrs: []sim.Attr{{Name: "in", Input: true, Trigger: trigger},
		{Name: "event_in", Input: true, Trigger: trigger}, {Name: "out", Output: true}, {Name: "event", Output: true, Event: true}}}}}, nil
}

func (s *station) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	return []sim.NewEntity{{ID: "e", Model: "Echo", Inputs: map[string]*sim.Input{"in": &s.in, "event_in": &s.eventIn},
		Outputs: map[string]*sim.Output{"out": &s.out, "event": &s.event}}}, nil
}

func (s *station) Step(_ context.Context, step *sim.Step) (sim.Time, error) {
	return s.step(s, step), nil
}

func hand(s *station, _ *sim.Step) sim.Time {
	for _, v := range s.in.Sources() {
		s.out.SetValue(v)
	}
	for _, v := range s.eventIn.Sources() {
		s.event.SetValue(v)
	}
	return sim.Never
}

func hear(s *station, step *sim.Step) sim.Time {
	line := step.Time().String()
	for _, v := range s.in.Sources() {
		line += " " + meaning(v)
	}
	for _, v := range s.eventIn.Sources() {
		line += ", event " + meaning(v)
	}
	s.heard = append(s.heard, line)
	return sim.Never
}

// Values of all kinds, persistent ones and events, mean the same to a Go model wherever they come from and who has
// handed them on: a Go model, one that is served as a program, or a program in Python.
func TestValuesOfAllKindsThroughPrograms(t *testing.T) {
	all := kindsOfValues()
	run := func(t *testing.T, opts sim.ConnectOptions, served map[string]bool, relay *mosaik.Config) []string {
		w := newWorld(t)
		var ends []func() error
		place := func(name string, s sim.Simulator) *sim.Entity {
			if served[name] {
				address, end := serveListening(t, s)
				ends = append(ends, end)
				s = mosaik.New(mosaik.Config{Connect: address})
			}
			in, err := w.Add(t.Context(), name, s, sim.AddOptions{})
			require.NoError(t, err)
			return create(t, in, "Echo", 1, nil)[0]
		}
		first := place("first", &station{typ: sim.TimeBased, step: func(s *station, step *sim.Step) sim.Time {
			v := all[int(step.Time()/seconds(1))]
			s.out.SetValue(v)
			s.event.SetValue(v)
			return step.Time() + seconds(1)
		}})
		var middle *sim.Entity
		if relay != nil {
			middle = place("middle", mosaik.New(*relay))
		} else {
			middle = place("middle", &station{typ: sim.Hybrid, step: hand})
		}
		ear := &station{typ: sim.Hybrid, step: hear}
		last := place("last", ear)
		require.NoError(t, w.Connect(first, "out", middle, "in", sim.ConnectOptions{}))
		require.NoError(t, w.Connect(first, "event", middle, "event_in", sim.ConnectOptions{}))
		require.NoError(t, w.Connect(middle, "out", last, "in", opts))
		require.NoError(t, w.Connect(middle, "event", last, "event_in", opts))
		_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(len(all))})
		require.NoError(t, err)
		require.NoError(t, w.Close())
		for _, end := range ends {
			require.NoError(t, end())
		}
		return ear.heard
	}
	python := peer(t, "echo.py")
	for name, opts := range map[string]sim.ConnectOptions{
		"plain":   {},
		"shifted": {Shift: time.Second, HasInitial: true, Initial: sim.ValueOf(float32(0.5))},
		"transformed": {Transform: func(v sim.Value) (sim.Value, error) {
			plain, err := v.Any()
			return sim.ValueOf(plain), err
		}},
	} {
		t.Run(name, func(t *testing.T) {
			want := run(t, opts, nil, nil)
			require.GreaterOrEqual(t, len(want), len(all))
			for _, served := range []map[string]bool{{"first": true}, {"middle": true}, {"last": true}, {"first": true, "middle": true, "last": true}} {
				require.Equal(t, want, run(t, opts, served, nil), "served: %v", served)
			}
			require.Equal(t, want, run(t, opts, nil, &python), "in Python")
		})
	}
}
