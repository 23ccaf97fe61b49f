// Package format writes numbers, durations and counts for people: few digits,
// the unit always beside them, and the same in every place where they show up.
// What programs read is written elsewhere, exactly.
package format
