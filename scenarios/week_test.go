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
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// week is a shipped scenario of unmodified simulators, which the real mosaik runs, too.
type week struct {
	name   string
	values int               // how many mosaik records
	theirs *strings.Replacer // our names, as they are in mosaik
}

var weeks = []week{
	// In mosaik the controllers are Python, with names as is usual there.
	{"street", 7 * 96 * 60, strings.NewReplacer("Controller-", "Controller_", " command", " output")},
	{"village", 7 * 96 * 66, strings.NewReplacer()},
}

// readWeek reads a shipped scenario and unpacks it into a folder of its own.
func readWeek(t *testing.T, name string) (s *scenarios.Scenario, dir string) {
	t.Helper()
	s, err := scenarios.Read("builtin:"+name, scenarios.ReadOptions{Set: []string{"python=" + peertest.Python(t)}})
	require.NoError(t, err)
	dir = t.TempDir()
	s, err = s.Unpack(dir)
	require.NoError(t, err)
	return s, dir
}

// reference runs the scenario with the real mosaik. The values are in the order of
// their times.
func (w week) reference(t *testing.T, input string) []point {
	t.Helper()
	cmd := exec.Command(peertest.Python(t), filepath.FromSlash("testdata/mosaik/"+w.name+".py"), "--dir", input)
	var said strings.Builder
	cmd.Stderr = &said
	out, err := cmd.Output()
	require.NoError(t, err, "%s", &said)
	records, err := csv.NewReader(strings.NewReader(string(out))).ReadAll()
	require.NoError(t, err)
	var values []point
	for _, record := range records[1:] {
		seconds, err := strconv.ParseInt(record[0], 10, 64)
		require.NoError(t, err)
		value, err := strconv.ParseFloat(record[3], 64)
		require.NoError(t, err)
		values = append(values, point{seconds, record[1] + " " + record[2], value})
	}
	return values
}

// point is a value, where it belongs in the results.
type point struct {
	seconds int64
	series  string // entity and attribute, as they are called in mosaik
	value   float64
}

// TestWeeksAreAsInMosaik runs the shipped scenarios of unmodified simulators here and
// with the real mosaik, a whole week, and compares every value, bit for bit. There are
// no exceptions: both pass on what a simulator sends digit for digit, and the
// controllers, written in Go and in Python, round after every operation. What
// mosaik-hdf5 stores is the same, too: values, their types, who is related to whom.
func TestWeeksAreAsInMosaik(t *testing.T) {
	for _, w := range weeks {
		t.Run(w.name, func(t *testing.T) {
			s, dir := readWeek(t, w.name)
			require.Equal(t, sim.Time(7*scheduler.Day), s.Until)
			_, sinks := runScenario(t, s)
			input := filepath.Join(dir, "data", w.name)
			ours := stored(t, input)
			want := w.reference(t, input)
			require.Equal(t, ours, stored(t, input))
			require.Len(t, want, w.values)

			// A simulator that steps less often than mosaik's recorder keeps its
			// value until then.
			got := make(map[string][]point)
			for _, row := range sinks[0].Rows {
				series := sinks[0].Series[row.Series]
				value, err := row.Value.Float64()
				require.NoError(t, err)
				name := w.theirs.Replace(series.FullID + " " + series.Attr)
				got[name] = append(got[name], point{int64(time.Duration(row.Time) / time.Second), name, value})
			}
			used, differ := make(map[string]int), 0
			for _, theirs := range want {
				ours := got[theirs.series][used[theirs.series]:]
				for len(ours) > 0 && ours[0].seconds <= theirs.seconds {
					ours = ours[1:]
					used[theirs.series]++
				}
				var value float64
				if n := used[theirs.series]; n > 0 {
					value = got[theirs.series][n-1].value
				}
				if used[theirs.series] > 0 && math.Float64bits(value) == math.Float64bits(theirs.value) {
					continue
				}
				if differ++; differ <= 10 {
					t.Errorf("with mosaik %v, here %v", theirs, value)
				}
			}
			require.Zero(t, differ, "values that differ")
			for name, ours := range got {
				require.Equal(t, len(ours), used[name], "all values of %s were compared", name)
			}
		})
	}
}

// stored tells what mosaik-hdf5 has written into a folder, and removes it. It is
// "" if there is nothing.
func stored(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*.hdf5"))
	require.NoError(t, err)
	var all strings.Builder
	for _, file := range files {
		out, err := exec.Command(peertest.Python(t), filepath.FromSlash("testdata/mosaik/stored.py"), file).Output()
		require.NoError(t, err)
		require.Greater(t, len(out), 50_000)
		all.Write(out)
		require.NoError(t, os.Remove(file))
	}
	return all.String()
}

// TestWeekIsTheSameEveryTime runs a day of each again, on one processor, and with
// separate requests for steps and data: nothing changes.
func TestWeekIsTheSameEveryTime(t *testing.T) {
	for _, w := range weeks {
		t.Run(w.name, func(t *testing.T) {
			s, dir := readWeek(t, w.name)
			s.Until = sim.Time(scheduler.Day)
			first, _ := runScenario(t, s)
			require.NotEmpty(t, first.Digest)

			// A copy of the file beside the unpacked files finds them.
			text, err := scenarios.Source("builtin:" + w.name)
			require.NoError(t, err)
			const command = "    command:"
			require.Equal(t, 4, strings.Count(string(text), command))
			path := filepath.Join(dir, "copy.yaml")
			require.NoError(t, os.WriteFile(path, []byte(strings.ReplaceAll(string(text), command, "    separate_get_data: true\n"+command)), 0o666))
			s, err = scenarios.Read(path, scenarios.ReadOptions{Set: []string{"python=" + peertest.Python(t)}})
			require.NoError(t, err)
			s.Until = sim.Time(scheduler.Day)
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(1))
			again, _ := runScenario(t, s)
			require.Equal(t, first.Digest, again.Digest)
		})
	}
}

// TestWeeksAreChecked asks the simulators what they offer; all of it fits.
func TestWeeksAreChecked(t *testing.T) {
	for _, w := range weeks {
		t.Run(w.name, func(t *testing.T) {
			s, _ := readWeek(t, w.name)
			problems, warnings := s.Check(t.Context(), scenarios.CheckOptions{Start: true})
			require.Empty(t, problems)
			require.Empty(t, warnings)
		})
	}
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
	s, dir := readWeek(t, "street")
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

// TestWeekData makes the input anew.
func TestWeekData(t *testing.T) {
	for folder, names := range map[string][]string{"data/street": {"weather.csv", "profiles.data", "grid.json"}, "data/village": {"wind.csv", "turbine.csv"}} {
		dir := t.TempDir()
		out, err := exec.Command(peertest.Python(t), folder+"/generate.py", dir).CombinedOutput()
		require.NoError(t, err, "%s", out)
		for _, name := range names {
			want, err := os.ReadFile(filepath.Join(dir, name))
			require.NoError(t, err)
			got, err := os.ReadFile(filepath.Join(folder, name))
			require.NoError(t, err)
			require.Equal(t, string(want), string(got), name)
		}
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
