package scenarios_test

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

func TestHead(t *testing.T) {
	s := read(t, `simrun: 1
name: head
title: Everything that is not a section
start: 2026-06-01T02:00:00+02:00
until: 2026-06-03
resolution: 500ms
pace: 2.5
seed: 7
parameters: {a: 1, b: {c: [x, 1.5, null, true, 2026-06-01], d: "${a + 1}"}}
simulators: {sun: {model: sun}}
`)
	require.Equal(t, "head", s.Name)
	require.Equal(t, "Everything that is not a section", s.Title)
	require.Equal(t, time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), s.Start)
	require.Equal(t, 2*scheduler.Day, s.Until)
	require.Equal(t, 500*time.Millisecond, s.Resolution)
	require.Equal(t, 2.5, s.Pace)
	require.Equal(t, uint64(7), s.Seed)
	require.Equal(t, sim.Params{"a": int64(1), "b": map[string]any{
		"c": []any{"x", 1.5, nil, true, "2026-06-01"}, "d": int64(2)}}, s.Parameters)

	s = read(t, "simrun: 1\nname: short\nuntil: 90m\npace: fast\nsimulators: {sun: {model: sun}}\n")
	require.Equal(t, 90*scheduler.Minute, s.Until)
	require.Equal(t, time.Second, s.Resolution)
	require.True(t, s.Start.IsZero())
	require.Zero(t, s.Pace)
}

// expression reads a scenario whose parameter x is the text, which stands in a
// block scalar, so that nothing needs quotes.
func expression(t *testing.T, text string) any {
	s := read(t, `simrun: 1
name: x
until: 1s
parameters:
  houses: 20
  ratio: 0.5
  label: north
  on: true
  none: null
  list: [1, 2, 3]
  nested: {kwh: 10, deep: {er: x}}
  x: |-
    `+text+`
simulators: {sun: {model: sun}}
`)
	return s.Parameters["x"]
}

func TestExpressions(t *testing.T) {
	for text, want := range map[string]any{
		`plain`:                                 "plain",
		`${houses}`:                             int64(20),
		`${houses / 2}`:                         10.0,
		`${houses * ratio} kW`:                  "10 kW",
		`${houses}/${ratio}`:                    "20/0.5",
		`${label} ${on}`:                        "north true",
		`${on ? "a" : "b"}`:                     "a",
		`${none}`:                               nil,
		`${list}`:                               []any{int64(1), int64(2), int64(3)},
		`${list[1]}`:                            int64(2),
		`${1..3}`:                               []any{int64(1), int64(2), int64(3)},
		`${map(list, # * 2)}`:                   []any{int64(2), int64(4), int64(6)},
		`${nested.deep.er}`:                     "x",
		`${nested}`:                             map[string]any{"kwh": int64(10), "deep": map[string]any{"er": "x"}},
		`${{"a": {"b": 1}}}`:                    map[string]any{"a": map[string]any{"b": int64(1)}},
		`${"}" + '}'}`:                          "}}",
		`${"\"}"}`:                              `"}`,
		`$${houses} costs $5 $`:                 "${houses} costs $5 $",
		`${date("2026-06-01").Year()}`:          int64(2026),
		`${[date("2026-06-01")]}`:               []any{"2026-06-01T00:00:00Z"},
		`${split("a,b", ",")}`:                  []any{"a", "b"},
		`${max(list)} of ${len(list)} ${ratio}`: "3 of 3 0.5",
	} {
		t.Run(text, func(t *testing.T) { require.Equal(t, want, expression(t, text)) })
	}
}

// TestExpressionLimits: nothing that an expression does takes long or much.
func TestExpressionLimits(t *testing.T) {
	for _, text := range []string{
		`${` + strings.Repeat("1+", 2000) + `1}`,
		`${map(1..1000000, map(1..1000000, 1))}`,
		`${repeat("x", 1000000000)}`,
		`${repeat("x", 600000)}${repeat("x", 600000)}`,
		`${start.Local()}`,
		`${timezone("Europe/Berlin")}`,
		`${let f = 1; f()}`,
	} {
		got := problems(t, "simrun: 1\nname: x\nuntil: 1s\nparameters:\n  x: |-\n    "+text+"\nsimulators: {sun: {model: sun}}\n")
		require.Len(t, got, 1, text)
		require.Contains(t, got[0], "expression: ")
	}
}

