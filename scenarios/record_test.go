package scenarios_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

const recordedWorld = `simrun: 1
name: recorded
until: 1h
simulators:
  sun: {model: sun}
  pv: {model: pv}
  bell: {model: bell}
  battery: {model: battery}
entities:
  roof: {of: pv.PV, count: 3, params: {area: 1}}
  shed: {of: pv.PV, params: {area: 1}}
  none: {of: pv.PV, count: 0}
agents:
  clerk: {type: Clerk, count: 2, params: {own: 1}}
connect:
  - sun.ghi -> roof[*].irradiance
  - sun.ghi -> bell.pull
`

// recordedSeries lists what a section record makes of recordedWorld, a line for each
// recording.
func recordedSeries(t *testing.T, section string) string {
	t.Helper()
	return seriesOf(t, read(t, recordedWorld+"record: "+section))
}

func seriesOf(t *testing.T, s *scenarios.Scenario) string {
	t.Helper()
	_, sinks := runScenario(t, s)
	var lines []string
	for _, sink := range sinks {
		var names []string
		for _, s := range sink.Series {
			names = append(names, s.Entity+"."+s.Attr)
		}
		lines = append(lines, strings.Join(names, " "))
	}
	return strings.Join(lines, "\n")
}

func TestRecordPatterns(t *testing.T) {
	const roofs = "roof[0].power roof[1].power roof[2].power"
	for section, want := range map[string]string{
		`[roof]`:                      roofs,
		`[shed]`:                      "shed.power",
		`[shed.*]`:                    "shed.power",
		`["shed[*]"]`:                 "shed[0].power",
		`["roof[*].p*"]`:              roofs,
		`["roof[1..2]"]`:              "roof[1].power roof[2].power",
		`["roof[1..2].*w*"]`:          "roof[1].power roof[2].power",
		`["r*[1..2].power"]`:          "roof[1].power roof[2].power",
		`["r*[1..9].power"]`:          "roof[1].power roof[2].power",
		`["*.power"]`:                 roofs + " shed.power",
		`["*[*].power"]`:              roofs + " shed[0].power",
		`["s*.power"]`:                "shed.power",
		`["s*"]`:                      "shed.power sun.ghi",
		`["*o*[2].*"]`:                "roof[2].power",
		`["*oof*2*"]`:                 "roof[2].power",
		`["roof[*2].power"]`:          "roof[2].power",
		`[none]`:                      "",
		`["none*"]`:                   "",
		`["none[*].power"]`:           "",
		`["r*[0..${0 - 1}].power"]`:   "",
		`[]`:                          "",
		`["roof[${1 + 1}].${'po*'}"]`: "roof[2].power",
		`["*"]`:                       "clerk[0].price clerk[1].price " + roofs + " shed.power sun.ghi bell.ring battery.soc",
		`{values: ["*"]}`:             "clerk[0].price clerk[1].price " + roofs + " shed.power sun.ghi bell.ring battery.soc",
		`[shed.power, {every: 15m, values: [battery]}, sun, bell]`: "shed.power\nbattery.soc\nsun.ghi bell.ring",
	} {
		t.Run(section, func(t *testing.T) { require.Equal(t, want, recordedSeries(t, section)) })
	}
}

// What several entries mean is recorded once, by the last of them; a mean is
// another thing than the values.
func TestRecordedOnce(t *testing.T) {
	for section, want := range map[string]string{
		`["roof[*].power", "roof[1].power", roof]`:                                                              "roof[0].power roof[1].power roof[2].power",
		`[shed.power, "shed[0].power", "*ed*"]`:                                                                 "shed.power",
		`[{every: 1h, values: [roof, shed]}, "roof[1]"]`:                                                        "roof[0].power roof[2].power shed.power\nroof[1].power",
		`["roof[1]", {every: 1h, values: [roof, shed]}]`:                                                        "roof[0].power roof[1].power roof[2].power shed.power",
		`[{values: [roof]}, {every: 30m, take: mean, values: [roof]}]`:                                          "roof[0].power roof[1].power roof[2].power\nroof[0].power_mean roof[1].power_mean roof[2].power_mean",
		`[{every: 15m, take: mean, values: ["*"]}, {every: 1h, take: mean, values: ["roof[1..2]", "shed.p*"]}]`: "clerk[0].price_mean clerk[1].price_mean roof[0].power_mean sun.ghi_mean battery.soc_mean\nroof[1].power_mean roof[2].power_mean shed.power_mean",
	} {
		t.Run(section, func(t *testing.T) { require.Equal(t, want, recordedSeries(t, section)) })
	}
}

