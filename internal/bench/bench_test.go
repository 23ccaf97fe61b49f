package bench_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/bench"
)

// programs are what this binary does when childEnv names one.
var programs = map[string]func(){
	"comparison": func() {
		target, err := strconv.ParseFloat(os.Args[1], 64)
		bench.Check(err)
		figure := made("figure", []float64{2})
		if target < 0 {
			figure.Measure = func(context.Context, string) ([]float64, error) { return nil, errors.New("the peer is gone") }
		}
		c := bench.Comparison{Title: "made up", Cases: []bench.Case{figure}, Bars: []bench.Bar{{Name: "bar", Unit: "ns", Of: "figure", Target: target}}}
		c.Main(&bench.Options{Rounds: 1})
	},
	"print": func() { fmt.Println(os.Args[1]) },
	"fail": func() {
		fmt.Fprintln(os.Stderr, "no such thing")
		os.Exit(3)
	},
	"server":  func() { bench.Ready("at " + os.Args[1]) },
	"unready": func() { os.Exit(4) },
}

const childEnv = "BENCH_TEST_PROGRAM"

func TestMain(m *testing.M) {
	if program := programs[os.Getenv(childEnv)]; program != nil {
		program()
		return
	}
	os.Exit(m.Run())
}

// made is a case that gives made-up values, one in each round.
func made(figure string, values []float64) bench.Case {
	return bench.Case{Figures: []string{figure}, Measure: func(context.Context, string) ([]float64, error) {
		value := values[0]
		values = values[1:]
		return []float64{value}, nil
	}}
}

// run compares, and returns what is printed.
func run(t *testing.T, c bench.Comparison, o bench.Options) (met bool, printed string) {
	var out strings.Builder
	met, err := c.Run(t.Context(), o, &out, io.Discard)
	require.NoError(t, err)
	return met, out.String()
}

func TestTableAndBars(t *testing.T) {
	met, printed := run(t, bench.Comparison{
		Title: "calls per second",
		Cases: []bench.Case{
			made("ours", []float64{30, 1000, 20}),
			made("peer's", []float64{10, 100, 5}),
			made("startup, ms", []float64{41, 39, 46}),
		},
		Bars: []bench.Bar{
			// The median of the ratios 3, 10 and 4; the ratio of the medians is 3.
			bench.Ratio("calls", "ours", "peer's", 4),
			{Name: "startup", Unit: "ms", Of: "startup, ms", Target: 41, Most: true},
			{Name: "growth", Unit: "growth", Of: "ours", To: "peer's", Target: 4.5, Most: true, Title: "ours for each of the peer's"},
			bench.Ratio("peer that was left out", "ours", "mosaik", 4),
			bench.Ratio("left out", "mosaik", "ours", 4),
		},
	}, bench.Options{Rounds: 3})
	require.True(t, met)
	require.Equal(t, ""+
		"calls per second             median  least  most\n"+
		"ours                             30     20  1000\n"+
		"peer's                           10      5   100\n"+
		"startup, ms                      41     39    46\n"+
		"ours for each of the peer's       4      3    10\n"+
		"bar calls ratio 4.00 target 4.00 ok\n"+
		"bar startup ms 41 target 41 ok\n"+
		"bar growth growth 4 target 4.5 ok\n", printed)
}

func TestMedianOfTwoRounds(t *testing.T) {
	_, printed := run(t, bench.Comparison{Cases: []bench.Case{made("x", []float64{1, 2})}}, bench.Options{Rounds: 2})
	require.Contains(t, printed, "x     1.5      1     2\n")
}

// One bar that is missed is enough, wherever it stands.
func TestShort(t *testing.T) {
	for name, test := range map[string]struct {
		bar  bench.Bar
		line string
	}{
		"least": {bench.Ratio("b", "ours", "peer's", 5.01), "bar b ratio 5.00 target 5.01 short\n"},
		"most":  {bench.Bar{Name: "b", Unit: "allocs", Of: "ours", Target: 9, Most: true}, "bar b allocs 10 target 9 short\n"},
		"NaN":   {bench.Ratio("b", "zero", "zero", 0), "bar b ratio NaN target 0.00 short\n"},
	} {
		for _, first := range []bool{false, true} {
			t.Run(fmt.Sprint(name, first), func(t *testing.T) {
				bars := []bench.Bar{test.bar, bench.Ratio("kept", "ours", "peer's", 5)}
				if !first {
					slices.Reverse(bars)
				}
				met, printed := run(t, bench.Comparison{
					Cases: []bench.Case{made("ours", []float64{10}), made("peer's", []float64{2}), made("zero", []float64{0})},
					Bars:  bars,
				}, bench.Options{Rounds: 1})
				require.False(t, met)
				require.Contains(t, printed, test.line)
				require.Contains(t, printed, "bar kept ratio 5.00 target 5.00 ok\n")
			})
		}
	}
}

