package results

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"time"

	"github.com/simrun/simrun/sim"
)

const (
	manifestName   = "manifest.json"
	manifestFormat = 1
)

// Manifest is the contents of manifest.json: everything about a run but its
// values. Names of durations carry the unit.
type Manifest struct {
	Format   int    `json:"format"`   // of this file
	Complete bool   `json:"complete"` // the run reached its end and its values are on disk
	Error    string `json:"error,omitempty"`

	Scenario    ScenarioInfo  `json:"scenario"`
	Containers  []Container   `json:"containers,omitempty"` // with agents that did not live in the process of the run
	Versions    Versions      `json:"versions"`
	Wall        Wall          `json:"wall"`
	Virtual     Virtual       `json:"virtual"`
	TraceDigest string        `json:"trace_digest,omitempty"` // equal for runs that put out the same
	Rows        int64         `json:"rows"`
	Values      ValuesFile    `json:"values"`
	Trace       string        `json:"trace,omitempty"` // path of the trace; without a slash: in the folder
	Simulators  []Simulator   `json:"simulators"`
	Links       []Link        `json:"links"`
	Warnings    []string      `json:"warnings"`
	Files       []ResultsFile `json:"files"`
}

// ScenarioInfo says what was run.
type ScenarioInfo struct {
	Name      string   `json:"name"`
	Path      string   `json:"path"`   // as given on the command line
	Digest    string   `json:"digest"` // of the file and the overrides, SHA-256
	Overrides []string `json:"overrides"`
	Seed      uint64   `json:"seed"`
}

// Container is where agents lived.
type Container struct {
	Name    string   `json:"name"`
	Agents  int      `json:"agents"`            // that were made there
	Connect string   `json:"connect,omitempty"` // its address; missing: the run has started it
	Command []string `json:"command,omitempty"` // that the run has started; missing: it was simrun container
	Codec   string   `json:"codec"`
	TLS     bool     `json:"tls"`
}

// Versions says what it was run with.
type Versions struct {
	Simrun string `json:"simrun"`
	Go     string `json:"go"`
	OS     string `json:"os"`
	Arch   string `json:"arch"`
}

// Wall is real time.
type Wall struct {
	Begin   time.Time  `json:"begin"`
	End     *time.Time `json:"end,omitempty"` // missing: the run is under way, or was killed
	Seconds float64    `json:"seconds,omitempty"`
	Running float64    `json:"running_seconds,omitempty"` // of them, between setup and end
	MaxLag  float64    `json:"max_lag_seconds,omitempty"` // behind real time at most, of a paced run
}

// Virtual is virtual time.
type Virtual struct {
	Start   *time.Time  `json:"start,omitempty"` // date of time 0
	Until   json.Number `json:"until_seconds"`
	Reached json.Number `json:"reached_seconds"` // every step before it was completed
	Pace    float64     `json:"pace,omitempty"`  // of a run paced by real time
}

// Simulator is what one simulator has cost.
type Simulator struct {
	Name   string `json:"name"`
	Failed bool   `json:"failed,omitempty"` // which has ended the run
	// Entities counts those of each model that are not a part of another entity.
	Entities  map[string]int `json:"entities"`
	Steps     int64          `json:"steps"`
	Setup     float64        `json:"setup_seconds"`
	Own       float64        `json:"own_seconds"`
	Waiting   float64        `json:"waiting_seconds"`
	Messaging float64        `json:"messaging_seconds"`
	// WaitsFor tells for whom it has waited longest, estimated from samples.
	WaitsFor []WaitsFor `json:"waits_for,omitempty"`

	Advanced  float64 `json:"advanced_seconds"`  // virtual time from its first step to its last
	Requests  int64   `json:"requests"`          // steps that asked for a next one
	Requested float64 `json:"requested_seconds"` // virtual time from those to the ones asked for, summed up
	Early     int64   `json:"early_steps"`       // steps before the time asked for, because of inputs or events

	Traffic    *Traffic        `json:"traffic,omitempty"` // with its process
	Containers []ContainerCost `json:"containers,omitempty"`
}

