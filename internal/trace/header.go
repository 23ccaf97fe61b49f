package trace

import (
	"encoding/json"
	"fmt"
	"time"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// About says what was run.
type About struct {
	Scenario  string   `json:"scenario"`
	Digest    string   `json:"digest"` // of the scenario file and the overrides
	Overrides []string `json:"overrides,omitempty"`
	Version   string   `json:"version"` // of simrun
	// Containers are those whose agents lived in other processes. The rest of a trace is the
	// same wherever agents live.
	Containers []string `json:"containers,omitempty"`
}

// Header is what a trace begins with.
type Header struct {
	About
	World sim.TraceWorld
}

// End is what a trace ends with, unless the run was killed.
type End struct {
	Complete bool
	Reached  sim.Time
	Err      string
}

// fileHeader is Header in JSON. Times are in nanoseconds.
type fileHeader struct {
	About
	Seed        uint64           `json:"seed"`
	Start       *time.Time       `json:"start,omitempty"`
	Until       int64            `json:"until"`
	Simulators  []fileSim        `json:"simulators"`
	Outputs     []fileOutput     `json:"outputs"`
	Connections []fileConnection `json:"connections"`
}

type fileSim struct {
	Name   string           `json:"name"`
	Type   string           `json:"type"`
	Places scheduler.Places `json:"places"` // see scheduler.CompareSteps
	First  []sim.Time       `json:"first,omitempty"`
}

type fileOutput struct {
	Sim    int    `json:"simulator"`
	Entity string `json:"entity"`
	Attr   string `json:"attribute"`
	Unit   string `json:"unit,omitempty"`
	Event  bool   `json:"event,omitempty"`
}

type fileConnection struct {
	Output  int    `json:"output"`
	Sim     int    `json:"simulator"`
	Entity  string `json:"entity"`
	Attr    string `json:"attribute"`
	Shift   int64  `json:"shift,omitempty"`
	Groups  int    `json:"groups,omitempty"` // in which both ends are
	Weak    bool   `json:"weak,omitempty"`
	Event   bool   `json:"event,omitempty"`
	Trigger bool   `json:"trigger,omitempty"`
}

var types = []sim.Type{sim.TimeBased, sim.EventBased, sim.Hybrid}

func (h *Header) encode() ([]byte, error) {
	w := &h.World
	f := fileHeader{About: h.About, Seed: w.Seed, Until: int64(w.Until)}
	if !w.Start.IsZero() {
		start := w.Start.UTC()
		f.Start = &start
	}
	for _, s := range w.Sims {
		f.Simulators = append(f.Simulators, fileSim{s.Name, s.Type.String(), s.Places, s.First})
	}
	for _, o := range w.Outputs {
		f.Outputs = append(f.Outputs, fileOutput(o))
	}
	for _, c := range w.Connections {
		f.Connections = append(f.Connections, fileConnection{Output: c.Output, Sim: c.Sim, Entity: c.Entity, Attr: c.Attr,
			Shift: int64(c.Delay.Time), Groups: c.Delay.Groups(), Weak: c.Delay.Weak(), Event: c.Event, Trigger: c.Trigger})
	}
	return json.Marshal(f)
}

// decodeHeader checks all that refers to something.
func decodeHeader(text []byte) (*Header, error) {
	var f fileHeader
	if err := json.Unmarshal(text, &f); err != nil {
		return nil, err
	}
	h := &Header{About: f.About, World: sim.TraceWorld{Seed: f.Seed, Until: sim.Time(f.Until)}}
	if f.Start != nil {
		h.World.Start = *f.Start
	}
	for _, s := range f.Simulators {
		found := false
		for _, t := range types {
			if t.String() == s.Type {
				h.World.Sims = append(h.World.Sims, sim.TraceSim{Name: s.Name, Type: t, Places: s.Places, First: s.First})
				found = true
			}
		}
		if !found {
			return nil, fmt.Errorf("simulator %q is of type %q", s.Name, s.Type)
		}
	}
	for _, o := range f.Outputs {
		if o.Sim < 0 || o.Sim >= len(f.Simulators) {
			return nil, fmt.Errorf("output %s.%s is of simulator number %d, of %d", o.Entity, o.Attr, o.Sim, len(f.Simulators))
		}
		h.World.Outputs = append(h.World.Outputs, sim.TraceOutput(o))
	}
	for _, c := range f.Connections {
		if c.Sim < 0 || c.Sim >= len(f.Simulators) || c.Output < 0 || c.Output >= len(f.Outputs) ||
			c.Shift < 0 || c.Groups < 0 || c.Groups > scheduler.TierLevels || c.Weak && c.Groups == 0 {
			return nil, fmt.Errorf("the connection to %s.%s cannot be one", c.Entity, c.Attr)
		}
		h.World.Connections = append(h.World.Connections, sim.TraceConnection{Output: c.Output, Sim: c.Sim, Entity: c.Entity, Attr: c.Attr,
			Delay: scheduler.NewDelay(time.Duration(c.Shift), c.Groups, c.Weak), Event: c.Event, Trigger: c.Trigger})
	}
	return h, nil
}