func TestRoundsChangeDirection(t *testing.T) {
	var order []string
	one := func(figures ...string) bench.Case {
		return bench.Case{Figures: figures, Measure: func(context.Context, string) ([]float64, error) {
			order = append(order, figures[0])
			return make([]float64, len(figures)), nil
		}}
	}
	c := bench.Comparison{Cases: []bench.Case{one("a"), one("b1", "b2"), one("c")}}
	var progress strings.Builder
	_, err := c.Run(t.Context(), bench.Options{Rounds: 3}, io.Discard, &progress)
	require.NoError(t, err)
	require.Equal(t, strings.Fields("a b1 c c b1 a a b1 c"), order)
	require.Equal(t, "round 1 of 3\nround 2 of 3\nround 3 of 3\n", progress.String())

	order = nil
	_, printed := run(t, c, bench.Options{Rounds: 1, Only: "2"})
	require.Equal(t, []string{"b1"}, order, "a case is measured if one of its figures is asked for")
	require.Equal(t, []string{"median", "least", "most", "b1", "0", "0", "0", "b2", "0", "0", "0"}, strings.Fields(printed))
}

func TestFolderOfAllRounds(t *testing.T) {
	var dirs []string
	c := bench.Comparison{Cases: []bench.Case{{Figures: []string{"x"}, Measure: func(_ context.Context, dir string) ([]float64, error) {
		require.DirExists(t, dir)
		dirs = append(dirs, dir)
		return []float64{1}, nil
	}}}}
	run(t, c, bench.Options{Rounds: 2})
	require.Equal(t, dirs[0], dirs[1])
	require.NoDirExists(t, dirs[0])
}

func TestNothingToCompare(t *testing.T) {
	c := bench.Comparison{Cases: []bench.Case{made("x", nil)}}
	_, err := c.Run(t.Context(), bench.Options{}, io.Discard, io.Discard)
	require.EqualError(t, err, "0 rounds; at least one is needed")
	_, err = c.Run(t.Context(), bench.Options{Rounds: 1, Only: "y"}, io.Discard, io.Discard)
	require.EqualError(t, err, `no figure contains "y"`)
}

// A comparison that cannot measure something does not judge the rest.
func TestFailures(t *testing.T) {
	self := bench.Self()
	few := bench.Case{Figures: []string{"x", "y"}, Measure: func(context.Context, string) ([]float64, error) { return []float64{1}, nil }}
	for name, test := range map[string]struct {
		program string
		x       bench.Case
		want    string
	}{
		"values":          {"", few, "measure x, y: 1 values"},
		"status":          {"fail", bench.Program("x", self), "exit status 3\nno such thing"},
		"not there":       {"", bench.Program("x", "./no-such-program"), "no such file or directory; if it is a Python peer, run: make peers"},
		"no number":       {"print", bench.Program("x", self, "much"), `parsing "much": invalid syntax`},
		"no object":       {"print", bench.JSON("x", "rate", self, "[1]"), "cannot unmarshal array"},
		"no key":          {"print", bench.JSON("x", "rate", self, `{"date": 1}`), `printed no number "rate": {"date": 1}`},
		"no number there": {"print", bench.JSON("x", "rate", self, `{"rate": "2"}`), `printed no number "rate": {"rate": "2"}`},
		"status too":      {"fail", bench.JSON("x", "rate", self), "exit status 3\nno such thing"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(childEnv, test.program)
			var out bytes.Buffer
			c := bench.Comparison{Cases: []bench.Case{test.x}}
			_, err := c.Run(t.Context(), bench.Options{Rounds: 1}, &out, io.Discard)
			require.ErrorContains(t, err, "measure x")
			require.ErrorContains(t, err, test.want)
			require.Empty(t, out.String())
		})
	}
}

