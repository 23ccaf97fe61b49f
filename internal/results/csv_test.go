package results_test

import (
	"encoding/csv"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// record writes rows through one sink and returns results.csv.
func record(t *testing.T, info results.Info, series []sim.Series, rows ...sim.Row) string {
	t.Helper()
	run, err := results.Create(t.TempDir(), info)
	require.NoError(t, err)
	sink := run.Sink()
	require.NoError(t, sink.Begin(series))
	require.NoError(t, sink.Write(rows))
	require.NoError(t, run.Finish(nil, nil))
	text, err := os.ReadFile(run.ValuesPath())
	require.NoError(t, err)
	return string(text)
}

func TestCSVTimes(t *testing.T) {
	series := []sim.Series{{Entity: "pv.roof-0", Attr: "power"}}
	tests := []struct {
		name  string
		start time.Time
		at    sim.Time
		want  string
	}{
		{"begin", time.Time{}, 0, "0,"},
		{"whole seconds", time.Time{}, sim.Time(900 * time.Second), "900,"},
		{"a nanosecond", time.Time{}, 1, "0.000000001,"},
		{"no float has this one", time.Time{}, sim.Time(292*365*24*time.Hour + 1), "9208512000.000000001,"},
		{"date", time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), sim.Time(36 * time.Hour), "129600,2026-06-02T12:00:00Z"},
		{"fraction in the date", time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC), sim.Time(500 * time.Millisecond), "0.5,2026-06-01T00:00:00.5Z"},
		{"date in UTC", time.Date(2026, 6, 1, 0, 0, 0, 0, time.FixedZone("CEST", 7200)), 0, "0,2026-05-31T22:00:00Z"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := record(t, results.Info{Start: test.start}, series, sim.Row{Time: test.at, Value: sim.Float(1)})
			assert.Equal(t, "time,date,entity,attribute,value\n"+test.want+",pv.roof-0,power,1\n", got)
		})
	}
}

func TestCSVValues(t *testing.T) {
	tests := []struct {
		name  string
		value sim.Value
		want  string
	}{
		{"whole float", sim.Float(2), "2"},
		{"shortest digits", sim.Float(0.1), "0.1"},
		{"all digits", sim.Float(0.30000000000000004), "0.30000000000000004"},
		{"large", sim.Float(1.5e21), "1.5e+21"},
		{"million", sim.Float(1e6), "1000000"},
		{"small", sim.Float(-2.5e-7), "-2.5e-07"},
		{"not a number", sim.ValueOf(nan()), "NaN"},
		{"int", sim.Int(-42), "-42"},
		{"bool", sim.Bool(true), "true"},
		{"null", sim.Null, ""},
		{"text", sim.Text("open"), `"open"`},
		{"text with a comma, a quote and two lines", sim.Text("a,\"b\"\nc"), "\"a,\"\"b\"\"\nc\""},
		{"foreign number keeps its digits", sim.RawValue(codec.Raw("1.50")), "1.50"},
		{"foreign big integer", sim.RawValue(codec.Raw("123456789012345678901")), "123456789012345678901"},
		{"foreign text", sim.RawValue(codec.Raw(`"op\u0065n"`)), `"open"`},
		{"foreign null", sim.RawValue(codec.Raw("null")), ""},
		{"foreign bool", sim.RawValue(codec.Raw("false")), "false"},
		{"foreign object keeps its order", sim.RawValue(codec.Raw(`{"b": 1, "a": 2.0}`)), `"{""b"": 1, ""a"": 2.0}"`},
		{"list", sim.ValueOf([]any{int64(1), "x"}), `"[1, ""x""]"`},
	}
	series := []sim.Series{{Entity: "a.b", Attr: "c"}}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got := record(t, results.Info{}, series, sim.Row{Value: test.value})
			want := "time,date,entity,attribute,value\n0,,a.b,c," + test.want + "\n"
			// The codec decides on the spaces inside JSON.
			assert.Equal(t, strings.ReplaceAll(want, " ", ""), strings.ReplaceAll(got, " ", ""))
			records, err := csv.NewReader(strings.NewReader(got)).ReadAll()
			require.NoError(t, err)
			assert.Len(t, records[1], 5)
		})
	}
}

