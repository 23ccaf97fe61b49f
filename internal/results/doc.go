// Package results writes the folder that a run leaves behind.
//
// # The folder
//
//	results.csv    every recorded value, one a line: time,date,entity,attribute,value
//	manifest.json  what was run, with what, how it ended
//	scenario.yaml  a copy of the scenario file
//	logs/          what external simulators printed, a file for each
//
// # results.csv
//
// Lines are in order of time. time is virtual time in seconds, exact, with as
// many decimals as it needs. date is the same as an RFC 3339 date in UTC; it is
// empty if the scenario has no start. entity is what the
// recording calls it. Numbers are the shortest decimals that read back as the same float64, and
// those of foreign simulators have the digits they came with; NaN, Infinity and
// -Infinity are spelt like that. Booleans are true and false, null is empty, text
// is quoted as RFC 4180 says, lists and objects are JSON (quoted, too).
//
// # Guarantees
//
// Values are streamed: memory does not grow with their number. They reach the
// file within a second, and only ever in whole lines, so that what a killed
// run leaves can be read. manifest.json is there from the start, with
// "complete": false, and is replaced in one atomic step at the end: a folder
// whose manifest says "complete": true is one whose run reached its end and
// whose values are on disk.
package results
