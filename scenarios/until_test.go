package scenarios_test

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func TestEndAt(t *testing.T) {
	start := time.Date(2026, 6, 1, 12, 0, 0, 0, time.UTC)
	dated, undated := &scenarios.Scenario{Start: start}, &scenarios.Scenario{}
	for _, c := range []struct {
		scenario *scenarios.Scenario
		text     string
		want     time.Duration
		err      string
	}{
		{undated, "90s", 90 * time.Second, ""},
		{dated, "2026-06-02", 12 * time.Hour, ""},
		{dated, "2026-06-01T14:00:00+01:00", time.Hour, ""},
		{undated, "3", 0, "with a unit"},
		{undated, "-3s", 0, "above 0"},
		{undated, "300000d", 0, "up to 292 years"},
		{undated, "2026-06-02", 0, "a date needs a start"},
		{dated, "2026-06-01", 0, "not after the start, 2026-06-01T12:00:00Z"},
		{dated, "2326-06-01", 0, "more than 292 years"},
	} {
		got, err := c.scenario.EndAt(c.text)
		if c.err != "" {
			require.ErrorContains(t, err, c.err, c.text)
			continue
		}
		require.NoError(t, err, c.text)
		require.Equal(t, sim.Time(c.want), got, c.text)
	}
}
