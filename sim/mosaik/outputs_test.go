package mosaik

import (
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

func TestTime(t *testing.T) {
	s := New(Config{})
	s.env = &sim.Env{Resolution: 500 * time.Millisecond}
	for raw, want := range map[string]sim.Time{
		"0": 0, "7": 3500 * sim.Time(time.Millisecond), "true": 500 * sim.Time(time.Millisecond), "false": 0,
		"9223372036854775807": sim.Never - 1, "100000000000000000000": sim.Never - 1, "18446744073": 9223372036500 * sim.Time(time.Millisecond),
	} {
		got, err := s.time(codec.Raw(raw))
		require.NoError(t, err, raw)
		require.Equal(t, want, got, raw)
	}
	for raw, want := range map[string]string{
		"-1": "is negative: -1", "-100000000000000000000": "is negative", "1.0": "is a float, 1.0", "NaN": "is a float, NaN", `"1"`: `is a string, "1"`, "null": "is null",
	} {
		_, err := s.time(codec.Raw(raw))
		require.ErrorContains(t, err, want, raw)
	}
	require.Equal(t, int64(math.MaxInt64), int64(sim.Never))
}

// FuzzData: whatever a program answers to get_data and step, it is taken or
// refused.
func FuzzData(f *testing.F) {
	f.Add(`{"a": {"x": 1, "y": NaN}, "b": {"x": {"deep": [1, 2]}}, "time": 5}`)
	f.Add(`{"b": {"x": 1}, "a": {"y": null, "x": 2, "z": 3}}`)
	f.Add(`{"a": {"x": 1}, "a": {"y": 2}}`)
	f.Add(`{"time": {"x": 1}}`)
	f.Add(`12`)
	f.Fuzz(func(t *testing.T, text string) {
		s := New(Config{})
		s.env = &sim.Env{ID: "s", Resolution: time.Second}
		m := &sim.Model{Name: "M", Attrs: []sim.Attr{{Name: "x", Output: true}, {Name: "y", Output: true, Event: true}, {Name: "z", Output: true}}}
		s.models = map[string]*sim.Model{"a": m, "b": m, "c": m}
		s.outputs = s.wireOutputs([]sim.WiredOutput{{Entity: "a", Attr: "x"}, {Entity: "a", Attr: "y"}, {Entity: "b", Attr: "x"}})
		if err := s.take(codec.Raw(text), &sim.Step{}); err == nil {
			_, err := codec.JSON.SplitMap(nil, codec.Raw(text))
			require.NoError(t, err)
		}
		if next, err := s.next(codec.Raw(text), 0); err == nil {
			require.Positive(t, next)
		}
	})
}
