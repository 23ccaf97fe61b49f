package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// report returns what a command that ends with the error prints and exits with.
func report(err error) (string, ExitCode) {
	var buf bytes.Buffer
	c := &command{out: io.Discard, err: &messages{w: &buf}, getenv: os.Getenv}
	code := c.report(err)
	return buf.String(), code
}

func TestExitCodes(t *testing.T) {
	at := sim.Time(900e9)
	simulator := &sim.SimulatorError{Sim: "house", Op: "step", At: &at, Err: errors.New("it died")}
	problems := diag.List{{File: "d.yaml", Line: 3, Column: 7, What: "no model \"x\"", Source: "  a: {model: x}"}}
	failedStart := diag.List{{File: "d.yaml", What: simulator.Error(), Err: simulator}}
	tests := []struct {
		name string
		err  error
		want ExitCode
		text string
	}{
		{"nothing", nil, Done, ""},
		{"unknown", classify(errors.New("oops")), InternalError, "simrun: oops\n"},
		{"of the command line", errors.New("no such option"), BadScenario, "simrun: no such option\n"},
		{"scenario", classify(problems), BadScenario, "d.yaml:3:7: no model \"x\"\n    3 |   a: {model: x}\n      |       ^\n1 problem, nothing was run\n"},
		{"before the first step", atFault(errors.New("no entity x")), BadScenario, "simrun: no entity x\n"},
		{"cycle", classify(fmt.Errorf("run: %w", &sim.CycleError{})), BadScenario, ""},
		{"simulator", classify(fmt.Errorf("run: %w", simulator)), SimulatorFailed, "simrun: run: t=900s: simulator \"house\": step: it died\n"},
		{"simulator at start", atFault(failedStart), SimulatorFailed, "d.yaml: t=900s: simulator \"house\": step: it died\n1 problem, nothing was run\n"},
		{"interrupted", classify(fmt.Errorf("t=1s: %w", sim.ErrInterrupted)), Interrupted, "simrun: t=1s: interrupted\n"},
		{"simulator that was interrupted", classify(fmt.Errorf("%w: %w", simulator, context.Canceled)), Interrupted, ""},
		{"sink", classify(&sim.SinkError{Err: errors.New("disk full")}), ResultsFailed, "simrun: recording: disk full\n"},
		{"simulator and then sink", classify(errors.Join(simulator, &sim.SinkError{Err: io.EOF})), ResultsFailed, ""},
		{"classified already", classify(fail(ResultsFailed, simulator)), ResultsFailed, ""},
		{"several lines", classify(errors.New("one\ntwo")), InternalError, "simrun: one\n  two\n"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			text, code := report(test.err)
			assert.Equal(t, test.want, code)
			if test.text != "" {
				assert.Equal(t, test.text, text)
			}
		})
	}
}

// The table in the help and the codes cannot drift apart unnoticed.
func TestExitTable(t *testing.T) {
	lines := strings.Split(strings.TrimSuffix(exitTable(), "\n"), "\n")
	require.Len(t, lines, int(ResultsFailed)+1)
	for code, line := range lines {
		assert.Regexp(t, fmt.Sprintf(`^  %d  [a-z]`, code), line)
	}
}

func TestGroupSeries(t *testing.T) {
	one := func(entity, attr, unit string, value float64) results.SeriesStats {
		return results.SeriesStats{Series: sim.Series{Entity: entity, Attr: attr, Unit: unit}, Rows: 1, Numbers: 1, Min: value, Max: value, Mean: value}
	}
	groups := groupSeries([]results.SeriesStats{
		one("pv.roof-0", "power", "kW", 1),
		one("grid.main", "power", "kW", 5),
		one("pv.roof-1", "power", "kW", 3),
		one("pv.roof-1", "poa", "W/m2", 9),
		one("pv.roof-x2", "power", "kW", 9),
		one("pv.roof-10", "power", "kW", 8),
		one("pv.roof-11", "power", "W", 8),
		one("home[0]", "power", "kW", 1),
		one("home[1]", "power", "kW", 2),
	})
	var got []string
	for _, g := range groups {
		got = append(got, fmt.Sprint(g.label(), " ", g.Unit, " ", g.series, " ", g.Min, " ", g.Mean, " ", g.Max))
	}
	assert.Equal(t, []string{
		"pv.roof-*.power kW 3 1 4 8",
		"grid.main.power kW 1 5 5 5",
		"pv.roof-1.poa W/m2 1 9 9 9",
		"pv.roof-x2.power kW 1 9 9 9",
		"pv.roof-11.power W 1 8 8 8",
		"home[*].power kW 2 1 1.5 2",
	}, got, "what has the same name but for its number, the same attribute and unit, in the order of the first")
}

func TestRecordedIsShort(t *testing.T) {
	var stats []results.SeriesStats
	for i := range mostGroups + 12 {
		stats = append(stats, results.SeriesStats{Series: sim.Series{Entity: fmt.Sprintf("s.e%dx", i), Attr: "a"}})
	}
	var w writer
	w.table(recorded(stats))
	lines := strings.Split(strings.TrimSpace(w.String()), "\n")
	assert.Len(t, lines, 1+mostGroups+1)
	assert.Equal(t, "  ... and 12 more", lines[len(lines)-1])
}

// Output that cannot be written, to a full disk or a closed pipe, is not success.
func TestOutputThatCannotBeWritten(t *testing.T) {
	r, w := io.Pipe()
	require.NoError(t, r.Close())
	c := &command{registry: scenarios.DefaultRegistry(), out: w, err: &messages{w: io.Discard}, getenv: os.Getenv}
	for _, args := range [][]string{{"version"}, {"--version"}, {"list"}, {"list", "battery"}, {"list", "district"}, {"schema"}, {"check", "builtin:minimal"}} {
		root := c.root()
		root.SetArgs(args)
		assert.Equal(t, ResultsFailed, c.report(root.ExecuteContext(t.Context())), "%v", args)
	}
}

func TestShortDuration(t *testing.T) {
	for text, want := range map[string]string{"15m0s": "15m", "1h0m0s": "1h", "1h30m0s": "1h30m", "10s": "10s", "0s": "0s", "m0s": "m0s", "2": "2"} {
		assert.Equal(t, want, shortDuration(text))
	}
}
