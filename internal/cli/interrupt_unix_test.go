//go:build unix

package cli

import (
	"io"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

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
