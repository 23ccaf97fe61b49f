package results_test

import (
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

var (
	start = time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	mixed = []sim.Series{
		{Entity: "home[0]", FullID: "load.Load-0", Attr: "power", Unit: "kW"},
		{Entity: `a,"b"`, FullID: "odd.a", Attr: "state"},
		{Entity: "bus", FullID: "grid.0", Attr: "trip", Event: true},
	}
	// Nanoseconds matter, and one series may have several events at a time.
	mixedRows = []sim.Row{
		{Time: 0, Series: 0, Value: sim.Float(0.1)}, {Time: 0, Series: 1, Value: sim.Text("two\nlines, \"quoted\"")},
		{Time: 1, Series: 0, Value: sim.Float(math.NaN())}, {Time: 1, Series: 2, Value: sim.Bool(true)}, {Time: 1, Series: 2, Value: sim.Bool(false)},
		{Time: 900e9, Series: 0, Value: sim.Int(7)}, {Time: 900e9, Series: 1, Value: sim.Text("5")},
		{Time: 901e9, Series: 0, Value: sim.RawValue(codec.Raw("123456789012345678901"))}, {Time: 901e9, Series: 1, Value: sim.Text("")},
		{Time: 902e9 + 1, Series: 0, Value: sim.Float(math.Inf(-1))}, {Time: 902e9 + 1, Series: 1, Value: sim.RawValue(codec.Raw("[1,\n2]"))},
		{Time: 903e9, Series: 0, Value: sim.Float(-2.5e-7)}, {Time: 903e9, Series: 1, Value: sim.Null},
	}
)

// recordAs records rows in a format and returns the folder.
func recordAs(t *testing.T, format results.Format, series []sim.Series, rows []sim.Row) string {
	t.Helper()
	dir := t.TempDir()
	run, err := results.Create(dir, results.Info{Name: "x", Format: format, Start: start, Until: 1000e9, Seed: 42})
	require.NoError(t, err)
	require.NoError(t, run.Sink().Begin(series))
	for from := 0; from < len(rows); { // what has one time comes in one call
		to := from
		for to < len(rows) && rows[to].Time == rows[from].Time {
			to++
		}
		require.NoError(t, run.Sink().Write(rows[from:to]))
		from = to
	}
	require.NoError(t, run.Finish(&sim.Summary{Complete: true, Reached: 1000e9, Until: 1000e9, Rows: int64(len(rows))}, nil))
	return dir
}

// Every format gives back what was recorded, as far as it has kinds of values.
func TestFormatsReadBack(t *testing.T) {
	var want []string
	for _, row := range mixedRows {
		want = append(want, fmt.Sprintf("%d %d %s", row.Time, row.Series, strings.ReplaceAll(row.Value.String(), "\n", "")))
	}
	for _, format := range results.Formats() {
		t.Run(format, func(t *testing.T) {
			stored, err := results.Open(recordAs(t, results.Format(format), mixed, mixedRows))
			require.NoError(t, err)
			require.Equal(t, mixed, stored.Series)
			require.Equal(t, results.Format(format), stored.Manifest.Values.Format)
			end, err := stored.End()
			require.NoError(t, err)
			require.Equal(t, sim.Time(1000e9), end)
			var got []string
			require.NoError(t, stored.Rows(func(row sim.Row) error {
				got = append(got, fmt.Sprintf("%d %d %s", row.Time, row.Series, row.Value))
				return nil
			}))
			expect := append([]string{}, want...)
			swap := func(from, to string) {
				for i := range expect {
					expect[i] = strings.ReplaceAll(expect[i], from, to)
				}
			}
			if format != "jsonl" {
				swap("[1,2]", `"[1,\n2]"`) // a list is a text elsewhere
			} else {
				swap("[1,2]", "[1, 2]")
			}
			if format == "sqlite" {
				swap("true", "1")
				swap("false", "0")
				swap("123456789012345678901", sim.Float(123456789012345678901).String())
			} else {
				swap("900000000000 0 7", "900000000000 0 7.0") // whole numbers are not told apart
			}
			if format == "csv-wide" {
				expect = expect[:len(expect)-1] // a null is an empty cell, like nothing
			}
			assert.Equal(t, expect, got)
		})
	}
}

// The foreign programs that people use read the same numbers.
func TestForeignReaders(t *testing.T) {
	python := peertest.Python(t)
	var rows []sim.Row
	for i := range 3000 {
		rows = append(rows, sim.Row{Time: sim.Time(i/3) * 60e9, Series: i % 3, Value: sim.Float(float64(i) / 7)})
	}
	rows = append(rows, sim.Row{Time: 1000 * 60e9, Series: 1, Value: sim.Text("open")})
	dirs := []string{}
	for _, format := range results.Formats() {
		dirs = append(dirs, recordAs(t, results.Format(format), mixed, rows))
	}
	out, err := exec.Command(python, append([]string{filepath.Join("testdata", "read_results.py")}, dirs...)...).CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, "csv ok\ncsv-wide ok\njsonl ok\nparquet ok\nsqlite ok\n", string(out))
}