func TestPrograms(t *testing.T) {
	t.Setenv(childEnv, "print")
	_, printed := run(t, bench.Comparison{Cases: []bench.Case{
		bench.Program("number", bench.Self(), " 1.5e3 "),
		bench.JSON("object", "rate", bench.Self(), `{"version": "3.7.1", "rate": 2}`),
	}}, bench.Options{Rounds: 1})
	require.Equal(t, ""+
		"        median  least  most\n"+
		"number    1500   1500  1500\n"+
		"object       2      2     2\n", printed)
}

func TestServer(t *testing.T) {
	t.Setenv(childEnv, "server")
	line, stop, err := bench.Start(t.Context(), bench.Self(), "home")
	require.NoError(t, err)
	require.Equal(t, "at home", line)
	require.NoError(t, stop())

	ctx, cancel := context.WithCancel(t.Context())
	_, stop, err = bench.Start(ctx, bench.Self(), "home")
	require.NoError(t, err)
	cancel()
	require.Error(t, stop(), "the context kills it")

	t.Setenv(childEnv, "unready")
	_, _, err = bench.Start(t.Context(), bench.Self())
	require.ErrorContains(t, err, "does not get ready: EOF\nexit status 4")
	_, _, err = bench.Start(t.Context(), "./no-such-program")
	require.Error(t, err)
}

func TestExitStatus(t *testing.T) {
	t.Setenv(childEnv, "comparison")
	for target, want := range map[string]struct {
		status         int
		out, complaint string
	}{
		"1":  {0, "bar bar ns 2 target 1 ok\n", ""},
		"3":  {1, "bar bar ns 2 target 3 short\n", ""},
		"-1": {1, "", "measure figure: the peer is gone\n"},
	} {
		cmd := exec.Command(bench.Self(), target)
		var complaint strings.Builder
		cmd.Stderr = &complaint
		out, err := cmd.Output()
		if want.status == 0 {
			require.NoError(t, err)
		} else {
			var exit *exec.ExitError
			require.ErrorAs(t, err, &exit)
			require.Equal(t, want.status, exit.ExitCode())
		}
		require.Contains(t, string(out), want.out)
		require.Contains(t, complaint.String(), want.complaint)
	}
}

func TestFlags(t *testing.T) {
	flags := flag.NewFlagSet("bars", flag.ContinueOnError)
	o := bench.Flags(flags)
	require.Equal(t, bench.Options{Rounds: 5}, *o)
	require.NoError(t, flags.Parse([]string{"-rounds", "1", "-only", "tcp"}))
	require.Equal(t, bench.Options{Rounds: 1, Only: "tcp"}, *o)
}

// Made-up benchmarks are in testdata.
func TestBenchmarks(t *testing.T) {
	const pkg = "testdata/made"
	_, printed := run(t, bench.Comparison{Cases: []bench.Case{bench.Benchmarks(pkg, "^BenchmarkMade$", "1x",
		bench.Result{Figure: "connection", Benchmark: "Made/10", Unit: "ns/connection"},
		bench.Result{Figure: "startup", Benchmark: "Made/10", Unit: "ms-startup"},
		bench.Result{Figure: "one", Benchmark: "Made/1", Unit: "ms-startup"},
	)}}, bench.Options{Rounds: 2})
	require.Equal(t, ""+
		"            median  least  most\n"+
		"connection     2.5    2.5   2.5\n"+
		"startup         10     10    10\n"+
		"one              1      1     1\n", printed)

	dir := t.TempDir()
	for want, x := range map[string]bench.Case{
		"no ns/step of BenchmarkMade/10 in":   bench.Benchmarks(pkg, "Made", "1x", bench.Result{Figure: "x", Benchmark: "Made/10", Unit: "ns/step"}),
		"no ms-startup of BenchmarkMade/3 in": bench.Benchmarks(pkg, "Made", "1x", bench.Result{Figure: "x", Benchmark: "Made/3", Unit: "ms-startup"}),
		"the peer is not installed":           bench.Benchmarks(pkg, "Skipped", "1x", bench.Result{Figure: "x", Benchmark: "Skipped", Unit: "ns/op"}),
		"directory not found":                 bench.Benchmarks("testdata/no-such", ".", "1x"),
		`invalid value "often" for flag`:      bench.Benchmarks(pkg, "Made", "often"),
	} {
		_, err := x.Measure(t.Context(), dir)
		require.ErrorContains(t, err, want)
	}
}
