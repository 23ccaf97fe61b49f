package models_test

import (
	"context"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// replay runs a time series over a CSV file and returns what its column x puts
// out, as "seconds=value".
func replay(t *testing.T, start time.Time, csv string, params sim.Params, until time.Duration) []string {
	t.Helper()
	b := newBench(t, start, fstest.MapFS{"x.csv": {Data: []byte(csv)}})
	params["file"] = "x.csv"
	b.make(b.add("ts", models.NewTimeSeries(), params), nil)
	b.run(until)
	times, values := b.results.Floats("ts.Series-0", "x")
	var got []string
	for i := range times {
		got = append(got, fmt.Sprintf("%v=%v", times[i], values[i]))
	}
	return got
}

func TestTimeSeriesHolds(t *testing.T) {
	const csv = "# a comment, with a comma\ntime, x [kW], y\n-3,9,0\n10, 1,0\n10.5,2 ,0\n4000,-3e1,0\n"
	require.Equal(t, []string{"0s=9", "10s=1", "10.5s=2", "4000s=-30"}, replay(t, time.Time{}, csv, sim.Params{}, time.Hour+time.Hour))
	require.Equal(t, []string{"2s=9", "15s=1", "15.5s=2"}, replay(t, time.Time{}, "time,x\n2,9\n15,1\n15.5,2\n", sim.Params{}, time.Minute))
	require.Equal(t, []string{"57s=9", "70s=1", "70.5s=2"}, replay(t, time.Time{}, csv, sim.Params{"offset": "1m"}, time.Hour))
	require.Equal(t, []string{"0s=2", "3989.5s=-30"}, replay(t, time.Time{}, csv, sim.Params{"offset": "-10.5s"}, 2*time.Hour))
}

// A Go program gives parameters in Go's types.
func TestTimeSeriesFromGo(t *testing.T) {
	params := sim.Params{"columns": []string{"x"}, "interpolation": "linear", "step": time.Minute, "offset": -time.Minute}
	require.Equal(t, []string{"0s=1", "60s=2"}, replay(t, time.Time{}, "time,y,x\n0,7,0\n120,7,2\n", params, time.Hour))
}

func TestTimeSeriesInterpolates(t *testing.T) {
	const csv = "time,x\n0,0\n60,6\n90,0\n"
	params := sim.Params{"interpolation": "linear", "step": "20s"}
	require.Equal(t, []string{"0s=0", "20s=2", "40s=4", "60s=6", "80s=2", "100s=0"},
		replay(t, time.Time{}, csv, params, time.Hour))
}

func TestTimeSeriesWithDates(t *testing.T) {
	const csv = "time,x\n2026-05-31T23:00:00Z,1\n2026-06-01T03:00:00+02:00,2\n2026-06-01T02:00:00Z,3\n"
	require.Equal(t, []string{"0s=1", "3600s=2", "7200s=3"}, replay(t, monday, csv, sim.Params{}, 24*time.Hour))
}

func TestTimeSeriesOfATypicalYear(t *testing.T) {
	// A row at every noon of 2025, holding the day of the year.
	var year strings.Builder
	year.WriteString("time,x\n")
	for day := range 365 {
		at := time.Date(2025, time.January, 1+day, 12, 0, 0, 0, time.UTC)
		fmt.Fprintf(&year, "%s,%d\n", at.Format(time.RFC3339), at.YearDay())
	}
	run := func(start time.Time, params sim.Params, days int) []string {
		params["repeat"] = "year"
		return replay(t, start, year.String(), params, time.Duration(days)*24*time.Hour)
	}
	date := func(year int, month time.Month, day int) time.Time {
		return time.Date(year, month, day, 6, 0, 0, 0, time.UTC)
	}
	const noon = "21600s" // six hours after the start
	require.Equal(t, []string{"0s=151", noon + "=152"}, run(date(1990, time.June, 1), sim.Params{}, 1))
	require.Equal(t, []string{"0s=365", noon + "=1", "108000s=2"}, run(date(2030, time.January, 1), sim.Params{}, 2))
	require.Equal(t, []string{"0s=364", noon + "=365", "108000s=1"}, run(date(2029, time.December, 31), sim.Params{}, 2))
	// 28 February, 29 February, 1 March of a leap year.
	require.Equal(t, []string{"0s=58", noon + "=59", "108000s=59", "194400s=60"}, run(date(2028, time.February, 28), sim.Params{}, 3))
	require.Equal(t, []string{"0s=58", noon + "=59", "108000s=60"}, run(date(2027, time.February, 28), sim.Params{}, 2))
	require.Equal(t, []string{"0s=152", "43200s=153"}, run(date(1990, time.June, 2), sim.Params{"offset": "6h"}, 1))
	// Linear, across the turn of the year: from 365 down to 1.
	require.Equal(t, []string{"0s=92", "86400s=1.75"},
		run(date(2030, time.January, 1), sim.Params{"interpolation": "linear", "step": "24h"}, 2))
}

// The weather that comes with simrun, in another year than its own.
func TestTimeSeriesOnRealWeather(t *testing.T) {
	weather, err := os.ReadFile("../scenarios/data/greensboro-tmy3.csv")
	require.NoError(t, err)
	b := newBench(t, time.Date(2031, time.June, 10, 16, 0, 0, 0, time.UTC), fstest.MapFS{"w.csv": {Data: weather}})
	in := b.add("weather", models.NewTimeSeries(), sim.Params{"file": "w.csv", "repeat": "year", "columns": []any{"temp_air", "ghi"}})
	attrs := in.Meta().Models[0].Attrs
	require.Len(t, attrs, 2)
	require.Equal(t, []string{"temp_air", "degC", "ghi", "W/m2"}, []string{attrs[0].Name, attrs[0].Unit, attrs[1].Name, attrs[1].Unit})
	b.make(in, nil)
	b.run(2 * time.Hour)
	times, ghi := b.results.Floats("weather.Series-0", "ghi")
	require.Equal(t, []sim.Time{0, scheduler.Hour}, times)
	require.Equal(t, 1013.0, ghi[1], "the brightest hour of the year")
}

// Adding one to a world reads the header only.
func TestTimeSeriesInitReadsTheHeaderOnly(t *testing.T) {
	b := newBench(t, time.Time{}, fstest.MapFS{"x.csv": {Data: []byte("time,x\nthis is,not a number\n")}})
	b.add("ts", models.NewTimeSeries(), sim.Params{"file": "x.csv"})
}

func TestTimeSeriesRefuses(t *testing.T) {
	for _, c := range []struct {
		name, csv string
		params    sim.Params
		start     time.Time
		want      string
	}{
		{"no file", "", sim.Params{"file": "other.csv"}, monday, "other.csv"},
		{"no name", "", sim.Params{"file": ""}, monday, "parameter file is missing"},
		{"not text", "", sim.Params{"file": 3}, monday, "parameter file: 3 is not text"},
		{"empty", "", nil, monday, "x.csv: is empty"},
		{"comments only", "# nothing\n", nil, monday, "x.csv: is empty"},
		{"semicolons", "time;x\n0;1\n", nil, monday, `x.csv:1:1: there are no commas in the header "time;x"; put commas between columns`},
		{"first column", "x,time\n", nil, monday, `x.csv:1:1: the first column is "x"; it must be time`},
		{"no column", "time\n", nil, monday, "no column beside time"},
		{"no column name", "time,x,[kW]\n", nil, monday, "x.csv:1:8: column 3 has no name"},
		{"twice", "time,x,x [kW]\n", nil, monday, `two columns "x"`},
		{"bad unit", "time,x [k W m^]\n", nil, monday, `x.csv:1:6: column "x [k W m^]"`},
		{"unknown column", "time,ghi,dni\n", sim.Params{"columns": []any{"gih"}}, monday, `parameter columns: x.csv has no column "gih"; did you mean "ghi"?`},
		{"columns of numbers", "time,x\n", sim.Params{"columns": []any{1}}, monday, "parameter columns: item 1, 1, is not text"},
		{"interpolation", "time,x\n", sim.Params{"interpolation": "liner"}, monday, `no choice "liner"; did you mean "linear"?`},
		{"linear without step", "time,x\n", sim.Params{"interpolation": "linear"}, monday, "parameter step = 0s is out of range"},
		{"hold with step", "time,x\n", sim.Params{"step": "1h"}, monday, "parameter step is of no use"},
		{"columns of one number", "time,x\n", sim.Params{"columns": 1}, monday, "parameter columns: 1 is not a list"},
		{"offset of a number", "time,x\n", sim.Params{"offset": 5}, monday, "parameter offset: 5 has no unit of time; write 5s for seconds"},
		{"bad offset", "time,x\n", sim.Params{"offset": "soon"}, monday, `parameter offset: "soon" is not a duration`},
		{"year without start", "time,x\n", sim.Params{"repeat": "year"}, time.Time{}, "repeat: year needs dates"},
		{"no rows", "time,x\n", nil, monday, "x.csv: has no rows"},
		{"no time", "time,x\nnoon,1\n", nil, monday, `x.csv:2:1: column time: "noon" is neither a date`},
		{"mixed times", "time,x\n0,1\n2026-01-01T00:00:00Z,1\n", nil, monday, `x.csv:3:1: column time: "2026-01-01T00:00:00Z" among seconds`},
		{"not rising", "time,x\n0,1\n0,1\n", nil, monday, `x.csv:3:1: column time: "0" is not later than the row before`},
		{"no number", "time,x,y\n0,1,2\n1,1,\n", nil, monday, `x.csv:3:5: column "y": "" is not a finite number`},
		{"NaN", "time,x\n0,NaN\n", nil, monday, `column "x": "NaN" is not a finite number`},
		{"short row", "time,x\n0\n", nil, monday, "x.csv: record on line 2: wrong number of fields"},
		{"dates without start", "time,x\n2026-01-01T00:00:00Z,1\n", nil, time.Time{}, "has dates, the run has none"},
		{"too early", "time,x\n2025-01-01T00:00:00Z,1\n2025-05-31T00:00:00Z,1\n", nil, monday, "x.csv ends 366 d before the run starts"},
		{"seconds for a year", "time,x\n0,1\n", sim.Params{"repeat": "year"}, monday, "column time holds seconds"},
		{"half a year", "time,x\n2025-01-01T00:00:00Z,1\n2025-01-02T00:00:00Z,1\n", sim.Params{"repeat": "year"}, monday, "before the year from 2025-01-01T00:00:00Z is over"},
		{"two years", "time,x\n2025-01-01T00:00:00Z,1\n2026-01-01T00:00:00Z,1\n", sim.Params{"repeat": "year"}, monday, "covers more than the year"},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := newBench(t, c.start, fstest.MapFS{"x.csv": {Data: []byte(c.csv)}})
			params := sim.Params{"file": "x.csv"}
			for k, v := range c.params {
				params[k] = v
			}
			in, err := b.world.Add(context.Background(), "ts", models.NewTimeSeries(), sim.AddOptions{Params: params})
			if err == nil {
				_, err = in.Create(context.Background(), "Series", 1, nil)
				require.NoError(t, err)
				err = b.runFails()
			}
			require.ErrorContains(t, err, c.want)
			t.Log(err)
		})
	}
}

