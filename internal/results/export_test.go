package results

import "time"

// File is what a CSV of recorded values is written to.
type File = file

// NewOn is a run whose values go to f, for files that fail.
func NewOn(dir string, f File, info Info) *Run {
	r := &Run{dir: dir, manifest: newManifest(info, time.Now())}
	r.record("results.csv", f, info.Start)
	return r
}

// BufferSize and FlushEvery are the limits that the tests go around.
const (
	BufferSize = bufferSize
	FlushEvery = flushEvery
)
