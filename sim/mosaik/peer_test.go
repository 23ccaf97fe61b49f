package mosaik_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

func TestMain(m *testing.M) {
	if os.Getenv("THERMOSTAT") != "" { // this is the external simulator of Example
		thermostat(os.Args[1])
		return
	}
	if os.Getenv("HEATER") != "" { // this is the program of ExampleServe
		ExampleServe()
		return
	}
	goleak.VerifyTestMain(m)
}

// enough is the time to start and to stop that programs have even on a busy machine.
const enough = 2 * time.Minute

// peer configures one of the programs in testdata.
func peer(t testing.TB, program string, args ...string) mosaik.Config {
	t.Helper()
	return mosaik.Config{
		Command:      append(append([]string{"{python}", filepath.Join("testdata", program)}, args...), "{addr}"),
		Python:       peertest.Python(t),
		Log:          filepath.Join(t.TempDir(), "peer.log"),
		Warn:         func(text string) { t.Errorf("unexpected warning: %s", text) },
		StartTimeout: enough,
		StopTimeout:  enough,
	}
}

// newWorld returns a world that is closed, without an error, at the end of the
// test.
func newWorld(t testing.TB) *sim.World {
	w := sim.NewWorld(sim.Config{})
	t.Cleanup(func() {
		if err := w.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	})
	return w
}

func add(t testing.TB, w *sim.World, name string, cfg mosaik.Config, params sim.Params) *sim.Instance {
	t.Helper()
	in, err := w.Add(t.Context(), name, mosaik.New(cfg), sim.AddOptions{Params: params})
	require.NoError(t, err)
	return in
}

func create(t testing.TB, in *sim.Instance, model string, num int, params sim.Params) []*sim.Entity {
	t.Helper()
	es, err := in.Create(t.Context(), model, num, params)
	require.NoError(t, err)
	return es
}

// values returns what was recorded of an attribute as "time:value" in order.
func values(m *sim.Memory, entity, attr string) string {
	var out []string
	for _, row := range m.Rows {
		if s := m.Series[row.Series]; s.Entity == entity && s.Attr == attr {
			out = append(out, row.Time.String()+":"+row.Value.String())
		}
	}
	return strings.Join(out, " ")
}

func seconds(n int) sim.Time { return sim.Time(time.Duration(n) * time.Second) }
