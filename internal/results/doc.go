// Package results writes the folder that a run leaves behind, and reads it.
//
// # The folder
//
//	results.csv    every recorded value, one a line: time,date,entity,attribute,value
//	               (or another [Format], see docs/results.md)
//	series.csv     unit and kind of each recorded attribute
//	entities.csv   which entity of which simulator a name in results.csv stands for: entity,id
//	manifest.json  what was run, with what, how it ended
//	scenario.yaml  a copy of the scenario file
//	profile.json   where the wall time has gone, if that was asked for
//	logs/          what external simulators printed, a file for each
//
// # results.csv
//
// Lines are in order of time over all recordings, at one time in the order in
// which the recordings and their attributes were declared. time is virtual time
// in seconds, exact, with as many decimals as it needs. date is the same as an
// RFC 3339 date in UTC; it is empty if the scenario has no start. entity is what
// the recording calls it: home[3], in a scenario, is the fourth of the group home.
// Numbers are the shortest decimals that read back as the same float64, and
// those of foreign simulators have the digits they came with; NaN, Infinity and
// -Infinity are spelt like that. Booleans are true and false, null is empty,
// text is quoted as RFC 4180 says, lists and objects are JSON (quoted, too).
//
// # entities.csv
//
// A line for each entity that is recorded, written when the run begins: what
// results.csv calls it, and its full ID, simulator.entity, under which the
// simulator and its messages know it.
//
// # Guarantees
//
// Values are streamed: memory does not grow with their number. They reach the
// file within a second (Parquet: see [parquetFile]), and in a way that what a killed
// run leaves can be read. manifest.json is there from the start, with
// "complete": false, and is replaced in one atomic step at the end: a folder
// whose manifest says "complete": true is one whose run reached its end and
// whose values are on disk.
package results
