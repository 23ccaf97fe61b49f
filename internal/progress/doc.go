// Package progress shows how far a run has come.
//
// On a terminal that is a bar over virtual time, redrawn in place; elsewhere a
// plain line now and then, without any control codes, so that a log file stays
// readable and a short run says nothing. The end of the run is estimated from
// the speed of the last seconds, since few scenarios are equally busy all the
// time, and the simulator is named that has taken the most of it, if that is much. When a
// step takes long, the display names who is in it instead.
//
// Programs get lines of JSON.
package progress
