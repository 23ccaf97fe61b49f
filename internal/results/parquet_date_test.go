package results_test

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// Dates that nanoseconds since 1970 cannot tell are missing, not other dates.
func TestDatesInParquet(t *testing.T) {
	for start, want := range map[string]bool{
		"1600-02-29T00:00:00Z": false, "1677-12-31T23:59:59Z": false, "1678-01-01T00:00:00Z": true, "1969-12-31T23:59:59Z": true,
		"2261-12-31T23:59:59Z": true, "2262-01-01T00:00:00Z": false,
	} {
		at, err := time.Parse(time.RFC3339, start)
		require.NoError(t, err)
		dir := t.TempDir()
		run, err := results.Create(dir, results.Info{Name: "x", Format: results.Parquet, Start: at})
		require.NoError(t, err)
		require.NoError(t, run.Sink().Begin(mixed[:1]))
		require.NoError(t, run.Sink().Write([]sim.Row{{Value: sim.Float(1)}}))
		require.NoError(t, run.Finish(nil, nil))
		rows, err := parquet.ReadFile[struct {
			Date *int64 `parquet:"date,optional,timestamp(nanosecond:utc)"`
		}](filepath.Join(dir, "results.parquet"))
		require.NoError(t, err)
		require.Len(t, rows, 1)
		if !want {
			assert.Nil(t, rows[0].Date, start)
		} else if assert.NotNil(t, rows[0].Date, start) {
			assert.Equal(t, start, time.Unix(0, *rows[0].Date).UTC().Format(time.RFC3339))
		}
	}
}
