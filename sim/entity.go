package sim

// Entity is one entity of a simulator, made by Instance.Create.
type Entity struct {
	id       string
	full     string
	model    *Model
	lp       *Instance
	children []*Entity
	related  []string
	extra    any
	ports    map[string]*port
	slots    map[string]*slot
	inputs   map[string]*Input
	outputs  map[string]*Output
	portList []*port // in order of first connection
	slotList []*slot
}

// ID is the entity's name in its simulator.
func (e *Entity) ID() string { return e.id }

// FullID is the entity's name in the world: simulator.entity.
func (e *Entity) FullID() string { return e.full }

// Model describes what kind of entity it is.
func (e *Entity) Model() *Model { return e.model }

// Children are the entities that were made along with this one, as parts of it.
func (e *Entity) Children() []*Entity { return e.children }

// Related are the IDs of the entities of the same simulator that the simulator
// says it is related to.
func (e *Entity) Related() []string { return e.related }

// Extra is what the simulator told about the entity beyond that; nil if nothing.
func (e *Entity) Extra() any { return e.extra }
