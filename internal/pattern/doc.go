// Package pattern tells which attributes of entities a pattern means: one in the
// section record of a scenario, or behind the run folder in simrun results and plot.
//
// An attribute has several names that a pattern may match:
//
//	home[3].power   the entity and the attribute
//	home[3]         the entity: all its attributes
//	home            the group of the entity: all attributes of all its entities
//
// In a pattern, * stands for any text, also none, and also for dots and brackets. [0..4] behind the name of
// a group stands for [0], [1], [2], [3] and [4]. Everything else stands for itself.
package pattern
