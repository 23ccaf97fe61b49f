package channel

import (
	"io"
	"runtime"
	"time"
)

const (
	// spinTime is how long a reader looks for data before it goes to sleep. To
	// wake both sides up, when their processors sleep too, takes about half as
	// long.
	spinTime = 120 * time.Microsecond
	// maxSkip bounds the reads between attempts to look in vain, as the
	// exponent of a power of two.
	maxSkip = 6
)

// A patientReader reads from a connection. Where replies and requests follow each
// other quickly it does not go to sleep between them: it looks for data again and
// again, for a short while, and lets other goroutines run meanwhile. When that
// was in vain, it does so less and less often.
type patientReader struct {
	io.Reader
	direct *directReader
	misses int // consecutive ones, at most maxSkip
	skip   int // reads that go to sleep at once
}

func (r *patientReader) Read(p []byte) (int, error) {
	if r.direct == nil {
		return r.Reader.Read(p)
	}
	if r.skip > 0 {
		r.skip--
		return r.Reader.Read(p)
	}
	for start := time.Now(); ; {
		if n := r.direct.tryRead(p); n > 0 {
			r.misses = 0
			return n, nil
		}
		runtime.Gosched()
		if time.Since(start) > spinTime {
			r.misses = min(r.misses+1, maxSkip)
			r.skip = 1 << r.misses
			return r.Reader.Read(p)
		}
	}
}