// The last entry says how often, too.
func TestLastRecordingCounts(t *testing.T) {
	for section, want := range map[string]int{
		`[{every: 30m, values: ["*"]}, roof]`: 4,
		`[roof, {every: 30m, values: ["*"]}]`: 2,
	} {
		_, sinks := runScenario(t, read(t, recordedWorld+"record: "+section))
		n := 0
		for _, sink := range sinks {
			_, values := sink.Floats("roof[2]", "power")
			n += len(values)
		}
		require.Equal(t, want, n, section)
	}
}

func TestRecordMeanOfEvents(t *testing.T) {
	for section, want := range map[string]string{
		`{every: 1h, take: mean, values: [bell]}`:        `record: bell has no output that has a mean over time; there are none`,
		`{every: 1h, take: mean, values: ["bell.r*"]}`:   `record: bell has no output that has a mean over time like "r*"; there are none`,
		`{every: 1h, take: mean, values: ["*l.ring"]}`:   `record: nothing that has a mean over time is like "*l.ring"; there are "clerk[*].price", "roof[*].power", "shed.power", "none[*].power", "sun.ghi", "battery.soc"`,
		`{every: 1h, take: mean, values: ["bell.ring"]}`: `record: ring of bell.Bell-0 is an event, which has no mean over time; record its values`,
	} {
		s, err := scenarios.Read(write(t, recordedWorld+"record: "+section), scenarios.ReadOptions{Registry: testRegistry()})
		require.NoError(t, err)
		found, _ := s.Check(context.Background(), scenarios.CheckOptions{})
		require.Equal(t, []string{want}, texts(t, found), section)
	}
}

// What an external simulator has is known when it runs: then patterns find it.
func TestRecordPatternsOfExternal(t *testing.T) {
	recorded := func(record string) *scenarios.Scenario {
		groups, _, _ := strings.Cut(street, "record:")
		return external(t, command(t, "house", "house", ""), groups+"record: "+record)
	}
	s := recorded(`["home*.P", "s*", {every: 15m, values: [h]}]`)
	found, warnings := s.Check(context.Background(), scenarios.CheckOptions{})
	require.Empty(t, found, "homes may have a P")
	require.Empty(t, warnings)
	require.Equal(t, "home[2].P store[0].soc store[1].soc store[2].soc\nh[0].P h[0].V h[1].P h[1].V", seriesOf(t, s))

	s = recorded(`["home*.Q", "x*"]`)
	found, _ = s.Check(context.Background(), scenarios.CheckOptions{})
	require.Equal(t, []string{`record: nothing is like "x*"; there is "store[*].soc"`}, texts(t, found), "homes may have a Q")
	_, err := s.Build(context.Background(), scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }})
	require.Len(t, texts(t, err), 1)
	found, _ = s.Check(context.Background(), scenarios.CheckOptions{Start: true})
	require.Equal(t, `record: nothing is like "home*.Q"; there are "home[*].P", "home[*].V", "h[*].P", "h[*].V", "store[*].soc"`, texts(t, found)[0])
}

// The mosaik API does not tell inputs from outputs. A pattern means what is not an input in this
// scenario, and what is named is recorded all the same.
func TestRecordInputsOfExternal(t *testing.T) {
	groups, _, _ := strings.Cut(street, "record:")
	s := external(t, command(t, "house", "house", ""), groups+`  - store[*].soc -> home[*].V: {shift: 15m, initial: 0}
record: ["*", "home[1].V"]
`)
	require.Equal(t, "home[0].P home[1].P home[2].P store[0].soc store[1].soc store[2].soc home[1].V", seriesOf(t, s))
}
