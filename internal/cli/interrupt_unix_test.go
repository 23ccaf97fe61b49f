//go:build unix

package cli

import (
	"context"
	"errors"
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// foreign is a context of which others learn at the same time that it has ended.
type foreign struct {
	context.Context
	done chan struct{}
}

func (f foreign) Done() <-chan struct{} { return f.done }

// The limit of time is why a run ends, whoever learns first that it is over.
func TestReasonOfALimit(t *testing.T) {
	for range 100 {
		over := errors.New("the time is over")
		limited, end := context.WithCancelCause(t.Context())
		parent := foreign{limited, make(chan struct{})}
		c := &command{err: &messages{w: io.Discard}}
		ctx, stop := c.watchSignals(parent, "", time.Hour)
		end(over)
		close(parent.done)
		<-ctx.Done()
		require.Equal(t, over, context.Cause(ctx))
		stop()
	}
}

// What stops within its patience says nothing of the signal; what takes longer does.
func TestPatientInterrupt(t *testing.T) {
	for patience, want := range map[time.Duration]string{
		time.Hour:       "",
		time.Nanosecond: "simrun: terminated: stopping; again to stop at once\n",
	} {
		said, errs := io.Pipe()
		c := &command{err: &messages{w: errs}}
		ctx, stop := c.watchSignals(t.Context(), "", patience)
		require.NoError(t, syscall.Kill(syscall.Getpid(), syscall.SIGTERM))
		<-ctx.Done()
		text := make([]byte, len(want))
		_, err := io.ReadFull(said, text)
		require.NoError(t, err)
		assert.Equal(t, want, string(text))
		go func() {
			stop()
			_ = errs.Close() // it always succeeds
		}()
		rest, err := io.ReadAll(said)
		require.NoError(t, err)
		assert.Empty(t, rest)
	}
}