// Two recordings of one attribute are one series in what is read back.
func TestSeriesThatAreRecordedTwice(t *testing.T) {
	twice := []sim.Series{mixed[0], mixed[0]}
	rows := []sim.Row{{Series: 0, Value: sim.Float(1)}, {Series: 1, Value: sim.Float(1)}}
	for _, format := range results.Formats() {
		stored, err := results.Open(recordAs(t, results.Format(format), twice, rows))
		require.NoError(t, err)
		require.Equal(t, mixed[:1], stored.Series)
		n := 0
		require.NoError(t, stored.Rows(func(sim.Row) error { n++; return nil }), format)
		require.Equal(t, 2, n, format)
	}
}

func TestOpenWhatIsNoRun(t *testing.T) {
	dir := t.TempDir()
	_, err := results.Open(dir)
	require.EqualError(t, err, dir+" is no run folder: there is no manifest.json in it")
	run, err := results.Create(dir, results.Info{})
	require.NoError(t, err)
	require.NoError(t, run.Finish(nil, nil))
	_, err = results.Open(dir)
	require.EqualError(t, err, dir+": the run has recorded nothing: its scenario has no section record, or an empty one, or it ended before its first step")
}

func TestFilesThatAreBroken(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"names a series that is not there", "time,date,entity,attribute,value\n0,,bus,power,1\n", "a value of power of bus, which is not in series.csv"},
		{"time", "time,date,entity,attribute,value\n-1,,bus,trip,1\n", `time "-1" is not a number of seconds`},
		{"fields", "time,date,entity,attribute,value\n0,,bus,trip\n", "line 2: 4 fields, want 5"},
		{"quotes", "time,date,entity,attribute,value\n0,,bus,trip,\"a\"b\"\"\n", "line 2: a quote at the wrong place"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := recordAs(t, results.CSV, mixed, nil)
			path := filepath.Join(dir, "results.csv")
			require.NoError(t, os.WriteFile(path, []byte(test.text), 0o644))
			stored, err := results.Open(dir)
			require.NoError(t, err)
			err = stored.Rows(func(sim.Row) error { return nil })
			require.EqualError(t, err, path+": "+test.want+"; copy the folder of the run again if it was not copied whole, or run the scenario again")
			require.ErrorAs(t, err, new(*results.ReadError))
		})
	}
}

// Of a run that is complete nothing may be missing, unlike of one that was killed.
func TestFilesThatWereNotCopiedWhole(t *testing.T) {
	for _, format := range results.Formats() {
		t.Run(format, func(t *testing.T) {
			dir := recordAs(t, results.Format(format), mixed, mixedRows)
			stored, err := results.Open(dir)
			require.NoError(t, err)
			path := filepath.Join(dir, stored.Manifest.Values.Path)
			info, err := os.Stat(path)
			require.NoError(t, err)
			nothing := func(sim.Row) error { return nil }
			require.NoError(t, stored.Rows(nothing))
			require.NoError(t, os.Truncate(path, info.Size()-7))
			require.ErrorContains(t, stored.Rows(nothing), fmt.Sprintf("it has %d bytes, and had %d at the end of the run; copy", info.Size()-7, info.Size()))
			require.NoError(t, os.Remove(path))
			require.ErrorContains(t, stored.Rows(nothing), path+": no such file or directory; copy")
			require.NoError(t, os.Remove(filepath.Join(dir, "series.csv")))
			_, err = results.Open(dir)
			require.ErrorContains(t, err, filepath.Join(dir, "series.csv")+": no such file or directory; copy")
		})
	}
}

// What calls itself a value of a series that there is not is no panic.
func TestDatabaseWithAnotherSeries(t *testing.T) {
	dir := recordAs(t, results.SQLite, mixed, mixedRows)
	header := "entity,attribute,unit,kind\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "series.csv"), []byte(header), 0o644))
	stored, err := results.Open(dir)
	require.NoError(t, err)
	require.ErrorContains(t, stored.Rows(func(sim.Row) error { return nil }), "which is not in series.csv; copy")
}

func TestManifestsOfOtherVersions(t *testing.T) {
	dir := recordAs(t, results.CSV, mixed, nil)
	path := filepath.Join(dir, "manifest.json")
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, os.WriteFile(path, []byte(strings.Replace(string(text), `"format": 1`, `"format": 2`, 1)), 0o644))
	_, err = results.Open(dir)
	require.EqualError(t, err, path+" has format 2, and this simrun reads format 1; read it with simrun , which wrote it")
	_, err = results.Open(path)
	require.EqualError(t, err, path+" is a file, not the folder of a run")
}
