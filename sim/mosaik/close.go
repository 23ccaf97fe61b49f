package mosaik

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/simrun/simrun/rpc"
)

const (
	// busyStop is how long a program that is busy with a request that was given
	// up may take to exit. It will most likely not even see stop.
	busyStop = 100 * time.Millisecond
	// failedStop is the same after any other failure.
	failedStop = time.Second
	// termGrace is how long a program may take to exit on SIGTERM.
	termGrace = 500 * time.Millisecond
)

// Close asks the program to stop, closes the connection, and ends the program if
// it does not exit in time, with all that it has started. The error tells that
// the program, though asked to stop, failed at that.
func (s *Simulator) Close() error {
	s.under.close()
	limit := s.cfg.StopTimeout
	if s.failed {
		limit = min(limit, failedStop)
	}
	if s.busy {
		limit = min(limit, busyStop)
	}
	if s.conn != nil && s.conn.Err() != nil && s.failed {
		limit = min(limit, busyStop) // it has been waited for already, see explain
	}
	ctx, cancel := context.WithTimeout(context.Background(), limit)
	defer cancel()
	asked := false
	if s.conn != nil {
		if stopping, err := s.conn.Start(ctx, &rpc.Request{Path: "stop"}); err == nil {
			asked = true
			// A reply is as good as the end of the connection; programs for
			// Python give none.
			_, _ = stopping[0].Wait(ctx)
		}
		_ = s.conn.Close() // it always succeeds
	}
	if s.proc == nil {
		return nil
	}
	defer func() { s.cfg.Logger.Info("program ended", "pid", s.proc.PID(), "status", s.proc.Status()) }()
	select {
	case <-s.proc.Done():
	case <-ctx.Done():
	}
	if !s.proc.Exited() {
		s.proc.Stop(context.Background(), termGrace)
		if !s.failed {
			s.warn("did not exit within %v after stop (stop timeout) and was ended; process %d %s", limit, s.proc.PID(), s.proc.Status())
		}
		return nil
	}
	if asked && !s.failed && !s.proc.Success() {
		err := fmt.Errorf("it was asked to stop, and failed: process %d %s", s.proc.PID(), s.proc.Status())
		if tail := s.proc.Tail(); len(tail) > 0 {
			err = fmt.Errorf("%w\n  its last output:\n    %s", err, strings.Join(tail, "\n    "))
		}
		return err
	}
	return nil
}