// Check finds files that have nothing to say of the run.
func TestTimeSeriesCheck(t *testing.T) {
	day := sim.Time(scheduler.Day)
	for _, c := range []struct {
		csv, offset string
		until       sim.Time
		want        string // "" if all is well
	}{
		{"time,x\n2026-06-01T00:00:00Z,1\n", "0s", 1, ""},
		{"time,x\n2026-06-03T00:00:00Z,1\n", "0s", 2*day + 1, ""},
		{"time,x\n2026-06-03T00:00:00Z,1\n", "0s", 2 * day, "parameter file: x.csv begins 0 s after the run has ended"},
		{"time,x\n2026-06-13T00:00:00Z,1\n", "0s", 2 * day, "x.csv begins 10 d after the run has ended"},
		{"time,x\n2026-06-13T00:00:00Z,1\n", "-11d", 2 * day, ""},
		{"time,x\n2026-05-31T00:00:00Z,1\n", "0s", day, "x.csv ends 1 d before the run starts"},
		{"time,x\n2026-05-29T22:00:00Z,1\n", "0s", day, "x.csv ends 2 d 2 h before the run starts"},
		{"time,x\n2026-05-31T00:00:00Z,1\n", "1d", day, ""},
		{"time,x\n3600,1\n", "0s", sim.Time(scheduler.Minute), "x.csv begins 59 min after the run has ended"},
		{"time,x\n0,abc\n", "0s", day, `x.csv:2:3: column "x": "abc" is not a finite number`},
		{"time,x\n2026-06-01T00:00:00Z,1\n#" + strings.Repeat(" ", 9<<20), "0s", day, ""},
		{"time,x\n2026-05-01T00:00:00Z,1\n#" + strings.Repeat(" ", 9<<20), "0s", day, ""}, // left for the run
	} {
		b := newBench(t, monday, fstest.MapFS{"x.csv": {Data: []byte(c.csv)}})
		ts := models.NewTimeSeries().(*models.TimeSeries)
		b.add("ts", ts, sim.Params{"file": "x.csv", "offset": c.offset})
		err := ts.Check(c.until)
		if c.want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, c.want)
		}
	}
}

// Whatever the file holds, there is a table or an error, not a panic.
func FuzzTimeSeries(f *testing.F) {
	f.Add("time,x\n0,1\n60,2\n")
	f.Add("# c\ntime,\"x [kW]\"\n2025-01-01T00:00:00Z,1e3\n")
	f.Add("\ufefftime,x,y [°C]\r\n-1e9,0,1\r\n9e9,1,2\r\n")
	f.Fuzz(func(t *testing.T, csv string) {
		b := newBench(t, monday, fstest.MapFS{"x.csv": {Data: []byte(csv)}})
		in, err := b.world.Add(context.Background(), "ts", models.NewTimeSeries(), sim.AddOptions{Params: sim.Params{"file": "x.csv"}})
		if err != nil {
			return
		}
		_, err = in.Create(context.Background(), "Series", 1, nil)
		require.NoError(t, err)
		// An hour with a row every nanosecond would take too long.
		_, _ = b.world.Run(context.Background(), sim.RunOptions{Until: 1000})
	})
}
