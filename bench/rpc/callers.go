package main

import (
	"sync"
	"sync/atomic"
	"time"
)

// warmUp passes before counting begins.
const warmUp = 300 * time.Millisecond

// count lets callers call one after another, and returns the calls per second.
func count(callers int, d time.Duration, call func()) float64 {
	var (
		wg      sync.WaitGroup
		stop    atomic.Bool
		counted = make([]struct {
			n atomic.Int64
			_ [56]byte
		}, callers)
	)
	for i := range callers {
		wg.Go(func() {
			for !stop.Load() {
				call()
				counted[i].n.Add(1)
			}
		})
	}
	total := func() (n int64) {
		for i := range counted {
			n += counted[i].n.Load()
		}
		return n
	}
	time.Sleep(warmUp)
	before, start := total(), time.Now()
	time.Sleep(d)
	rate := float64(total()-before) / time.Since(start).Seconds()
	stop.Store(true)
	wg.Wait()
	return rate
}

// callersOf is the number of callers of a mode.
func callersOf(s setting) int {
	if s.mode == "sequential" {
		return 1
	}
	return outstanding
}