func TestStartAndSeedInExpressions(t *testing.T) {
	s, err := scenarios.Read(write(t, `simrun: 1
name: x
start: 2026-06-01
until: 1s
seed: 5
simulators:
  a: {model: constant, params: {value: "${seed + 1}"}}
  b: {model: constant, params: {value: "${start}"}}
  c: {model: constant, params: {value: "on ${start}"}}
  d: {model: constant, params: {value: '${start.Format("2006-01-02 15:04")}'}}
record: {values: [a.value, b.value, c.value, d.value]}
`), scenarios.ReadOptions{})
	require.NoError(t, err)
	_, sinks := runScenario(t, s)
	var got []string
	for _, row := range sinks[0].Rows {
		got = append(got, row.Value.String())
	}
	require.Equal(t, []string{`6`, `"2026-06-01T00:00:00Z"`, `"on 2026-06-01T00:00:00Z"`, `"2026-06-01 00:00"`}, got)
}

const withParameters = `simrun: 1
name: x
until: 1s
parameters:
  houses: 20
  battery: {kwh: 10, kind: lead}
  double: ${houses * 2}
simulators: {sun: {model: sun}}
`

func TestSet(t *testing.T) {
	s := read(t, withParameters, "houses=3", "battery.kwh=1.5", "battery.kind=")
	require.Equal(t, sim.Params{"houses": int64(3), "double": int64(6),
		"battery": map[string]any{"kwh": 1.5, "kind": ""}}, s.Parameters)
	s = read(t, withParameters, "houses=3", "houses=4", `battery.kind="5"`, "double=true")
	require.Equal(t, sim.Params{"houses": int64(4), "double": true,
		"battery": map[string]any{"kwh": int64(10), "kind": "5"}}, s.Parameters)
	s = read(t, withParameters, "battery.kwh=-.5 MWh", "houses=null", "double=")
	require.Equal(t, sim.Params{"houses": nil, "double": "",
		"battery": map[string]any{"kwh": "-.5 MWh", "kind": "lead"}}, s.Parameters)
	s = read(t, withParameters, "battery.kind=a=b, c")
	require.Equal(t, "a=b, c", s.Parameters["battery"].(map[string]any)["kind"])
}

func TestSetRefused(t *testing.T) {
	for set, want := range map[string]string{
		"house=3":         `no such parameter; did you mean "houses"?`,
		"battery.kw=3":    `no such parameter; did you mean "battery.kwh"?`,
		"zzz=3":           `no such parameter; there are "battery.kind", "battery.kwh", "double", "houses"`,
		"houses":          `a parameter is set by name=value; write it like --set houses=3`,
		"=3":              `a parameter is set by name=value; write it like --set houses=3`,
		"battery=3":       `the parameter is a mapping, not a single value; set one of the values in it`,
		"houses=[1, 2]":   `a parameter can be set to a number, true, false or text only; put it in quotes if it is text`,
		"houses=.nan":     `.nan is not a finite number; give a number`,
		"houses=":         `the parameter is the number 20 in the file, this is the text ""; write it like --set houses=20`,
		"battery.kwh=ten": `the parameter is the number 10 in the file, this is the text "ten"; write it like --set battery.kwh=10`,
		"battery.kwh=yes": `the parameter is the number 10 in the file, this is the text "yes"; write it like --set battery.kwh=10`,
		"houses=true":     `the parameter is the number 20 in the file, this is true; write it like --set houses=20`,
		"houses=+-":       `the parameter is the number 20 in the file, this is the text "+-"; write it like --set houses=20`,
		"battery.kind=01": `01 begins with a zero, which some read as octal; leave the zero out, or put it in quotes if it is text`,
	} {
		t.Run(set, func(t *testing.T) {
			require.Equal(t, []string{want}, problems(t, withParameters, set))
		})
	}
	_, err := scenarios.Read(write(t, withParameters), scenarios.ReadOptions{Set: []string{"house=3"}})
	require.ErrorContains(t, err, "--set house=3: no such parameter")
}

