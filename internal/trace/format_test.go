package trace

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// everything is a trace with all that there can be in one.
func everything() (Header, []sim.TraceStep) {
	h := Header{About: About{Scenario: "all", Digest: "abc", Overrides: []string{"seed=3"}, Version: "1", Containers: []string{"north"}},
		World: sim.TraceWorld{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), Until: scheduler.Hour, Seed: 3,
			Sims: []sim.TraceSim{{Name: "a", Type: sim.TimeBased, Places: scheduler.Places{1, 2}, First: []sim.Time{0}}, {Name: "b", Type: sim.Hybrid}},
			Outputs: []sim.TraceOutput{{Sim: 0, Entity: "a.x", Attr: "p", Unit: "kW"}, {Sim: 0, Entity: "a.x", Attr: "q", Event: true},
				{Sim: 1, Entity: "b.y", Attr: "p"}},
			Connections: []sim.TraceConnection{{Output: 1, Sim: 1, Entity: "b.y", Attr: "in", Delay: scheduler.NewDelay(time.Second, 2, true), Event: true, Trigger: true}}}}
	var values []sim.TraceValue
	for _, v := range []sim.Value{sim.Null, sim.Bool(true), sim.Bool(false), sim.Int(math.MinInt64), sim.Int(7), sim.Float(1.5), sim.Float(math.NaN()),
		sim.Float(math.Inf(-1)), sim.Text("täxt"), sim.Text(""), sim.RawValue(codec.Raw(`{"a": [1.50]}`))} {
		values = append(values, sim.TraceValue{Output: len(values) % 3, Value: v})
	}
	values = append(values, sim.TraceValue{Output: 2, Omitted: true})
	return h, []sim.TraceStep{
		{Sim: 0, Next: 900 * scheduler.Second, Values: values},
		{Sim: 1, Stamp: scheduler.Stamp{Tier: 1<<34 + 5}, Next: sim.Never, Output: 10, External: true,
			Requests: []sim.TraceRequest{{Set: true, Entity: "a.x", Attr: "in", Source: "b.y", Value: sim.Int(1)}, {Entity: "a.x", Attr: "p", Value: sim.Null}},
			Agents: []sim.AgentEvent{{Time: 0, Round: 3, Key: 1 << 60, Agent: "anna", Behaviour: "Start"},
				{Agent: "anna", Key: 5, Message: &container.Message{Kind: container.CallMessage, From: "anna", To: "bob", Method: "m", Sent: 1 << 60, Content: codec.Raw(`[1]`)}},
				{Agent: "bob", Message: &container.Message{Kind: container.AnswerMessage, From: "bob", To: "anna", Err: "no"}},
				{Agent: "bob", Message: &container.Message{Kind: container.OneWayMessage, Fate: container.Lost, From: "bob", To: "anna", Content: codec.Raw(`{}`)}}}},
		{Sim: 0, Stamp: scheduler.Stamp{Time: 900 * scheduler.Second}, Next: sim.Never, Output: 900 * scheduler.Second, Unsettled: true, Err: "it is broken"},
	}
}

func write(t testing.TB, end *End) string {
	h, steps := everything()
	path := filepath.Join(t.TempDir(), "trace.zst")
	w, err := Create(path, h.About)
	require.NoError(t, err)
	require.NoError(t, w.Begin(h.World))
	for i := range steps {
		require.NoError(t, w.Write(steps[i:i+1]))
	}
	if end != nil {
		require.NoError(t, w.Close(*end))
	} else { // as if it were killed
		require.NoError(t, w.file.Close())
	}
	return path
}

func readAll(r *Reader) (steps []sim.TraceStep, err error) {
	for {
		s, err := r.Next()
		if errors.Is(err, io.EOF) {
			return steps, nil
		}
		if err != nil {
			return steps, err
		}
		steps = append(steps, copied(s))
	}
}

