package mosaikimport

import (
	"encoding/json"
	"slices"
)

// Recording is what a script composes, as recorder/simrun_recorder/recording.py
// writes it.
type Recording struct {
	Place                     // of World.run
	Resolution   float64      `json:"resolution"` // seconds in a step
	MaxRounds    int          `json:"max_rounds"`
	StartTimeout float64      `json:"start_timeout"` // seconds
	Until        int64        `json:"until"`         // steps
	RTFactor     float64      `json:"rt_factor"`     // seconds of real time in one of virtual time; 0: as fast as possible
	RTStrict     bool         `json:"rt_strict"`     // end a run that is behind
	Simulators   []simulator  `json:"simulators"`
	Creations    []creation   `json:"creations"`
	Connections  []connection `json:"connections"`
	Requests     []requests   `json:"requests"`
	Remarks      []Remark     `json:"remarks"`

	Failure *failure `json:"failure"`
}

// Place is a line of the script, or of what it calls.
type Place struct {
	File string `json:"file"` // absolute
	Line int    `json:"line"`
}

// Remark is something that is not the same in simrun.
type Remark struct {
	Place
	Text string `json:"text"`
	// Fatal: the scenario would be another one.
	Fatal bool `json:"fatal"`
}

// simulator is one World.start. One of Python, Command and Connect is set.
type simulator struct {
	Place
	ID           string                     `json:"id"`
	Groups       []string                   `json:"groups"` // names, from the outermost; "" has none
	Params       map[string]json.RawMessage `json:"params"`
	InitialEvent *int64                     `json:"initial_event"` // steps
	API          string                     `json:"api"`           // "": any

	Python  *class            `json:"python"`
	Command []string          `json:"command"`
	Connect string            `json:"connect"`
	Dir     string            `json:"dir"` // absolute working directory
	Env     map[string]string `json:"env"`
}

// class is a simulator that mosaik makes in the process of the script.
type class struct {
	Module    string   `json:"module"`
	Class     string   `json:"class"`
	Arguments string   `json:"arguments"` // of the constructor, in Python
	Library   string   `json:"library"`   // mosaik_api_v3 or mosaik_api
	Paths     []string `json:"paths"`     // absolute folders of modules that Python does not find by itself
}

// creation is one call of create.
type creation struct {
	Place
	Simulator  string                     `json:"simulator"`
	Model      string                     `json:"model"`
	Params     map[string]json.RawMessage `json:"params"`
	Entities   []entity                   `json:"entities"`
	Variable   string                     `json:"variable"`    // to which the script assigns the result; or ""
	OfChildren bool                       `json:"of_children"` // the variable holds the children
}

type entity struct {
	Handle   int      `json:"handle"`
	EID      string   `json:"eid"`
	Type     string   `json:"type"`
	Children []entity `json:"children"`
}

// connection is one pair of attributes of two entities. Without attributes it is for
// asynchronous requests alone, see allowRequests.
type connection struct {
	Place
	Source      int               `json:"source"` // handle of the entity
	Output      string            `json:"output"`
	Destination int               `json:"destination"`
	Input       string            `json:"input"`
	Shift       int64             `json:"shift"` // steps
	Weak        bool              `json:"weak"`
	Initial     []json.RawMessage `json:"initial"`   // none, or one; as the destination is to see it
	Transform   string            `json:"transform"` // expression of a scenario file; "" without

	async bool // see allowRequests
}

// Connects reports whether the script connects to programs that run already. Most
// of them have ended with the recording.
func (r *Recording) Connects() bool {
	return slices.ContainsFunc(r.Simulators, func(s simulator) bool { return s.Connect != "" })
}

// requests allow the destination to ask the source for data, and to set some.
type requests struct {
	Place
	Source      int `json:"source"` // handle of an entity
	Destination int `json:"destination"`
}

// failure is why there is nothing recorded.
type failure struct {
	Place
	Kind   string `json:"kind"`
	What   string `json:"what"`
	Raised string `json:"raised"` // file:line where the exception comes from
	Runs   int    `json:"runs"`   // of worlds before
	Output bool   `json:"output"` // what was printed may say more
}