// Link stands for all connections from one simulator to another.
type Link struct {
	From        string  `json:"from"`
	To          string  `json:"to"`
	Connections int     `json:"connections"`
	Shift       float64 `json:"shift_seconds,omitempty"` // the shortest shift in time
	Weak        bool    `json:"weak,omitempty"`          // some are
}

// LinksOf lists which simulators of a world are connected.
func LinksOf(w *sim.World) []Link {
	links := []Link{}
	for _, l := range w.Links() {
		links = append(links, Link{l.From.Name(), l.To.Name(), l.Connections, l.Shift.Seconds(), l.Weak})
	}
	return links
}

// EntitiesOf counts the entities of a simulator by model, children not counted.
func EntitiesOf(in *sim.Instance) map[string]int {
	counts := make(map[string]int)
	for _, e := range in.Entities() {
		counts[e.Model().Name]++
	}
	for _, e := range in.Entities() {
		for _, c := range e.Children() {
			counts[c.Model().Name]--
		}
	}
	for model, n := range counts {
		if n == 0 {
			delete(counts, model)
		}
	}
	return counts
}

// WaitsFor is how long one simulator has waited for another one.
type WaitsFor struct {
	Simulator string  `json:"simulator"` // "": several others
	Seconds   float64 `json:"seconds"`
}

// Traffic is what has gone to another process and come from it.
type Traffic struct {
	Sent          int64 `json:"messages_sent"`
	Received      int64 `json:"messages_received"`
	BytesSent     int64 `json:"bytes_sent"`
	BytesReceived int64 `json:"bytes_received"`
}

// ContainerCost is what a container of agents has cost.
type ContainerCost struct {
	Name    string  `json:"name"`
	Calls   int64   `json:"calls"`
	Own     float64 `json:"own_seconds"`
	Traffic Traffic `json:"traffic"`
}

// ValuesFile is where the recorded values are.
type ValuesFile struct {
	Format Format `json:"format"`
	Path   string `json:"path"` // relative to the folder
}

// ResultsFile is a file of the run folder.
type ResultsFile struct {
	Path  string `json:"path"` // relative to the folder, with slashes
	Bytes int64  `json:"bytes"`
}

// seconds gives a virtual time in seconds, exactly.
func seconds(t sim.Time) json.Number { return json.Number(t.AppendSeconds(nil)) }

func newManifest(info Info, begin time.Time) *Manifest {
	m := &Manifest{
		Format: manifestFormat,
		Scenario: ScenarioInfo{Name: info.Name, Path: info.Path, Digest: info.Digest,
			Overrides: append([]string{}, info.Overrides...), Seed: info.Seed},
		Containers: info.Containers,
		Versions:   Versions{Simrun: info.Version, Go: runtime.Version(), OS: runtime.GOOS, Arch: runtime.GOARCH},
		Wall:       Wall{Begin: begin},
		Virtual:    Virtual{Until: seconds(info.Until), Reached: seconds(0), Pace: info.Pace},
		Values:     ValuesFile{Format: info.Format, Path: fileNames[info.Format]},
		Trace:      info.Trace,
		Simulators: []Simulator{},
		Links:      []Link{},
		Warnings:   []string{},
		Files:      []ResultsFile{},
	}
	if !info.Start.IsZero() {
		start := info.Start.UTC()
		m.Virtual.Start = &start
	}
	return m
}

// compact is the manifest on one line, to be kept in a file of values.
func (m *Manifest) compact() []byte {
	text, err := json.Marshal(m)
	if err != nil {
		panic(err) // there is nothing in it that JSON does not know
	}
	return text
}

