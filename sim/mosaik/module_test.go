package mosaik_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/sim/mosaik"
)

// A program whose Python lacks a package, the most frequent reason for which
// one does not start.
func TestMissingModule(t *testing.T) {
	s := mosaik.New(mosaik.Config{CommandLine: `{python} -c "import no_such_module" {addr}`, Python: peertest.Python(t)})
	err := s.Start(t.Context())
	require.ErrorContains(t, err, "it exited before it connected")
	require.ErrorContains(t, err, "the Python that runs it has no module 'no_such_module': install the package that brings it there, or name another Python")
	require.NoError(t, s.Close())
}
