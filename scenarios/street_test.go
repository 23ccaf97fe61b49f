package scenarios_test

import (
	"context"
	"encoding/csv"
	"fmt"
	"math"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// readStreet reads the shipped street and unpacks it into a folder of its own.
func readStreet(t *testing.T) (s *scenarios.Scenario, dir string) {
	t.Helper()
	s, err := scenarios.Read("builtin:street", scenarios.ReadOptions{Set: []string{"python=" + peertest.Python(t)}})
	require.NoError(t, err)
	dir = t.TempDir()
	s, err = s.Unpack(dir)
	require.NoError(t, err)
	return s, dir
}

// point is where a value belongs in the results, under mosaik's names.
type point struct {
	seconds int64
	series  string // entity and attribute
}

// reference runs the street with the real mosaik.
func reference(t *testing.T, python string) map[point]float64 {
	t.Helper()
	cmd := exec.Command(python, filepath.FromSlash("testdata/mosaik/reference.py"))
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &said)
	records, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	require.NoError(t, err)
	values := make(map[point]float64)
	for _, record := range records[1:] {
		seconds, err := strconv.ParseInt(record[0], 10, 64)
		require.NoError(t, err)
		value, err := strconv.ParseFloat(record[3], 64)
		require.NoError(t, err)
		values[point{seconds, record[1] + " " + record[2]}] = value
	}
	return values
}

// TestStreetIsAsInMosaik runs the street here and with the real mosaik, with the
// same unmodified simulators, and compares every value, bit for bit. There are
// no exceptions: both pass on what a simulator sends digit for digit, and the
// controllers, written in Go and in Python, round after every operation.
func TestStreetIsAsInMosaik(t *testing.T) {
	s, _ := readStreet(t)
	_, sinks := runScenario(t, s)
	want := reference(t, peertest.Python(t))
	require.Len(t, want, 96*60)

	// In the reference the controllers are Python, with names as is usual there.
	theirs := strings.NewReplacer("Controller-", "Controller_", " command", " output")
	got := make(map[point]float64)
	for _, row := range sinks[0].Rows {
		series := sinks[0].Series[row.Series]
		value, err := row.Value.Float64()
		require.NoError(t, err)
		got[point{int64(time.Duration(row.Time) / time.Second), theirs.Replace(series.FullID + " " + series.Attr)}] = value
	}
	require.Len(t, got, len(want))
	differ := 0
	for at, value := range want {
		ours, ok := got[at]
		if ok && math.Float64bits(ours) == math.Float64bits(value) {
			continue
		}
		if differ++; differ <= 10 {
			t.Errorf("t=%ds: %s: %v (recorded: %v), with mosaik %v", at.seconds, at.series, ours, ok, value)
		}
	}
	require.Zero(t, differ, "values that differ")
}

// TestStreetIsTheSameEveryTime runs the street on one processor, and with
// separate requests for steps and data: nothing changes.
func TestStreetIsTheSameEveryTime(t *testing.T) {
	s, dir := readStreet(t)
	first, _ := runScenario(t, s)
	require.NotEmpty(t, first.Digest)

	t.Run("one processor", func(t *testing.T) {
		defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
		again, _ := runScenario(t, s)
		require.Equal(t, first.Digest, again.Digest)
	})
	t.Run("separate get_data", func(t *testing.T) {
		// A copy of the file beside the unpacked files finds them.
		text, err := scenarios.Source("builtin:street")
		require.NoError(t, err)
		const command = "    command:"
		require.Equal(t, 4, strings.Count(string(text), command))
		path := filepath.Join(dir, "copy.yaml")
		require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), command, "    separate_get_data: true\n"+command)), 0o666))
		s, err := scenarios.Read(path, scenarios.ReadOptions{Set: []string{"python=" + peertest.Python(t)}})
		require.NoError(t, err)
		again, _ := runScenario(t, s)
		require.Equal(t, first.Digest, again.Digest)
	})
}

// TestStreetIsChecked asks the simulators what they offer; all of it fits.
func TestStreetIsChecked(t *testing.T) {
	s, _ := readStreet(t)
	problems, warnings := s.Check(t.Context(), scenarios.CheckOptions{Start: true})
	require.Empty(t, problems)
	require.Empty(t, warnings)
}

// canceller ends a run in its middle.
type canceller struct {
	sim.Memory
	at     sim.Time
	cancel func()
}

