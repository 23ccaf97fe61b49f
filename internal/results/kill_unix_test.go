//go:build unix

package results_test

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// writerEnv makes the test program write values into a folder until it is killed.
const writerEnv = "SIMRUN_TEST_WRITER"

func init() {
	if dir := os.Getenv(writerEnv); dir != "" {
		writeForever(dir, results.Format(os.Getenv(writerEnv+"_FORMAT")))
	}
}

// enough is how many values there must be so that some are on disk: more than a
// row group, or a transaction.
func enough(format results.Format) int {
	if format == results.Parquet {
		return 330_000
	}
	return 150_000
}

// writeForever tells when it has written so much that some of it must be on disk.
func writeForever(dir string, format results.Format) {
	run, err := results.Create(dir, results.Info{Format: format, Until: 1e18})
	series := make([]sim.Series, 100)
	for i := range series {
		series[i] = sim.Series{Entity: fmt.Sprintf("store[%d]", i), Attr: "power", Unit: "kW"}
	}
	if err == nil {
		err = run.Sink().Begin(series)
	}
	rows := make([]sim.Row, len(series))
	for at := 0; err == nil; at++ {
		for i := range rows {
			rows[i] = sim.Row{Time: sim.Time(at) * 1e9, Series: i, Value: sim.Float(float64(at*len(rows) + i))}
		}
		if err = run.Sink().Write(rows); at*len(rows) == enough(format) {
			fmt.Println("written")
		}
	}
	fmt.Println(err)
	os.Exit(1)
}

// What was written before a kill -9 can be read, without a gap, in every format.
func TestKill(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for _, format := range results.Formats() {
		t.Run(format, func(t *testing.T) {
			dir := t.TempDir()
			cmd := exec.Command(self)
			cmd.Env = append(os.Environ(), writerEnv+"="+dir, writerEnv+"_FORMAT="+format)
			out, err := cmd.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, cmd.Start())
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			require.Equal(t, "written\n", line)
			require.NoError(t, cmd.Process.Signal(syscall.SIGKILL))
			require.Error(t, cmd.Wait())

			stored, err := results.Open(dir)
			require.NoError(t, err)
			require.False(t, stored.Manifest.Complete)
			n := 0
			require.NoError(t, stored.Rows(func(row sim.Row) error {
				f, err := row.Value.Float64()
				if f != float64(n) || row.Series != n%100 || row.Time != sim.Time(n/100)*1e9 {
					return fmt.Errorf("value %d is %v at %v of %d", n, row.Value, row.Time, row.Series)
				}
				n++
				return err
			}))
			require.Greater(t, n, enough(results.Format(format))/3)

			// Nobody knows what came after the last value.
			end, err := stored.End()
			require.NoError(t, err)
			require.Equal(t, sim.Time((n-1)/100)*1e9+1, end)
		})
	}
}

// A write that was cut off at any place leaves what was there before it.
func TestParquetThatIsCutOff(t *testing.T) {
	dir := t.TempDir()
	run, write := step(t, dir, results.Parquet)
	at := sim.Time(0)
	for range 1<<18/100 + 100 {
		write(at)
		at += 1e9
	}
	path := run.ValuesPath()
	full, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NoError(t, run.Finish(nil, nil))
	count := func() (n int) {
		stored, err := results.Open(dir)
		require.NoError(t, err)
		require.NoError(t, stored.Rows(func(sim.Row) error { n++; return nil }))
		return n
	}
	require.Equal(t, (1<<18/100+100)*100, count())
	require.NoError(t, os.WriteFile(path, full, 0o644))
	whole := count()
	require.Positive(t, whole) // of the disk's and the machine's speed it depends where row groups end
	for _, cut := range []int{1, 4, 8, 100, len(full) / 2} {
		require.NoError(t, os.WriteFile(path, full[:len(full)-cut], 0o644))
		require.Less(t, count(), whole, "without the last %d bytes", cut)
	}
	require.NoError(t, os.WriteFile(path, append(full[:len(full):len(full)], "PAR1 a part"...), 0o644))
	require.Equal(t, whole, count())
	require.NoError(t, os.WriteFile(path, []byte("PAR1"), 0o644))
	stored, err := results.Open(dir)
	require.NoError(t, err)
	require.ErrorContains(t, stored.Rows(nil), "there is no whole Parquet footer in it")
}
