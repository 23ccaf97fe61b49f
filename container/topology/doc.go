// Package topology says which agents are neighbours of which.
//
// # Model
//
// A [Topology] is a graph whose nodes are the names of agents. An edge leads from
// an agent to a neighbour: one that it may speak to without knowing anybody else.
// [Ring], [Line], [Star], [Complete], [Grid], [Torus], [Random] and [SmallWorld]
// make the usual ones, in which neighbours are neighbours of each other; [Of]
// takes any graph of gonum, directed and weighted ones included.
//
// An agent that has been given the topology asks it whom to talk to:
//
//	func (p *Peer) tell() error {
//		return p.peers.Broadcast(p, "hear", p.value)
//	}
//
// The topology binds nobody: an agent may still call any other by its name, and
// the agents named may live anywhere. A message takes what the container says
// (see package container); [Topology.Media] has it take as long as the edge is.
//
// # Guarantees
//
// Neighbours come in the order in which the names were given, so what agents do
// with them is the same in every run. A Topology does not change and may be used
// concurrently.
package topology
