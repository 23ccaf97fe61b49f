package progress_test

import (
	"bytes"
	"os"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/progress"
	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// screen is a writer that may be read while it is written.
type screen struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(p)
}

func (s *screen) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

const week = sim.Time(7 * 24 * time.Hour)

// steady is a run that takes so long for a week, seen at whatever time it is.
func steady(takes time.Duration) func() sim.Status {
	began := time.Now()
	return func() sim.Status {
		return sim.Status{Until: week, Reached: min(week, sim.Time(float64(week)*float64(time.Since(began))/float64(takes)))}
	}
}

func TestPlainLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := new(screen)
		d := progress.Start(progress.Config{Out: out, Mode: progress.Plain, Name: "district", Status: steady(40 * time.Second)}, week)
		time.Sleep(35 * time.Second)
		d.Stop()
		d.Stop()
		assert.Equal(t, ""+
			"district: 25%, 1 d 18 h of 7 d, 15.1 thousand x, 30 s left\n"+
			"district: 50%, 3 d 12 h of 7 d, 15.1 thousand x, 20 s left\n"+
			"district: 75%, 5 d 6 h of 7 d, 15.1 thousand x, 10 s left\n", out.String())
	})
}

func TestSlowestSimulatorIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := new(screen)
		began := time.Now()
		costs := func() []sim.Activity {
			own := func(share float64) sim.Stats {
				return sim.Stats{Own: time.Duration(share * float64(time.Since(began)))}
			}
			return []sim.Activity{{Sim: "pv", Stats: own(0.2)}, {Sim: "grid", Stats: own(0.7)}, {Sim: "load", Stats: own(0.05)}}
		}
		d := progress.Start(progress.Config{Out: out, Mode: progress.Plain, Name: "x", Status: steady(40 * time.Second), Activities: costs}, week)
		time.Sleep(11 * time.Second)
		d.Stop()
		assert.Equal(t, "x: 25%, 1 d 18 h of 7 d, 15.1 thousand x, 30 s left, grid takes 70%\n", out.String())
	})
}

func TestPausedRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := new(screen)
		d := progress.Start(progress.Config{Out: out, Mode: progress.Plain, Name: "x", Status: func() sim.Status { return sim.Status{Reached: week / 4, Until: week} },
			Paused: func() bool { return true }}, week)
		time.Sleep(11 * time.Second)
		d.Stop()
		assert.Equal(t, "x: 25%, 1 d 18 h of 7 d, paused\n", out.String())
	})
}

func TestJSONLines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := new(screen)
		began := time.Now()
		costs := func() []sim.Activity {
			return []sim.Activity{{Sim: "grid", Stats: sim.Stats{Messaging: time.Since(began) / 2}}}
		}
		d := progress.Start(progress.Config{Out: out, Mode: progress.JSON, Name: "x", Status: steady(4 * time.Second), Activities: costs,
			Stepping: func() []sim.Stepping { return nil }}, week)
		time.Sleep(2500 * time.Millisecond)
		d.Stop()
		d.Stop()
		assert.Equal(t, ""+
			`{"name":"x","reached_seconds":151200,"until_seconds":604800,"fraction":0.25,"real_seconds":1,"speed":151200,"left_seconds":3,"steps":0,"slowest":"grid","slowest_share":0.5,"ended":false}`+"\n"+
			`{"name":"x","reached_seconds":302400,"until_seconds":604800,"fraction":0.5,"real_seconds":2,"speed":151200,"left_seconds":2,"steps":0,"slowest":"grid","slowest_share":0.5,"ended":false}`+"\n"+
			`{"name":"x","reached_seconds":378000,"until_seconds":604800,"fraction":0.625,"real_seconds":2.5,"speed":151200,"steps":0,"slowest":"grid","slowest_share":0.5,"ended":true}`+"\n", out.String())
	})
}

// The end is estimated from the last seconds.
func TestEstimateForgets(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := new(screen)
		began := time.Now()
		status := func() sim.Status {
			// Slow for 100 s, then a virtual hour a second.
			s := sim.Status{Until: week, Reached: sim.Time(time.Since(began))}
			if fast := time.Since(began) - 100*time.Second; fast > 0 {
				s.Reached += sim.Time(3600 * fast)
			}
			return s
		}
		d := progress.Start(progress.Config{Out: out, Mode: progress.Plain, Name: "x", Status: status}, week)
		time.Sleep(131 * time.Second)
		d.Stop()
		lines := strings.Split(strings.TrimSpace(out.String()), "\n")
		assert.Equal(t, "x: 0%, 1 min 40 s of 7 d, 1x, 6 d 23 h left", lines[9])
		assert.Equal(t, "x: 17%, 1 d 6 h of 7 d, 3601x, 2 min 17 s left", lines[12])
	})
}

