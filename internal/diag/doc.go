// Package diag says what is wrong with a file, and where.
//
// A [Problem] is one mistake at one place. A [List] is all that is wrong,
// reported together and in the order of the file:
//
//	district.yaml:31:38: connect: store has no input "setpiont"; did you mean "setpoint"?
//	   31 |   - trader[*].charge -> store[*].setpiont
//	      |                                  ^
//	1 problem, nothing was run
//
// Lines and columns count from 1; a column counts characters, not bytes.
package diag