func nan() float64 { zero := 0.0; return zero / zero }

func TestCSVNamesThatNeedQuotes(t *testing.T) {
	got := record(t, results.Info{}, []sim.Series{{Entity: `a."b"`, Attr: "x,y"}}, sim.Row{Value: sim.Int(1)})
	records, err := csv.NewReader(strings.NewReader(got)).ReadAll()
	require.NoError(t, err)
	assert.Equal(t, []string{"0", "", `a."b"`, "x,y", "1"}, records[1])
}

func TestStats(t *testing.T) {
	run, err := results.Create(t.TempDir(), results.Info{})
	require.NoError(t, err)
	sink := run.Sink()
	require.NoError(t, sink.Begin([]sim.Series{{Entity: "a.0", Attr: "x", Unit: "kW"}, {Entity: "a.1", Attr: "x", Unit: "kW"}, {Entity: "a.2", Attr: "state"}}))
	require.NoError(t, sink.Write([]sim.Row{
		{Series: 0, Value: sim.Float(-1)}, {Series: 1, Value: sim.RawValue(codec.Raw("10"))}, {Series: 2, Value: sim.Text("7")},
		{Time: 1, Series: 0, Value: sim.Float(4)}, {Time: 1, Series: 0, Value: sim.ValueOf(nan())}, {Time: 1, Series: 2, Value: sim.Null},
		{Time: 2, Series: 0, Value: sim.Float(0)},
	}))
	require.NoError(t, run.Finish(nil, nil))
	got := run.Stats()
	require.Len(t, got, 3)
	assert.Equal(t, results.SeriesStats{Series: sim.Series{Entity: "a.0", Attr: "x", Unit: "kW"}, Rows: 4, Numbers: 3, Min: -1, Max: 4, Mean: 1}, got[0])
	assert.Equal(t, results.SeriesStats{Series: sim.Series{Entity: "a.2", Attr: "state"}, Rows: 2}, got[2], "text that looks like a number is text")
	all := got[2]
	all.Merge(got[0])
	all.Merge(got[1])
	assert.Equal(t, int64(7), all.Rows)
	assert.Equal(t, int64(4), all.Numbers)
	assert.Equal(t, -1.0, all.Min)
	assert.Equal(t, 10.0, all.Max)
	assert.InDelta(t, 13.0/4, all.Mean, 1e-12)
}

// Each recorded entity is listed once, however many of its attributes and
// recordings there are.
func TestEntities(t *testing.T) {
	run, err := results.Create(t.TempDir(), results.Info{})
	require.NoError(t, err)
	require.NoError(t, run.Sink().Begin([]sim.Series{
		{Entity: "home[0]", FullID: "load.Load-0", Attr: "power"}, {Entity: "home[1]", FullID: "load.Load-1", Attr: "power"},
		{Entity: "home[0]", FullID: "load.Load-0", Attr: "energy"}, {Entity: "bus", FullID: `grid.0-"a, b"`, Attr: "V"},
	}))
	require.NoError(t, run.Finish(nil, nil))
	text, err := os.ReadFile(filepath.Join(run.Dir(), "entities.csv"))
	require.NoError(t, err)
	assert.Equal(t, "entity,id\nhome[0],load.Load-0\nhome[1],load.Load-1\nbus,\"grid.0-\"\"a, b\"\"\"\n", string(text))
	assert.Equal(t, "entities.csv", readManifest(t, run.Dir()).Files[0].Path)

	run, err = results.Create(t.TempDir(), results.Info{})
	require.NoError(t, err)
	require.NoError(t, os.Mkdir(filepath.Join(run.Dir(), "entities.csv"), 0o755))
	require.ErrorContains(t, run.Sink().Begin(nil), "entities.csv: is a directory; make room there, or choose another folder")
	require.NoError(t, run.Finish(nil, nil))
}
