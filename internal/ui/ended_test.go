package ui

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// endedRun makes the folder of a run that ended with failure, if it is not nil.
func endedRun(t *testing.T, failure error) (*results.Stored, *sim.Memory) {
	dir := t.TempDir()
	folder, err := results.Create(dir, results.Info{Name: "short", Until: 100 * sim.Time(time.Second), Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	require.NoError(t, err)
	require.NoError(t, os.MkdirAll(folder.LogDir(), 0o755))
	require.NoError(t, os.WriteFile(filepath.Join(folder.LogDir(), "house.log"), []byte("hello\n"), 0o644))
	w := sim.NewWorld(sim.Config{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)})
	defer w.Close()
	add := func(name string) *sim.Entity {
		in, err := w.Add(t.Context(), name, sim.NewModel[ramp](sim.ModelConfig{Name: "Ramp", Step: time.Second}), sim.AddOptions{})
		require.NoError(t, err)
		es, err := in.Create(t.Context(), "Ramp", 1, nil)
		require.NoError(t, err)
		return es[0]
	}
	house, other := add("house"), add("other")
	memory := new(sim.Memory)
	for _, sink := range []sim.Sink{folder.Sink(), memory} {
		require.NoError(t, w.Record(sink, 0, sim.Ref{Entity: house, Attr: "out"}, sim.Ref{Entity: other, Attr: "out"}))
	}
	require.NoError(t, folder.Describe(w))
	folder.Warn("something looked wrong")
	summary, err := w.Run(t.Context(), sim.RunOptions{Until: 100 * sim.Time(time.Second)})
	require.NoError(t, err)
	require.NoError(t, folder.Finish(summary, failure))
	run, err := results.Open(dir)
	require.NoError(t, err)
	return run, memory
}

func TestEndedRunShowsItsFolder(t *testing.T) {
	run, memory := endedRun(t, nil)
	e := NewEnded(run)
	s := e.State()
	assert.Equal(t, phaseDone, s.Phase)
	assert.Equal(t, 100.0, s.Reached)
	assert.Equal(t, int64(200), s.Steps)
	assert.Equal(t, int64(400), s.Rows, "of two series in two sinks")
	require.Len(t, s.Sims, 2)
	assert.Equal(t, int64(100), s.Sims[0].Steps)
	assert.Equal(t, 1.0, s.Sims[0].Step)
	assert.Equal(t, []SimInfo{{"house", []string{"1 Ramp"}}, {"other", []string{"1 Ramp"}}}, e.About().Sims)
	assert.False(t, e.About().Live)

	found, n := e.Find("other")
	require.Equal(t, 1, n)
	require.NoError(t, e.Choose([]int{found[0].ID}))
	p := e.News(found[0].ID, new(shown))
	_, values := memory.Floats("other.Ramp-0", "out")
	assert.Equal(t, values, p.V)
	assert.Equal(t, "99", strings.TrimSuffix(p.Latest, ".0"))
	assert.Empty(t, e.News(1-found[0].ID, new(shown)).T, "nobody has chosen it")
	require.NoError(t, e.Choose([]int{12345}), "of nothing nothing is shown")

	lines := e.Lines(0)
	require.Len(t, lines, 2)
	assert.Equal(t, "something looked wrong", lines[0].Text)
	assert.Equal(t, "hello", lines[1].Text)
	assert.Len(t, e.Lines(1), 1)
	assert.Empty(t, e.Lines(7))
	assert.Error(t, e.Act(Action{Do: "pause"}))
	select {
	case <-e.Over():
	default:
		t.Error("it is over")
	}
}

func TestPhaseOfAnEndedRun(t *testing.T) {
	run, _ := endedRun(t, nil)
	m := &run.Manifest
	m.Complete, m.Error = false, "t=5s: simulator \"house\": step: on fire"
	assert.Equal(t, phaseFailed, NewEnded(run).State().Phase)
	m.Error = "interrupted at t=5s"
	assert.Equal(t, phaseStopped, NewEnded(run).State().Phase)
	m.Simulators[0].Failed, m.Error = true, "t=5s: simulator \"house\": step: interrupted: storm"
	assert.Equal(t, phaseFailed, NewEnded(run).State().Phase, "whatever a failure is called")
	m.Error, m.Wall.End = "", nil
	assert.Equal(t, phaseStopped, NewEnded(run).State().Phase)
	assert.Contains(t, NewEnded(run).State().Error, "killed")
}

// Of a run that was killed the manifest knows only what was known before it began.
func TestKilledRunShowsWhatItHasWritten(t *testing.T) {
	run, _ := endedRun(t, nil)
	m := &run.Manifest
	m.Complete, m.Rows, m.Wall, m.Virtual.Reached = false, 0, results.Wall{Begin: m.Wall.Begin}, "0"
	for i, s := range m.Simulators {
		m.Simulators[i] = results.Simulator{Name: s.Name, Entities: s.Entities}
	}
	e := NewEnded(run)
	s := e.State()
	assert.Equal(t, phaseStopped, s.Phase)
	assert.Equal(t, 99.0, s.Reached, "that is the time of the last value")
	assert.Equal(t, int64(200), s.Rows)
	assert.Len(t, e.About().Sims, 2)
	assert.Empty(t, s.Sims, "what they have cost is not known")
	metrics := string(appendMetrics(nil, s))
	assert.Contains(t, metrics, "\nsimrun_virtual_seconds 99\n")
	assert.Contains(t, metrics, "\nsimrun_recorded_values_total 200\n")

	// Its trace knows more.
	steps := []sim.TraceStep{{Stamp: scheduler.Stamp{Time: sim.Time(98 * time.Second)}}, {Stamp: scheduler.Stamp{Time: sim.Time(99500 * time.Millisecond)}}}
	require.NoError(t, e.Trace(func() (*sim.TraceStep, error) {
		if len(steps) == 0 {
			return nil, io.EOF
		}
		step := steps[0]
		steps = steps[1:]
		return &step, nil
	}))
	assert.Equal(t, 99.5, e.State().Reached)
	assert.Equal(t, int64(2), e.State().Steps)

	require.NoError(t, os.Remove(filepath.Join(run.Dir, "results.csv")))
	assert.Contains(t, NewEnded(run).State().Error, "Not all of it can be read: ")
}

func TestEndedRunShowsWhoFailed(t *testing.T) {
	states := func(failure error) map[string]string {
		run, _ := endedRun(t, failure)
		found := make(map[string]string)
		for _, s := range NewEnded(run).State().Sims {
			found[s.Name] = s.State
		}
		return found
	}
	fire := errors.New("on fire")
	assert.Equal(t, map[string]string{"house": "stopped", "other": "failed"}, states(fmt.Errorf("run: %w", &sim.SimulatorError{Sim: "other", Op: "step", Err: fire})))
	assert.Equal(t, map[string]string{"house": "stopped", "other": "stopped"}, states(fire), "it was neither")
}

func TestEndedRunWhoseValuesCannotBeRead(t *testing.T) {
	run, _ := endedRun(t, nil)
	require.NoError(t, os.Remove(filepath.Join(run.Dir, "results.csv")))
	e := NewEnded(run)
	assert.ErrorContains(t, e.Choose([]int{0}), "results.csv")
	assert.ErrorContains(t, e.Choose([]int{0}), "results.csv", "also of what has been tried before")
}

func TestMessagesOfAgents(t *testing.T) {
	event := func(kind container.MessageKind, fate container.Fate, content, failure string) sim.AgentEvent {
		return sim.AgentEvent{Time: sim.Time(90 * time.Minute), Round: 2, Message: &container.Message{Kind: kind, Fate: fate, From: "a", To: "b", Method: "offer",
			Content: []byte(content), Err: failure}}
	}
	steps := []sim.TraceStep{{Agents: []sim.AgentEvent{{Agent: "a"}, event(container.CallMessage, container.Arrived, `[1,"x"]`, "")}},
		{Agents: []sim.AgentEvent{
			event(container.AnswerMessage, container.Arrived, "3", ""),
			event(container.AnswerMessage, container.Arrived, "", "no such method"),
			event(container.OneWayMessage, container.Lost, `{"args":[],"kwargs":{"price":3}}`, ""),
			event(container.CallMessage, container.Arrived, "["+strings.Repeat("1,", 1000)+"1]", ""),
		}}}
	want := []string{`offer(1,"x")`, "3", "no such method", `offer {"args":[],"kwargs":{"price":3}}`}
	check := func(t *testing.T, got []Message) {
		require.Len(t, got, 5)
		for i, text := range want {
			assert.Equal(t, text, got[i].Text)
		}
		assert.Equal(t, Message{Number: 1, At: 5400, Round: 2, Kind: "call", Fate: "arrived", From: "a", To: "b", Text: want[0]}, got[0])
		assert.Equal(t, "lost", got[3].Fate)
		assert.Less(t, len(got[4].Text), 100)
	}
	t.Run("live", func(t *testing.T) {
		live := NewLive(LiveConfig{LogDir: t.TempDir(), Control: new(sim.Control)})
		traced := &written{}
		require.NoError(t, live.Tracer(traced).Write(steps))
		check(t, live.Messages(0))
		assert.Len(t, live.Messages(4), 1)
		assert.Equal(t, len(steps), traced.steps, "what is traced is passed on")
	})
	t.Run("from a trace", func(t *testing.T) {
		e := &Ended{}
		i := -1
		require.NoError(t, e.Trace(func() (*sim.TraceStep, error) {
			if i++; i == len(steps) {
				return nil, io.EOF
			}
			return &steps[i], nil
		}))
		check(t, e.Messages(0))
		broken := errors.New("half a trace")
		assert.ErrorIs(t, e.Trace(func() (*sim.TraceStep, error) { return nil, broken }), broken)
	})
}

type written struct{ steps int }

func (*written) Begin(sim.TraceWorld) error { return nil }

func (w *written) Write(steps []sim.TraceStep) error { w.steps += len(steps); return nil }

func TestOnlyTheNewestAreKept(t *testing.T) {
	var l last[int]
	for i := range 5000 {
		l.add(func(n int) int { require.Equal(t, i+1, n); return n })
		require.LessOrEqual(t, len(l.all), 2*mostKept)
	}
	assert.Equal(t, []int{4998, 4999, 5000}, l.after(4997))
	assert.Len(t, l.after(0), mostKept)
	assert.Empty(t, l.after(5000))
}

func TestLogFilesAreFollowed(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "grid.log")
	files := newLogFiles(dir)
	assert.Empty(t, files.read())
	add := func(text string) {
		f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
		require.NoError(t, err)
		_, err = f.WriteString(text)
		require.NoError(t, errors.Join(err, f.Close()))
	}
	add("one\n\ntw")
	assert.Equal(t, []printed{{"grid", "one"}}, files.read())
	add("o\r\nthree\xff\n")
	assert.Equal(t, []printed{{"grid", "two"}, {"grid", "three?"}}, files.read())
	assert.Empty(t, files.read())
	add(strings.Repeat("x", 1000) + "\n")
	assert.Equal(t, []printed{{"grid", strings.Repeat("x", longestLine) + "..."}}, files.read())
	add("lost\n" + strings.Repeat("y\n", mostRead) + "the end\n")
	all := files.read()
	assert.Equal(t, printed{"grid", "the end"}, all[len(all)-1], "of much the end is shown")
	assert.Less(t, len(all), mostRead)
	assert.Nil(t, newLogFiles(filepath.Join(dir, "nowhere")).read())
}
