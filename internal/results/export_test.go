package results

// File is what a CSV of recorded values is written to.
type File = file

// NewOn is a run whose values go to f as CSV, for files that fail.
func NewOn(dir string, f File, info Info) *Run {
	info.Format = CSV
	r := newRun(dir, info)
	r.recorder.targets = []target{newCSVFile(newLineFile("results.csv", f), r.about().start)}
	return r
}

// BufferSize and FlushEvery are the limits that the tests go around.
const (
	BufferSize = bufferSize
	FlushEvery = flushEvery
)
