package scenarios_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
)

// TestReplaceName: a name is replaced where it stands alone, not in a longer one.
func TestReplaceName(t *testing.T) {
	for text, want := range map[string]string{
		"":                                  "",
		"pv.PV-1":                           "roof[1]",
		"pv.PV-1.power":                     "roof[1].power",
		`"pv.PV-1", pv.PV-1: pv.PV-1;`:      `"roof[1]", roof[1]: roof[1];`,
		"pv.PV-12 pv.PV-1":                  "pv.PV-12 roof[1]",
		"mypv.PV-1 my-pv.PV-1 pv.PV-1_a":    "mypv.PV-1 my-pv.PV-1 pv.PV-1_a",
		"höhepv.PV-1 pv.PV-1é (pv.PV-1) no": "höhepv.PV-1 pv.PV-1é (roof[1]) no",
	} {
		require.Equal(t, want, scenarios.ReplaceName(text, "pv.PV-1", "roof[1]"), text)
	}
}
