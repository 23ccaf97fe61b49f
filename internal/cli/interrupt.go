package cli

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/simrun/simrun/internal/proc"
)

// How an interrupted run ends within two seconds: what has not stopped by
// itself after killAfter is killed, so that the run can end in order; if even
// that does not help, because a Go model computes without end, the program is
// left as it is.
const (
	killAfter = 1400 * time.Millisecond
	exitAfter = 1900 * time.Millisecond
)

// sameAgain is how long after the first signal another one counts as the same:
// a terminal, a shell and a wrapper such as make may each pass on one Ctrl-C.
const sameAgain = 300 * time.Millisecond

// untilInterrupted returns a context that is cancelled by the first Ctrl-C (or
// SIGTERM, or the end of the terminal), or by the end of parent, which may have a limit of
// time, and a function that ends this.
// The second Ctrl-C exits at once; then left says what is left, if anything. Child
// processes never stay behind.
func (c *command) untilInterrupted(parent context.Context, left string) (context.Context, func()) {
	return c.watchSignals(parent, left, 0)
}

// untilInterruptedQuietly is untilInterrupted for a program that another one ends, with
// a signal behind the request to stop, too: nothing is said if it stops before a second
// signal would count.
func (c *command) untilInterruptedQuietly(parent context.Context) (context.Context, func()) {
	return c.watchSignals(parent, "", sameAgain)
}

// watchSignals is untilInterrupted, which says that it stops if that takes longer than
// patience.
func (c *command) watchSignals(parent context.Context, left string, patience time.Duration) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(parent)
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	over := make(chan struct{})
	var watcher sync.WaitGroup
	watcher.Go(func() {
		var stopping string
		select {
		case <-over:
			return
		case got := <-signals:
			stopping = fmt.Sprintf("%v: stopping; again to stop at once", got)
		case <-parent.Done():
			stopping = "the time is over: stopping; Ctrl-C to stop at once"
		}
		var tell <-chan time.Time
		if patience == 0 {
			c.say("%s", stopping)
		} else {
			tell = time.After(patience)
		}
		cancel(context.Cause(parent)) // which may not have told ctx yet why it has ended, if it has
		first := time.Now()
		kill, exit := time.NewTimer(killAfter), time.NewTimer(exitAfter)
		defer kill.Stop()
		defer exit.Stop()
		for {
			select {
			case <-over:
				return
			case <-tell:
				c.say("%s", stopping)
			case <-kill.C:
				// It waits for the processes, and must not keep exit waiting.
				go proc.KillAll()
			case <-exit.C:
				c.abandon("did not stop in time" + left)
			case <-signals:
				if time.Since(first) >= sameAgain {
					c.abandon("stopped at once" + left)
				}
			}
		}
	})
	return ctx, func() {
		signal.Stop(signals)
		close(over)
		watcher.Wait()
		cancel(nil)
	}
}

// abandon exits without waiting for the end.
func (c *command) abandon(why string) {
	proc.KillAll()
	c.scratches.removeAll()
	c.say("%s", why)
	os.Exit(int(Interrupted))
}