// TestDigest: it tells files and overrides apart, and nothing else.
func TestDigest(t *testing.T) {
	digest := func(text string, set ...string) string { return read(t, text, set...).Digest }
	plain := digest(withParameters)
	require.Len(t, plain, 64)
	require.Equal(t, plain, digest(withParameters), "the same text in another place")
	require.NotEqual(t, plain, digest(withParameters+"#"))
	require.NotEqual(t, plain, digest(withParameters, "houses=20"))
	require.NotEqual(t, digest(withParameters, "houses=2", "double=3"), digest(withParameters, "double=3", "houses=2"))
}

// TestSeedOverride: the seed given instead is that of the scenario, of its
// expressions and of its digest.
func TestSeedOverride(t *testing.T) {
	path := write(t, `simrun: 1
name: x
until: 1s
seed: 5
simulators: {sun: {model: sun, params: {level: "${seed}"}}}
record: {values: [sun.ghi]}
`)
	withSeed := func(seed *uint64) (*scenarios.Scenario, error) {
		return scenarios.Read(path, scenarios.ReadOptions{Seed: seed, Registry: testRegistry()})
	}
	digests := map[string]bool{}
	five, six := uint64(5), uint64(6)
	for _, c := range []struct {
		given *uint64
		want  float64
	}{{nil, 5}, {&five, 5}, {&six, 6}} {
		s, err := withSeed(c.given)
		require.NoError(t, err)
		require.EqualValues(t, c.want, s.Seed)
		_, sinks := runScenario(t, s)
		_, ghi := sinks[0].Floats("sun", "ghi")
		require.Equal(t, []float64{c.want}, ghi)
		digests[s.Digest] = true
	}
	require.Len(t, digests, 3)
	large := uint64(1<<53 + 1)
	_, err := withSeed(&large)
	require.EqualError(t, err, "--seed 9007199254740993: is too large; give a whole number from 0 to 9007199254740992")
}

// TestBrokenStart: nothing is said that only follows from a start that cannot be
// read.
func TestBrokenStart(t *testing.T) {
	for _, start := range []string{"2026-6-1", "01.06.2026", "2026-13-01", "\"2026-06-01 12:00\"", "2026-06-01 12:00:00", "20260601", "[]", "${nothing}"} {
		_, err := scenarios.Read(write(t, `simrun: 1
name: x
start: `+start+`
until: 2026-06-03
simulators:
  weather: {model: timeseries, params: {file: weather.csv, repeat: year}}
  flat: {model: timeseries, params: {file: weather.csv}}
  pv: {model: pv}
  past: {model: constant, params: {value: "${start.Year()}"}}
entities:
  roof: {of: pv.PV, params: {peak: 5 kWp, latitude: 48, longitude: 11}}
connect:
  - weather.ghi -> roof.ghi
  - weather.ghi -> roof.dni
  - weather.ghi -> roof.dhi
`, "weather.csv", "time,ghi [W/m2]\n2026-06-01T00:00:00Z,1\n"), scenarios.ReadOptions{})
		got := texts(t, err)
		require.Len(t, got, 1, "%s: %q", start, got)
		require.Regexp(t, "^(start|expression): ", got[0])
	}
}

// TestFileOfAnotherTime: a check finds data that lie before or after the run.
func TestFileOfAnotherTime(t *testing.T) {
	for date, want := range map[string]string{
		"2026-01-01": "simulators.weather: parameter file: weather.csv ends 151 d before the run starts; start earlier, set an offset, or repeat: year for a typical year",
		"2026-07-01": "simulators.weather: parameter file: weather.csv begins 29 d after the run has ended; start later, set an offset, or repeat: year for a typical year",
	} {
		s, err := scenarios.Read(write(t, `simrun: 1
name: x
start: 2026-06-01
until: 1d
simulators:
  weather: {model: timeseries, params: {file: weather.csv}}
`, "weather.csv", "time,ghi [W/m2]\n"+date+"T00:00:00Z,1\n"), scenarios.ReadOptions{})
		require.NoError(t, err)
		problems, _ := s.Check(t.Context(), scenarios.CheckOptions{})
		require.Equal(t, []string{want}, texts(t, problems))
		require.Equal(t, [2]int{6, 47}, [2]int{problems[0].Line, problems[0].Column})
		_, err = s.Build(t.Context(), scenarios.BuildOptions{})
		require.Equal(t, []string{want}, texts(t, err))
	}
}

