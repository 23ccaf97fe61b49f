package scenarios_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
)

func TestSettings(t *testing.T) {
	path := filepath.Join(t.TempDir(), "s.yaml")
	require.NoError(t, os.WriteFile(path, []byte(`
simrun: 1
name: x
until: 1h
parameters:
  houses: 24
  roofs: ${min(16, houses)} # on the first houses
  # Not on its line.
  store: {kwh: 10, kw: 5 kW}
  list: [1, 2]
simulators:
  raw: {model: constant, params: {value: "${houses}"}}
`), 0o644))
	s, err := scenarios.Read(path, scenarios.ReadOptions{Set: []string{"roofs=5"}})
	require.NoError(t, err)
	require.Equal(t, []scenarios.Setting{
		{Name: "houses", Value: "24"},
		{Name: "roofs", Value: "${min(16, houses)}", Comment: "on the first houses"},
		{Name: "store.kwh", Value: "10"},
		{Name: "store.kw", Value: "5 kW"},
	}, s.Settings())
}