// A run that stands still says for whom it waits, in place of an end that moves
// away, and goes on with the speed.
func TestWaiting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		out := new(screen)
		began := time.Now()
		stood := func() time.Duration { return min(max(0, time.Since(began)-9*time.Second), 20*time.Second) }
		status := func() sim.Status {
			return sim.Status{Until: week, Reached: sim.Time(3600 * (time.Since(began) - stood()))}
		}
		stepping := func() []sim.Stepping {
			if time.Since(began) >= 29*time.Second {
				return nil
			}
			at := sim.Time(9 * time.Hour)
			return []sim.Stepping{
				{Sim: "quick", At: at, Since: time.Now()},
				{Sim: "grid", At: at, Since: began.Add(17 * time.Second)},
				{Sim: "heat", At: at, Since: began.Add(9 * time.Second), Waits: `container "north"`},
			}
		}
		d := progress.Start(progress.Config{Out: out, Mode: progress.Plain, Name: "x", Status: status, Stepping: stepping}, week)
		time.Sleep(31 * time.Second)
		d.Stop()
		assert.Equal(t, ""+
			"x: 5%, 9 h of 7 d, 3240x, 2 min 56 s left\n"+
			"x: 5%, 9 h of 7 d, waiting for heat, container \"north\" (step at 9 h) for 11 s, and 1 more\n"+
			"x: 5%, 10 h of 7 d, 180x, 52 min 40 s left\n", out.String())
	})
}

func TestNothing(t *testing.T) {
	out := new(screen)
	for _, mode := range []progress.Mode{progress.None, progress.Plain} {
		d := progress.Start(progress.Config{Out: out, Mode: mode, Status: steady(time.Second)}, week)
		d.Stop()
		assert.Empty(t, out.String(), "a short run says nothing")
	}
}

func TestBar(t *testing.T) {
	out := new(screen)
	status := make(chan sim.Status, 1)
	current := sim.Status{Until: week}
	d := progress.Start(progress.Config{Out: out, Mode: progress.Bar, Name: "district", Status: func() sim.Status {
		select {
		case current = <-status:
		default:
		}
		return current
	}}, week)
	status <- sim.Status{Until: week, Reached: week / 2}
	require.Eventually(t, func() bool { return strings.Contains(out.String(), " 50%, 3 d 12 h of 7 d") }, time.Minute, time.Millisecond)
	_, err := d.Write([]byte("a note\n"))
	require.NoError(t, err)
	status <- sim.Status{Until: week, Reached: week}
	d.Stop()
	got := out.String()
	assert.Contains(t, got, "a note\n")
	assert.Contains(t, got, "district ━")
	assert.Contains(t, got, " 100%, 7 d of 7 d")
	assert.NotContains(t, got, "\x1b[36m", "no colour was asked for")
	assert.True(t, strings.HasSuffix(got, "\n"), "what comes next begins on a line of its own: %q", got)
	_, err = d.Write([]byte("after the end\n"))
	require.NoError(t, err)
	assert.True(t, strings.HasSuffix(out.String(), "after the end\n"))
}

// A run that was interrupted leaves the bar where it was.
func TestBarOfAnUnfinishedRun(t *testing.T) {
	out := new(screen)
	d := progress.Start(progress.Config{Out: out, Mode: progress.Bar, Color: true, Name: "x", Status: func() sim.Status {
		return sim.Status{Until: week, Reached: week / 4}
	}}, week)
	d.Stop()
	assert.Contains(t, out.String(), " 25%, 1 d 18 h of 7 d")
	assert.NotContains(t, out.String(), "100%")
	assert.Contains(t, out.String(), "\x1b[36m")
}

func TestMode(t *testing.T) {
	_, err := progress.ParseMode("fancy")
	require.EqualError(t, err, `"fancy" is no way to show progress; choose one of auto, plain, json, none`)
	for _, text := range progress.Modes() {
		mode, err := progress.ParseMode(text)
		require.NoError(t, err)
		want := mode
		if mode == progress.Auto {
			want = progress.Plain
		}
		assert.Equal(t, want, mode.On(new(bytes.Buffer), os.Getenv), "no terminal, no bar")
	}
}
