package results

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/simrun/simrun/sim"
)

// Names of what is in a run folder beside the manifest.
const (
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
	Format    Format // of the values; "": CSV
	// Trace is the path of the trace, in the folder if it has no slash; "": there is none.
	Trace string
	// Containers are those with agents that do not live in the process of the run.
	Containers []Container
	// Logger is told which files are made and replaced; nil: nothing is logged.
	Logger *slog.Logger
}

// maxWarnings is how many warnings are kept; the rest is counted.
const maxWarnings = 100

// Run is the folder of one run. Its methods must be called from one goroutine
// at a time, but for Warn.
type Run struct {
	dir      string
	log      *slog.Logger
	recorder recorder
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
	if info.Format == "" {
		info.Format = CSV
	}
	r := newRun(dir, info)
	r.log.Info("folder made", "path", dir)
	if err := r.writeManifest(); err != nil {
		return nil, err
	}
	values, err := openTarget(info.Format, r.ValuesPath(), r.about())
	if err != nil {
		return nil, err
	}
	r.log.Info("file of values opened", "path", r.ValuesPath(), "format", info.Format)
	r.recorder.targets = append(r.recorder.targets, values)
	return r, nil
}

func newRun(dir string, info Info) *Run {
	log := info.Logger
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	return &Run{dir: dir, log: log, recorder: recorder{dir: dir, log: log}, manifest: newManifest(info, time.Now())}
}

// writeManifest writes what is known of the run.
func (r *Run) writeManifest() error {
	err := r.manifest.write(r.dir)
	if err == nil {
		r.log.Debug("manifest replaced", "path", filepath.Join(r.dir, manifestName), "complete", r.manifest.Complete)
	}
	return err
}

// Stream makes the run write its values as JSON lines to f, too, a pipe or
// socket, within a second. A slow reader slows the run down, one that goes away
// ends it. It must be called before the run begins. f is closed by Finish.
func (r *Run) Stream(name string, f io.WriteCloser) {
	r.log.Info("stream opened", "path", name)
	r.recorder.targets = append(r.recorder.targets, &jsonFile{out: newLineFile(name, pipe{f}), clock: clock{start: r.about().start}})
}

// Describe tells of the world that will run, for formats that keep its
// structure, and for the manifest, which has it from now on: also that of a run that
// is killed. It must be called before the run begins.
func (r *Run) Describe(w *sim.World) error {
	r.recorder.topology = TopologyOf(w)
	r.manifest.Links = LinksOf(w)
	for _, in := range w.Instances() {
		r.manifest.Simulators = append(r.manifest.Simulators, Simulator{Name: in.Name(), Entities: EntitiesOf(in)})
	}
	return r.writeManifest()
}

// about is what there is to tell the files of values.
func (r *Run) about() about {
	a := about{manifest: r.manifest.compact()}
	if r.manifest.Virtual.Start != nil {
		a.start = *r.manifest.Virtual.Start
	}
	return a
}

// Dir is the folder.
func (r *Run) Dir() string { return r.dir }

// LogDir is where simulators' logs go.
func (r *Run) LogDir() string { return filepath.Join(r.dir, logsName) }

// ValuesPath is the path of the file of recorded values.
func (r *Run) ValuesPath() string { return filepath.Join(r.dir, r.manifest.Values.Path) }

// Sink is where recorded values go.
func (r *Run) Sink() sim.Sink { return &r.recorder }

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
func (r *Run) Stats() []SeriesStats { return slices.Clone(r.recorder.stats) }

// Finish writes what is left, makes it durable, and writes the final manifest.
// It must be called once, however the run went: summary is nil if it never
// began, failure is what ended it early, nil if nothing did. The error is about
// the folder only, not about failure.
func (r *Run) Finish(summary *sim.Summary, failure error) error {
	m := r.manifest
	m.Warnings = r.Warnings()
	if summary != nil {
		m.take(summary)
	}
	if failure != nil {
		m.Complete, m.Error = false, failure.Error()
		m.blame(failure)
	}
	end := time.Now()
	m.Wall.End, m.Wall.Seconds = &end, end.Sub(m.Wall.Begin).Seconds()
	err := r.recorder.close(m.compact())
	var sinkErr *sim.SinkError
	if failure != nil && errors.As(failure, &sinkErr) {
		err = nil // it is what the run ended with, and has been reported
	}
	if reported := errors.Join(failure, err); reported != nil {
		m.Complete, m.Error = false, reported.Error()
	}
	if listErr := m.list(r.dir); err == nil && listErr != nil {
		err = folderError(r.dir, listErr)
	}
	if writeErr := r.writeManifest(); err == nil {
		err = writeErr
	}
	r.log.Info("results closed", "path", r.ValuesPath(), "rows", m.Rows, "complete", m.Complete)
	return err
}

// Discard removes the folder with all that is in it, for a run that never began.
// There was nothing in it before Create.
func (r *Run) Discard() error {
	r.log.Info("folder removed: nothing in it is worth keeping", "path", r.dir)
	return errors.Join(r.recorder.close(nil), os.RemoveAll(r.dir))
}
