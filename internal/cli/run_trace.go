package cli

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/internal/trace"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// pathOfTrace is the path of a trace for the manifest: a name is in the folder of
// the run, a path is made absolute, and must not be there.
func pathOfTrace(option string) (string, error) {
	if option == "" || filepath.Base(option) == option {
		return option, nil
	}
	path, err := filepath.Abs(option)
	if err == nil {
		_, err = os.Lstat(path)
		switch {
		case err == nil:
			err = fmt.Errorf("--trace %s: file exists; choose another one, nothing is overwritten", option)
		case errors.Is(err, os.ErrNotExist):
			err = nil
		}
	}
	return filepath.ToSlash(path), err
}

// createTrace makes the file for the trace; nil: there is to be none.
func createTrace(option string, folder *results.Run, s *scenarios.Scenario, overrides []string) (*trace.Writer, error) {
	if option == "" {
		return nil, nil
	}
	path := option
	if filepath.Base(option) == option {
		path = filepath.Join(folder.Dir(), option)
	}
	var containers []string
	for _, c := range s.Containers() {
		containers = append(containers, c.Name)
	}
	return trace.Create(path, trace.About{Scenario: s.Name, Digest: s.Digest, Overrides: overrides, Version: Version(), Containers: containers})
}

// endTrace completes the trace.
func (r *scenarioRun) endTrace(failure error) error {
	if r.trace == nil {
		return nil
	}
	var end trace.End
	if r.summary != nil {
		end.Complete, end.Reached = r.summary.Complete, r.summary.Reached
	}
	if failure != nil {
		end.Complete, end.Err = false, failure.Error()
	}
	err := r.trace.Close(end)
	var sinkErr *sim.SinkError
	if failure != nil && errors.As(failure, &sinkErr) {
		return nil // it is what the run ended with, and has been reported
	}
	return err
}

// discardTrace removes the trace of a run that never began.
func (r *scenarioRun) discardTrace() error {
	if r.trace == nil {
		return nil
	}
	return errors.Join(r.trace.Close(trace.End{}), os.Remove(r.trace.Path()))
}