// TestExternalNames: who is not looked at without --start.
func TestExternalNames(t *testing.T) {
	s := read(t, `simrun: 1
name: x
until: 1h
simulators:
  house: {command: "house {addr}"}
  sun: {model: sun}
  grid: {connect: "localhost:1"}
`)
	require.Equal(t, []string{"house", "grid"}, s.External())
}

func TestUnreadable(t *testing.T) {
	_, err := scenarios.Read(filepath.Join(t.TempDir(), "no.yaml"), scenarios.ReadOptions{})
	require.ErrorIs(t, err, fs.ErrNotExist)
	require.ErrorContains(t, err, `no.yaml: no such file; "simrun init" writes a scenario to begin with`)
	path := write(t, "")
	_, err = scenarios.Read(strings.TrimSuffix(path, ".yaml"), scenarios.ReadOptions{})
	require.ErrorContains(t, err, fmt.Sprintf(": no such file; did you mean %q?", path))
	_, err = scenarios.Read(t.TempDir(), scenarios.ReadOptions{})
	require.ErrorContains(t, err, ": is a folder; name a scenario file")
	_, err = scenarios.Read("builtin:minimum", scenarios.ReadOptions{})
	require.Equal(t, []string{`no such scenario comes with simrun; did you mean "minimal"?`}, texts(t, err))
	require.Equal(t, []string{"the file is larger than 4 MiB; keep data in files of their own"},
		problems(t, strings.Repeat("# ten bytes\n", 400_000)))
}

func TestBuiltin(t *testing.T) {
	names := map[string]string{}
	for _, info := range scenarios.Builtin() {
		names[info.Name] = info.Title
		s, err := scenarios.Read("builtin:"+info.Name, scenarios.ReadOptions{})
		require.NoError(t, err)
		require.Equal(t, info.Name, s.Name, "the file and the scenario in it are called alike")
		require.Equal(t, info.Title, s.Title)
		require.NotEmpty(t, info.Title)
		problems, _ := s.Check(t.Context(), scenarios.CheckOptions{})
		require.Empty(t, problems)
	}
	require.Contains(t, names, "minimal")
}

// TestFilesOfModels: models read files beside the scenario, or shipped ones.
func TestFilesOfModels(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(dir, "sun.csv"), []byte("time,ghi [W/m2]\n0,500\n"), 0o666))
	path := filepath.Join(dir, "test.yaml")
	text := "simrun: 1\nname: x\nuntil: 1h\nsimulators: {weather: {model: timeseries, params: {file: %}}}\nrecord: {values: [weather.ghi]}\n"
	for _, name := range []string{"sun.csv", "./sun.csv", filepath.Join(dir, "sun.csv")} {
		require.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, "%", name, 1)), 0o666))
		s, err := scenarios.Read(path, scenarios.ReadOptions{})
		require.NoError(t, err)
		_, sinks := runScenario(t, s)
		_, ghi := sinks[0].Floats("weather", "ghi")
		require.Equal(t, []float64{500}, ghi)
	}
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(text, "%", "moon.csv", 1)), 0o666))
	s, err := scenarios.Read(path, scenarios.ReadOptions{})
	require.NoError(t, err)
	problems, _ := s.Check(t.Context(), scenarios.CheckOptions{})
	require.Len(t, problems, 1, "%v", problems)
	require.Contains(t, problems[0].Error(), "test.yaml:4:")
	require.Contains(t, problems[0].Error(), "moon.csv")
	require.False(t, errors.As(error(problems), new(*sim.SimulatorError)), "the file is wrong, not a simulator")
}

func TestTwoOfOneNameInARegistry(t *testing.T) {
	file := write(t, "simrun: 1\n")
	registry := scenarios.DefaultRegistry()
	registry.Models = append(registry.Models, models.Entry{Name: "pv", New: models.NewMeter})
	require.PanicsWithValue(t, `scenarios: two models named "pv" in the registry`,
		func() { _, _ = scenarios.Read(file, scenarios.ReadOptions{Registry: registry}) })
	registry = scenarios.DefaultRegistry()
	registry.Agents = append(registry.Agents, models.Agents()[0])
	require.PanicsWithValue(t, `scenarios: two agent types named "Coordinator" in the registry`,
		func() { _, _ = scenarios.Read(file, scenarios.ReadOptions{Registry: registry}) })
}
