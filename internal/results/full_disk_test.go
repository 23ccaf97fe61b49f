package results_test

import (
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/sim"
)

// fullDisk is a file on a disk with room for so many bytes. It may be read
// while it is written.
type fullDisk struct {
	mu     sync.Mutex
	data   []byte
	room   int
	synced bool
}

func (f *fullDisk) Write(p []byte) (int, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fits := f.room - len(f.data); len(p) > fits {
		f.data = append(f.data, p[:fits]...)
		return fits, &os.PathError{Op: "write", Path: "/runs/x/results.csv", Err: syscall.ENOSPC}
	}
	f.data = append(f.data, p...)
	return len(p), nil
}

func (f *fullDisk) Truncate(size int64) error { f.data = f.data[:size]; return nil }
func (f *fullDisk) Sync() error               { f.synced = true; return nil }
func (f *fullDisk) Close() error              { return nil }

func (f *fullDisk) String() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return string(f.data)
}

// However little fits, what is kept is whole lines, from the first one on
// without a gap, and the failure is reported.
func TestFullDiskKeepsWholeLines(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		disk := &fullDisk{room: rapid.IntRange(0, 3*results.BufferSize).Draw(rt, "room")}
		run := results.NewOn(dir, disk, results.Info{})
		sink := run.Sink()
		require.NoError(rt, sink.Begin([]sim.Series{{Entity: "sim.entity", Attr: "attr"}}))
		var all strings.Builder
		all.WriteString("time,date,entity,attribute,value\n")
		var failure error
		for at := sim.Time(0); failure == nil && all.Len() < 4*results.BufferSize; at += sim.Time(time.Second) {
			text := strings.Repeat("x", rapid.IntRange(0, 5000).Draw(rt, "length"))
			failure = sink.Write([]sim.Row{{Time: at, Value: sim.Text(text)}})
			all.WriteString(string(at.AppendSeconds(nil)) + `,,sim.entity,attr,"` + text + "\"\n")
		}
		require.ErrorIs(rt, failure, syscall.ENOSPC)
		require.EqualError(rt, failure, "write results.csv: no space left on device; make room there, or choose another folder")
		require.NoError(rt, run.Finish(nil, &sim.SinkError{Err: failure}), "it has been reported already")
		kept := disk.String()
		require.True(rt, strings.HasPrefix(all.String(), kept))
		require.True(rt, kept == "" || strings.HasSuffix(kept, "\n"))
		if next, _, _ := strings.Cut(all.String()[len(kept):], "\n"); len(next)+1+len(kept) <= disk.room {
			rt.Fatalf("a line of %d bytes is missing, %d of %d bytes are used", len(next), len(kept), disk.room)
		}
	})
}

// The disk may fill up after the last value has been handed over.
func TestFullDiskAtTheEnd(t *testing.T) {
	dir := t.TempDir()
	run := results.NewOn(dir, &fullDisk{room: 10}, results.Info{Name: "x"})
	sink := run.Sink()
	require.NoError(t, sink.Begin([]sim.Series{{Entity: "a", Attr: "b"}}))
	require.NoError(t, sink.Write([]sim.Row{{Value: sim.Float(0.123456789)}}))
	require.ErrorIs(t, run.Finish(&sim.Summary{Complete: true, Rows: 1}, nil), syscall.ENOSPC)
	m := readManifest(t, dir)
	assert.False(t, m.Complete)
	assert.Contains(t, m.Error, "no space left on device")
}

func TestDevFull(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("/dev/full is there on Linux only")
	}
	full, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	require.NoError(t, err)
	run := results.NewOn(t.TempDir(), full, results.Info{})
	sink := run.Sink()
	require.NoError(t, sink.Begin([]sim.Series{{Entity: "a", Attr: "b"}}))
	rows := make([]sim.Row, results.BufferSize/8)
	require.ErrorIs(t, sink.Write(rows), syscall.ENOSPC)
	require.ErrorIs(t, sink.Write(rows[:1]), syscall.ENOSPC, "nothing is written after a failure")
	require.ErrorIs(t, run.Finish(nil, nil), syscall.ENOSPC)
}

// What does not take the stream says what to do.
func TestBrokenStream(t *testing.T) {
	r, w, err := os.Pipe()
	require.NoError(t, err)
	require.NoError(t, r.Close()) // the reader goes away
	for _, test := range []struct {
		stream io.WriteCloser
		want   string
	}{
		{w, "; what reads it must read until the end"},
		{&fullDisk{}, "; make room there, or write to another place"},
	} {
		run, err := results.Create(t.TempDir(), results.Info{})
		require.NoError(t, err)
		run.Stream("values", test.stream)
		sink := run.Sink()
		require.NoError(t, sink.Begin([]sim.Series{{Entity: "a", Attr: "b"}}))
		require.NoError(t, sink.Write([]sim.Row{{Value: sim.Float(1)}}))
		require.ErrorContains(t, run.Finish(nil, nil), test.want)
	}
}

// A run that is killed in a long step has lost nothing that is older than a second.
func TestValuesReachTheFileSoon(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		disk := &fullDisk{room: 1 << 20}
		run := results.NewOn(t.TempDir(), disk, results.Info{})
		sink := run.Sink()
		require.NoError(t, sink.Begin([]sim.Series{{Entity: "a", Attr: "b"}}))
		require.NoError(t, sink.Write([]sim.Row{{Value: sim.Int(1)}}))
		require.Empty(t, disk.String(), "one line is not worth a write")
		time.Sleep(results.FlushEvery)
		synctest.Wait()
		require.Equal(t, "time,date,entity,attribute,value\n0,,a,b,1\n", disk.String())
		require.NoError(t, sink.Write([]sim.Row{{Time: 1, Value: sim.Int(2)}}))
		require.NoError(t, run.Finish(nil, nil))
		require.Equal(t, "time,date,entity,attribute,value\n0,,a,b,1\n0.000000001,,a,b,2\n", disk.String())
		require.True(t, disk.synced)
	})
}

func readManifest(t *testing.T, dir string) results.Manifest {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, "manifest.json"))
	require.NoError(t, err)
	var m results.Manifest
	require.NoError(t, json.Unmarshal(text, &m))
	return m
}
