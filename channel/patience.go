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
	// A reader that looked in vain goes to sleep at once in the next reads. Their
	// number is two to the power of its doubts, which grow faster than success
	// takes them away: to look for what comes late is worse than to sleep,
	// because on a busy machine it keeps the peer from running.
	moreDoubts = 2
	maxDoubts  = 8
)

// A patientReader reads from a connection. Where replies and requests follow each
// other quickly it does not go to sleep between them: it looks for data again and
// again, for a short while, and lets other goroutines run meanwhile. When that
// was in vain, it does so less and less often.
type patientReader struct {
	io.Reader
	direct *directReader
	doubts int // from 0 to maxDoubts
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
		if n, err := r.direct.tryRead(p); n > 0 || err != nil {
			r.doubts = max(r.doubts-1, 0)
			return n, err
		}
		runtime.Gosched()
		if time.Since(start) > spinTime {
			r.doubts = min(r.doubts+moreDoubts, maxDoubts)
			r.skip = 1 << r.doubts
			return r.Reader.Read(p)
		}
	}
}
