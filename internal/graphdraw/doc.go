// Package graphdraw draws who is connected to whom in a world, as SVG or for
// Graphviz.
//
// A simulator is a box, with a row for each of its entities, or for all of one
// model if they are many. Of many simulators those share a box that have the same models and are
// connected in the same way. Connections between two rows are one arrow, with what
// travels over it. Boxes stand in layers, from left to right as values travel at
// one time; connections that are shifted in time or weak, without which there
// are no cycles, may lead back, and do so below the boxes. The layers are those of
// Sugiyama, Tagawa and Toda (Methods for visual understanding of hierarchical
// system structures, IEEE SMC 11(2), 1981), ordered by barycentres.
package graphdraw
