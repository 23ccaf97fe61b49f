package sim

// tell takes in that a step, made elsewhere, is about to end. If the run loop waits, the
// goroutine that brings the news does the loop's work, as far as that is ending and beginning
// steps that others make: that takes less time than to wake the run loop up.
func (r *run) tell(in *Instance) {
	if r.mu.TryLock() {
		if r.mayStandIn() {
			r.standIn(in)
			r.mu.Unlock()
			return
		}
		r.mu.Unlock()
	}
	r.done <- in
}

// mayStandIn reports whether the run loop waits, and for nothing but steps. (An observer is
// told on the goroutine of Run.)
func (r *run) mayStandIn() bool {
	return r.waiting && r.observe == nil && r.ctx.Err() == nil && r.standInErr == nil && r.failing == nil && r.clock.rate == 0 &&
		!r.paused && r.instants == 0 && !r.control.news.Load() && !r.holding && r.rows < r.flushAt
}

// standIn ends a step and begins those that are possible then. The run loop is woken up if
// there is anything else to do.
func (r *run) standIn(in *Instance) {
	err := r.arrived(in)
	for err == nil && r.mayStandIn() {
		lp, any := r.coord.Peek()
		if !any {
			if r.busy == 0 || r.rows > 0 && !r.flushing {
				r.wakeUp()
			}
			return
		}
		if r.byLP[lp].beginner == nil {
			break
		}
		g, _ := r.coord.Next()
		err = r.grant(g)
	}
	r.standInErr = err
	r.wakeUp()
}
