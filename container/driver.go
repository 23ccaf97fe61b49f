package container

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/simrun/simrun/scheduler"
)

// ErrStopped is returned to those who want to enter a loop whose Run has ended.
var ErrStopped = errors.New("nobody runs the loop any more")

// A Clock runs a loop on a goroutine of its own, which others may enter. It is a
// *RealTime or an *External.
//
// While that goroutine has nothing to do, one that reads a connection of an [Endpoint] does what
// has come with it, because that is quicker. So an agent that waits in other ways than
// those of this package must not wait for what comes over a connection. Endpoints with a
// Service, or whose peers are Extended, are read while agents work.
type Clock interface {
	// Do has the loop's goroutine call do while no agent runs.
	Do(ctx context.Context, do func() error) error

	core() *driver
}

// driver is what the clocks have in common: a loop that one goroutine at a time runs, and
// an inbox for what comes from others. Whatever has gathered there is let in at
// once.
type driver struct {
	loop    *scheduler.Loop
	begun   atomic.Bool
	stopped chan struct{}
	bell    chan struct{} // has a token if somebody has come into the inbox

	mu     sync.Mutex
	inbox  []visitor
	closed error // why nobody can come in any more

	// turn has a token while somebody is the loop's goroutine: that of Run, or, while Run
	// waits, one that stands in for it.
	turn chan struct{}

	// Of the loop's goroutine:
	standIn   func() (wake bool) // lets in who is in the inbox; wake: Run has to go on. nil: Run does not wait
	letIn     []visitor          // takes turns with inbox
	endpoints []*Endpoint
	failed    error // what ends Run
}

// A visitor is what the loop's goroutine is to do for somebody outside, while no
// agent runs. Either method is called, once.
type visitor interface {
	visit()
	refuse(why error) // the loop does not run any more
}

// news is a visitor for whom nobody waits, and who may get lost.
type news func()

func (n news) visit()     { n() }
func (news) refuse(error) {}

func newDriver(loop *scheduler.Loop) driver {
	return driver{loop: loop, stopped: make(chan struct{}), bell: make(chan struct{}, 1), turn: make(chan struct{}, 1)}
}

func (d *driver) core() *driver { return d }

// begin is called when the loop begins to run, which it can once.
func (d *driver) begin() error {
	if d.begun.Swap(true) {
		return errors.New("Run was called before; make another clock to go on")
	}
	d.turn <- struct{}{}
	return nil
}

// end closes the door. Who waits, or comes later, is told why: what ended Run, if
// that was an error.
func (d *driver) end(failed error) {
	why := ErrStopped
	if failed != nil {
		why = fmt.Errorf("%w: %w", ErrStopped, failed)
	}
	d.mu.Lock()
	d.closed = why
	left := d.inbox
	d.inbox = nil
	d.mu.Unlock()
	close(d.stopped)
	for _, v := range left {
		v.refuse(why)
	}
	for _, e := range d.endpoints {
		e.abandon(why)
	}
	<-d.turn
}

// why is the reason for which the loop has stopped.
func (d *driver) why() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.closed
}

// enter puts a visitor into the inbox. It does not wait.
func (d *driver) enter(v visitor) {
	if d.isFirst(v) {
		d.ring()
	}
}

// bring is enter by a goroutine that may take the time to do the loop's work, if Run waits:
// that is quicker than to wake it up.
func (d *driver) bring(v visitor) {
	if d.isFirst(v) && !d.stoodIn() {
		d.ring()
	}
}

// isFirst puts a visitor into the inbox, and reports whether nobody else is there, who
// has rung.
func (d *driver) isFirst(v visitor) bool {
	d.mu.Lock()
	if why := d.closed; why != nil {
		d.mu.Unlock()
		v.refuse(why)
		return false
	}
	d.inbox = append(d.inbox, v)
	first := len(d.inbox) == 1
	d.mu.Unlock()
	return first
}

func (d *driver) ring() {
	select {
	case d.bell <- struct{}{}:
	default: // it rings already
	}
}

// stoodIn does the loop's work, if Run waits.
func (d *driver) stoodIn() bool {
	select {
	case d.turn <- struct{}{}:
	default:
		return false
	}
	defer func() { <-d.turn }()
	if d.standIn == nil {
		return false
	}
	if d.standIn() {
		d.ring()
	}
	return true
}

// wait waits until the bell rings, for which it returns true, or the time has come, or ctx
// ends. Meanwhile others may stand in.
func (d *driver) wait(ctx context.Context, timer <-chan time.Time, standIn func() (wake bool)) (rang bool) {
	d.standIn = standIn
	<-d.turn
	defer func() {
		d.turn <- struct{}{}
		d.standIn = nil
	}()
	select {
	case <-ctx.Done():
	case <-timer:
	case <-d.bell:
		return true
	}
	return false
}

// admit lets in who is in the inbox.
func (d *driver) admit() {
	d.mu.Lock()
	d.letIn, d.inbox = d.inbox, d.letIn[:0]
	d.mu.Unlock()
	for i, v := range d.letIn {
		d.letIn[i] = nil
		v.visit()
	}
}

// settled reports whether nothing that agents do elsewhere keeps those of the loop
// from being quiet.
func (d *driver) settled() bool {
	settled := true
	for _, e := range d.endpoints {
		settled = e.settled() && settled
	}
	return settled
}

// unsettle forgets what was found out about agents elsewhere.
func (d *driver) unsettle() {
	for _, e := range d.endpoints {
		e.settler.confirmed = false
	}
}

// fail has Run end, if there is an error.
func (d *driver) fail(err error) {
	if d.failed == nil {
		d.failed = err
	}
}

// advance completes what is due at t, even if ctx is cancelled meanwhile.
func (d *driver) advance(ctx context.Context, t scheduler.Time) error {
	d.fail(d.loop.AdvanceTo(context.WithoutCancel(ctx), max(t, d.loop.Now())))
	for _, e := range d.endpoints {
		e.turnEnds()
	}
	return d.failed
}

// Do has the loop's goroutine call do while no agent runs, and returns its error,
// or a panic as a *scheduler.PanicError. There do may use the containers and the
// loop, as with [Container.Notify] at the present time; the agents react after it
// has returned, so it must not wait for them. Do is safe for concurrent use.
//
// Do waits until Run has been called. It fails if ctx is cancelled before do could
// begin, and with [ErrStopped] when Run has ended, with the error that ended it in
// the chain; do is not called then. A behaviour is inside already and must not call
// it.
func (d *driver) Do(ctx context.Context, do func() error) error {
	if ctx.Value(behaviourKey{}) != nil {
		return errors.New("Do was called by an agent, which is inside the loop already; do it directly")
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	e := &errand{do: do, done: make(chan error, 1)}
	d.enter(e)
	select {
	case err := <-e.done:
		return err
	case <-ctx.Done():
		if e.taken.Swap(true) {
			return <-e.done
		}
		return ctx.Err()
	}
}

// errand is something that is done inside for somebody who waits outside.
type errand struct {
	do    func() error
	taken atomic.Bool // it is done, or nobody wants it any more
	done  chan error  // has room for the answer
}

func (e *errand) visit() {
	if !e.taken.Swap(true) {
		e.done <- perform(e.do)
	}
}

func (e *errand) refuse(why error) {
	if !e.taken.Swap(true) {
		e.done <- why
	}
}

func perform(do func() error) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &scheduler.PanicError{Value: v, Stack: debug.Stack()}
		}
	}()
	return do()
}
