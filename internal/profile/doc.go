// Package profile tells where the wall time of a run has gone: a sentence that names
// what has taken most of it, and a trace of all steps for people to look at.
package profile
