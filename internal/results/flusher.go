package results

import (
	"sync"
	"time"
)

// flushEvery is how often what is buffered is looked at.
const flushEvery = time.Second

// flusher calls a function every flushEvery until it is stopped.
type flusher struct {
	quit chan struct{}
	done sync.WaitGroup
}

func startFlusher(flush func()) *flusher {
	f := &flusher{quit: make(chan struct{})}
	f.done.Go(func() {
		ticker := time.NewTicker(flushEvery)
		defer ticker.Stop()
		for {
			select {
			case <-ticker.C:
				flush()
			case <-f.quit:
				return
			}
		}
	})
	return f
}

// stop returns when the function is not being called any more. It is called once.
func (f *flusher) stop() {
	close(f.quit)
	f.done.Wait()
}