func TestWhatIsWrittenIsRead(t *testing.T) {
	h, want := everything()
	end := End{Complete: true, Reached: scheduler.Hour, Err: "not really"}
	for _, e := range []*End{&end, nil} {
		r, err := Open(write(t, e))
		require.NoError(t, err)
		require.Equal(t, &h, r.Header)
		got, err := readAll(r)
		require.NoError(t, err)
		require.Equal(t, e, r.End())
		require.Len(t, got, len(want))
		for i := range want {
			require.True(t, slices.EqualFunc(want[i].Values, got[i].Values, func(a, b sim.TraceValue) bool {
				return a.Output == b.Output && a.Omitted == b.Omitted && sameValue(a.Value, b.Value)
			}), "%v\n%v", want[i].Values, got[i].Values)
			a, b := want[i], got[i]
			a.Values, b.Values = nil, nil
			require.Equal(t, a, b)
		}
		require.NoError(t, r.Close())
	}
}

func TestNothingIsOverwritten(t *testing.T) {
	path := write(t, nil)
	_, err := Create(path, About{})
	require.EqualError(t, err, "trace "+path+": file exists; choose another place, or make room there")
}

// A trace that is cut anywhere gives what was there, and no error once there is a header.
func TestCutTraces(t *testing.T) {
	whole, err := os.ReadFile(write(t, &End{}))
	require.NoError(t, err)
	before := 0
	for n := range whole {
		r, err := newReader("x", bytes.NewReader(whole[:n]))
		if err != nil {
			require.Zero(t, before)
			continue
		}
		steps, err := readAll(r)
		require.NoError(t, err, "of %d bytes %d", len(whole), n)
		require.GreaterOrEqual(t, len(steps), before)
		before = len(steps)
		require.NoError(t, r.Close())
	}
	require.Equal(t, 3, before)
}

func TestOtherVersions(t *testing.T) {
	z, err := zstd.NewWriter(nil)
	require.NoError(t, err)
	_, err = newReader("x", bytes.NewReader(z.EncodeAll([]byte("simrun trace 2\n....."), nil)))
	require.EqualError(t, err, `trace x: it is of another version, "simrun trace 2\n"; this program reads "simrun trace 1\n"; use the simrun that wrote it`)
}

func TestDamagedTraces(t *testing.T) {
	text, err := os.ReadFile(write(t, &End{}))
	require.NoError(t, err)
	for i := len(text) / 2; i < len(text)/2+20; i++ {
		text[i] ^= 0xff
	}
	r, err := newReader("x", bytes.NewReader(text))
	if err == nil {
		_, err = readAll(r)
	}
	require.ErrorContains(t, err, "trace x: it is damaged (")
	require.ErrorContains(t, err, "); copy it again if it was not copied whole, or run the scenario again")
}

// Whatever a file holds, reading it ends, with steps whose parts refer to something,
// so that they can be replayed and told.
func FuzzReader(f *testing.F) {
	h, steps := everything()
	w := &Writer{about: h.About, names: make(map[string]uint64)}
	header, err := h.encode()
	require.NoError(f, err)
	for i := range steps {
		require.NoError(f, w.step(&steps[i]))
	}
	f.Add(header, w.buf)
	f.Add([]byte(`{"simulators":[{"name":"a","type":"hybrid"}],"until":-5}`), []byte{stepRecord, 0, 0, 0, 0, 0, 0, 0, 0, 0})
	f.Add(header, append(slices.Clone(w.buf), endRecord, 1, 4, 0))
	f.Fuzz(func(t *testing.T, header, records []byte) {
		b := &Writer{}
		b.buf = append(b.buf, magic...)
		b.text(header)
		r := &Reader{path: "x", in: bufio.NewReader(bytes.NewReader(append(b.buf, records...)))}
		if err := r.readHeader(); err != nil {
			return
		}
		filter := Filter{To: sim.Never}
		text, lines, perfetto := NewText(io.Discard, r.Header), NewJSON(io.Discard, r.Header), NewPerfetto(io.Discard, r.Header)
		_ = filter.Each(r, func(item *Item) error { // or an error that says why not
			return errors.Join(text.Item(item), lines.Item(item), perfetto.Item(item))
		})
		require.NoError(t, perfetto.Close())
	})
}