// take enters what a run has come to.
func (m *Manifest) take(s *sim.Summary) {
	m.Complete = s.Complete
	m.Virtual.Reached = seconds(s.Reached)
	m.Virtual.Until = seconds(s.Until)
	m.Wall.Running = s.Wall.Seconds()
	m.Wall.MaxLag = s.MaxLag.Seconds()
	m.TraceDigest = s.Digest
	m.Rows = s.Rows
	m.Simulators = m.Simulators[:0] // which were there without what they would cost
	for _, in := range s.Instances {
		m.Simulators = append(m.Simulators, simulatorOf(in.Name(), EntitiesOf(in), in.Stats()))
	}
}

// blame marks the simulator whose failure has ended the run, if one's has.
func (m *Manifest) blame(failure error) {
	var failed *sim.SimulatorError
	if !errors.As(failure, &failed) {
		return
	}
	for i := range m.Simulators {
		m.Simulators[i].Failed = m.Simulators[i].Name == failed.Sim
	}
}

// simulatorOf turns what a simulator has cost into what the manifest says about it.
func simulatorOf(name string, entities map[string]int, stats sim.Stats) Simulator {
	s := Simulator{Name: name, Entities: entities, Steps: stats.Steps, Setup: stats.Setup.Seconds(),
		Own: stats.Own.Seconds(), Waiting: stats.Waiting.Seconds(), Messaging: stats.Messaging.Seconds(),
		Advanced: stats.Advanced.Seconds(), Requests: stats.Requests, Requested: stats.Requested / 1e9, Early: stats.Early}
	for _, w := range stats.For {
		s.WaitsFor = append(s.WaitsFor, WaitsFor{w.Sim, w.For.Seconds()})
	}
	if stats.Traffic != (sim.Traffic{}) {
		traffic := Traffic(stats.Traffic)
		s.Traffic = &traffic
	}
	for _, c := range stats.Containers {
		s.Containers = append(s.Containers, ContainerCost{c.Name, c.Calls, c.Own.Seconds(), Traffic(c.Traffic)})
	}
	return s
}

// Stats is what the simulator has cost, as a run has it.
func (s *Simulator) Stats() sim.Stats {
	wall := func(seconds float64) time.Duration { return time.Duration(seconds * 1e9) }
	stats := sim.Stats{Steps: s.Steps, Setup: wall(s.Setup), Own: wall(s.Own), Waiting: wall(s.Waiting), Messaging: wall(s.Messaging),
		Advanced: wall(s.Advanced), Requests: s.Requests, Requested: s.Requested * 1e9, Early: s.Early}
	for _, w := range s.WaitsFor {
		stats.For = append(stats.For, sim.Wait{Sim: w.Simulator, For: wall(w.Seconds)})
	}
	if s.Traffic != nil {
		stats.Traffic = sim.Traffic(*s.Traffic)
	}
	for _, c := range s.Containers {
		stats.Containers = append(stats.Containers, sim.ContainerStats{Name: c.Name, Calls: c.Calls, Own: wall(c.Own), Traffic: sim.Traffic(c.Traffic)})
	}
	return stats
}

// list enters the files of the folder.
func (m *Manifest) list(dir string) error {
	return filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		name, err := filepath.Rel(dir, path)
		if err == nil && name != manifestName {
			m.Files = append(m.Files, ResultsFile{Path: filepath.ToSlash(name), Bytes: info.Size()})
		}
		return err
	})
}

// write replaces the folder's manifest in one step: whoever reads it sees the
// old one or the new one.
func (m *Manifest) write(dir string) error {
	path := filepath.Join(dir, manifestName)
	text, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	f, err := os.CreateTemp(dir, manifestName+".*")
	if err != nil {
		return writeError("create", path, err)
	}
	_, err = f.Write(append(text, '\n'))
	// CreateTemp makes files that only their owner may read; the rest of the
	// folder is for whoever may read the others.
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		// The failure that counts is the first one.
		_ = os.Remove(f.Name())
		return writeError("write", path, err)
	}
	return nil
}
