package sim

// Type is a simulator's way of stepping.
type Type uint8

const (
	// TimeBased simulators decide themselves when to step next. Their outputs
	// are persistent: valid until the next output.
	TimeBased Type = iota
	// EventBased simulators step when an input arrives or when they asked for
	// it. Their outputs are events: they happen at one time.
	EventBased
	// Hybrid simulators mix both, attribute by attribute.
	Hybrid
)

func (t Type) String() string {
	return [...]string{"time-based", "event-based", "hybrid"}[t]
}

// Meta describes a simulator: how it steps and what models it offers.
type Meta struct {
	Type         Type
	Models       []Model  // in the order in which they are listed to people
	ExtraMethods []string // names that Instance.Call accepts
	// API is the version of the mosaik API that a foreign simulator speaks,
	// "" for Go simulators.
	API string
}

// Model returns the model with the given name, or nil.
func (m *Meta) Model(name string) *Model {
	for i := range m.Models {
		if m.Models[i].Name == name {
			return &m.Models[i]
		}
	}
	return nil
}

// Model describes one kind of entity.
type Model struct {
	Name   string
	Doc    string // one line
	Hidden bool   // may appear as a child, but cannot be created by name
	Params []Param
	Attrs  []Attr
	// AnyInputs accepts every attribute name as an input.
	AnyInputs bool
	// AnyInputsTrigger says that inputs accepted by AnyInputs trigger a step.
	AnyInputsTrigger bool
}

// Attr returns the attribute with the given name, or nil.
func (m *Model) Attr(name string) *Attr {
	for i := range m.Attrs {
		if m.Attrs[i].Name == name {
			return &m.Attrs[i]
		}
	}
	return nil
}

// Param describes a parameter of a model or of a simulator.
type Param struct {
	Name    string
	Doc     string // one line
	Unit    string // "" if it has none
	Default string // as one would write it, "" if required or without default
}

// Attr describes an attribute of an entity. An attribute may be input, output,
// or both (foreign simulators do not say, so theirs are both).
type Attr struct {
	Name   string
	Doc    string // one line
	Unit   string // "" if not stated
	Input  bool
	Output bool
	// Trigger: a value that arrives at this input causes a step at its time.
	Trigger bool
	// Event: a value of this output happens at one time and is delivered once.
	// Otherwise it is persistent: valid until the next one.
	Event bool
	// Required: the entity cannot do without a connection to this input.
	Required bool
	// Single: this input takes at most one source. Otherwise several sources
	// are given side by side, and Input.Float is their sum.
	Single bool
}
