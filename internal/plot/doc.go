// Package plot draws recorded series as SVG or PNG, in a way that needs no
// touching up for a paper.
//
// A [Figure] is a column of panels over one time axis. A panel shows families of
// curves: a family is one series, or many of entities that are named alike, as
// thin curves with their mean on top (more than fifty: the range that they cover). Persistent values are steps, because each
// is valid until the next; events are dots.
//
// However many values a series has, a [Curve] keeps at most four for each of its
// time intervals, the first, the last, the least and the largest, with which a
// picture of that width looks the same as with all (M4: Jugel, Jerzak,
// Hackenbroich and Markl, M4: A visualization-oriented time series data
// aggregation, PVLDB 7(10), 2014).
package plot
