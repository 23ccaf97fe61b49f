package results

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/simrun/simrun/sim"
)

// Names of what is in a run folder beside the manifest.
const (
	csvName      = "results.csv"
	scenarioName = "scenario.yaml"
	logsName     = "logs"
	dataName     = "data" // of a scenario that brings files for its programs
)

// Info is what is known of a run before it begins.
type Info struct {
	Name      string   // of the scenario
	Path      string   // of the scenario file, as the user gave it
	Source    []byte   // contents of that file
	Digest    string   // of Source and Overrides
	Overrides []string // --set options and the like
	Seed      uint64
	Start     time.Time // date of time 0; zero: none
	Until     sim.Time
	Pace      float64
	Version   string // of simrun
	// Containers are those with agents that do not live in the process of the run.
	Containers []Container
}

// maxWarnings is how many warnings are kept; the rest is counted.
const maxWarnings = 100

// Run is the folder of one run. Its methods must be called from one goroutine
// at a time, but for Warn.
type Run struct {
	dir      string
	out      *lineFile
	sink     *csvSink
	manifest *Manifest

	mu       sync.Mutex // protects the following
	warnings []string
	unkept   int // warnings beyond maxWarnings
}

// Create begins a run in an existing, empty folder (see [NewFolder] and
// [UseFolder]): it writes the copy of the scenario, a manifest that says that
// the run is not complete, and the header of the results. Errors say what
// could not be written and why.
func Create(dir string, info Info) (*Run, error) {
	if err := os.Mkdir(filepath.Join(dir, logsName), 0o755); err != nil {
		return nil, folderError(dir, err)
	}
	scenario := filepath.Join(dir, scenarioName)
	if err := os.WriteFile(scenario, info.Source, 0o644); err != nil {
		return nil, writeError("write", scenario, err)
	}
	r := &Run{dir: dir, manifest: newManifest(info, time.Now())}
	if err := r.manifest.write(dir); err != nil {
		return nil, err
	}
	path := filepath.Join(dir, csvName)
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return nil, writeError("create", path, err)
	}
	r.record(path, f, info.Start)
	err = r.out.update(func(buf []byte) ([]byte, error) { return append(buf, csvHeader...), nil })
	return r, err
}

// Dir is the folder.
func (r *Run) Dir() string { return r.dir }

// LogDir is where simulators' logs go.
func (r *Run) LogDir() string { return filepath.Join(r.dir, logsName) }

// CSV is the path of the recorded values.
func (r *Run) CSV() string { return filepath.Join(r.dir, csvName) }

// record makes f the file of recorded values.
func (r *Run) record(path string, f file, start time.Time) {
	r.out = newLineFile(path, f)
	r.sink = &csvSink{out: r.out, entities: filepath.Join(r.dir, entitiesName), start: start.UTC()}
}

// Sink is where recorded values go.
func (r *Run) Sink() sim.Sink { return r.sink }

// Warn keeps a warning for the manifest that is written at the end. It may be
// called at any time, from any goroutine.
func (r *Run) Warn(text string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.warnings) < maxWarnings {
		r.warnings = append(r.warnings, text)
	} else {
		r.unkept++
	}
}

// Warnings returns the warnings so far, at the end how many are left out.
func (r *Run) Warnings() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := append([]string{}, r.warnings...)
	if r.unkept > 0 {
		list = append(list, fmt.Sprintf("... and %d more", r.unkept))
	}
	return list
}

// Stats returns what was recorded, in the order of the series.
func (r *Run) Stats() []SeriesStats { return slices.Clone(r.sink.stats) }

// Finish writes what is left, makes it durable, and writes the final manifest.
// It must be called once, however the run went: summary is nil if it never
// began, failure is what ended it early, nil if nothing did. The error is about
// the folder only, not about failure.
func (r *Run) Finish(summary *sim.Summary, failure error) error {
	err := r.out.close()
	var sinkErr *sim.SinkError
	if failure != nil && errors.As(failure, &sinkErr) {
		err = nil // it is what the run ended with, and has been reported
	}
	m := r.manifest
	m.Warnings = r.Warnings()
	if summary != nil {
		m.take(summary)
	}
	if reported := errors.Join(failure, err); reported != nil {
		m.Complete, m.Error = false, reported.Error()
	}
	end := time.Now()
	m.Wall.End, m.Wall.Seconds = &end, end.Sub(m.Wall.Begin).Seconds()
	if listErr := m.list(r.dir); err == nil && listErr != nil {
		err = folderError(r.dir, listErr)
	}
	if writeErr := m.write(r.dir); err == nil {
		err = writeErr
	}
	return err
}

// Discard removes the folder with all that is in it, for a run that never began.
// There was nothing in it before Create.
func (r *Run) Discard() error {
	return errors.Join(r.out.close(), os.RemoveAll(r.dir))
}