func (c *canceller) Write(rows []sim.Row) error {
	if rows[len(rows)-1].Time >= c.at {
		c.cancel()
	}
	return nil
}

// TestStreetIsCancelled interrupts a run: of the four programs, and what they
// may have started, nothing is left.
func TestStreetIsCancelled(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("looks for processes in /proc")
	}
	s, dir := readStreet(t)
	ctx, cancel := context.WithCancel(t.Context())
	running := 0
	sink := &canceller{at: sim.Time(12 * time.Hour), cancel: func() {
		running = max(running, len(processesIn(t, dir)))
		cancel()
	}}
	w, err := s.Build(ctx, scenarios.BuildOptions{Sink: func() sim.Sink { return sink }})
	require.NoError(t, err)
	summary, err := w.Run(ctx, sim.RunOptions{Until: s.Until})
	require.ErrorIs(t, err, sim.ErrInterrupted)
	require.GreaterOrEqual(t, summary.Reached, sim.Time(6*time.Hour))
	require.Less(t, summary.Reached, s.Until)
	require.NoError(t, w.Close())
	require.Equal(t, 4, running)
	require.Empty(t, processesIn(t, dir))
}

// processesIn returns the processes, of this user at least, that work in dir or
// below it.
func processesIn(t *testing.T, dir string) []string {
	t.Helper()
	all, err := filepath.Glob("/proc/[0-9]*")
	require.NoError(t, err)
	var found []string
	for _, process := range all {
		// It may have ended meanwhile, or be somebody else's.
		if cwd, err := os.Readlink(filepath.Join(process, "cwd")); err == nil && strings.HasPrefix(cwd+"/", dir+"/") {
			found = append(found, process)
		}
	}
	return found
}

// TestStreetMustBeUnpacked: programs cannot read what is packed into this one.
func TestStreetMustBeUnpacked(t *testing.T) {
	s, err := scenarios.Read("builtin:street", scenarios.ReadOptions{})
	require.NoError(t, err)
	problems, warnings := s.Check(t.Context(), scenarios.CheckOptions{})
	require.Empty(t, problems)
	require.Empty(t, warnings)
	_, err = s.Build(t.Context(), scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }})
	require.Equal(t, []string{"its simulators read files that are packed into this program; call Unpack first"}, texts(t, err))

	_, err = s.Unpack(filepath.Join(t.TempDir(), "file"))
	require.NoError(t, err, "folders are made")
	file := write(t, "")
	_, err = s.Unpack(file)
	require.ErrorContains(t, err, "files of builtin:street: ")
}

// TestStreetData makes the input anew.
func TestStreetData(t *testing.T) {
	const folder = "data/street"
	dir := t.TempDir()
	out, err := exec.Command(peertest.Python(t), folder+"/generate.py", dir).CombinedOutput()
	require.NoError(t, err, "%s", out)
	for _, name := range []string{"weather.csv", "profiles.data", "grid.json"} {
		want, err := os.ReadFile(filepath.Join(dir, name))
		require.NoError(t, err)
		got, err := os.ReadFile(filepath.Join(folder, name))
		require.NoError(t, err)
		require.Equal(t, string(want), string(got), name)
	}
}

// TestQuoting gives a program the same words in all the ways that YAML and
// commands have.
func TestQuoting(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for _, command := range []string{
		`["${program}", -c, "from sims import main; main()", "{addr}"]`,
		`"'${program}' -c 'from sims import main; main()' {addr}"`,
		`"'${program}' -c \"from sims import main; main()\" {addr}"`,
		`'"${program}" -c "from sims import main; main()" "{addr}"'`,
		`${program} -c "from sims import main; main()" {addr}`,
		`${program} -c from\ sims\ import\ main;\ main() {addr}`,
		">-\n      ${program}\n      -c 'from sims import main; main()'\n      {addr}",
		"\n      - ${program}\n      - -c\n      - from sims import main; main()\n      - '{addr}'",
	} {
		t.Run(command, func(t *testing.T) {
			s := read(t, fmt.Sprintf(`simrun: 1
name: quoting
until: 1s
parameters: {program: '%s'}
simulators:
  house:
    command: %s
    env: {TEST_PEER: echo, GORACE: atexit_sleep_ms=0}
`, self, command))
			_, err := s.Build(t.Context(), scenarios.BuildOptions{})
			require.ErrorContains(t, err, `args=["-c" "from sims import main; main()"]`)
		})
	}
}
