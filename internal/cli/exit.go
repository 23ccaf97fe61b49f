package cli

import (
	"context"
	"errors"
	"io"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

// ExitCode is what simrun exits with. The numbers are a promise to scripts.
type ExitCode int

// The exit codes. exitCodes explains them to users.
const (
	Done            ExitCode = 0
	InternalError   ExitCode = 1
	BadScenario     ExitCode = 2
	SimulatorFailed ExitCode = 3
	Interrupted     ExitCode = 4
	ResultsFailed   ExitCode = 5
)

var exitCodes = []string{
	Done:            "done",
	InternalError:   "internal error",
	BadScenario:     "bad scenario or usage; nothing was run",
	SimulatorFailed: "a simulator failed",
	Interrupted:     "interrupted (Ctrl-C, SIGTERM, --wall-limit)",
	ResultsFailed:   "results could not be written",
}

// exitTable is exitCodes for help texts.
func exitTable() string {
	var b writer
	table := format.Table{Indent: "  "}
	for code, text := range exitCodes {
		table.Row(string(rune('0'+code)), text)
	}
	b.table(&table)
	return b.String()
}

// failure is an error of which it is known what simrun exits with. All errors
// of commands are failures; what is not comes from the command line's parser.
type failure struct {
	code ExitCode
	err  error
}

func (f *failure) Error() string { return f.err.Error() }
func (f *failure) Unwrap() error { return f.err }

func fail(code ExitCode, err error) error { return &failure{code, err} }

// classify finds the exit code of an error of a scenario or a run.
func classify(err error) error {
	var (
		known     *failure
		sink      *sim.SinkError
		simulator *sim.SimulatorError
		lag       *sim.LagError
		cycle     *sim.CycleError
		problems  diag.List
	)
	switch {
	case err == nil:
		return nil
	case errors.As(err, &known):
		return err
	case errors.Is(err, sim.ErrInterrupted), errors.Is(err, context.Canceled):
		return fail(Interrupted, err)
	case errors.As(err, &sink):
		return fail(ResultsFailed, err)
	case errors.As(err, &simulator), errors.As(err, &lag):
		return fail(SimulatorFailed, err)
	case errors.As(err, &problems), errors.As(err, &cycle):
		return fail(BadScenario, err)
	}
	return fail(InternalError, err)
}

// atFault is classify for what goes wrong before the first step: what is not a
// simulator's doing is the scenario's, a name that does not exist, say.
func atFault(err error) error {
	err = classify(err)
	if f := (*failure)(nil); errors.As(err, &f) && f.code == InternalError {
		f.code = BadScenario
	}
	return err
}

// report shows an error and returns what to exit with.
func (c *command) report(err error) ExitCode {
	if err == nil {
		return Done
	}
	var problems diag.List
	var kept *keptError
	switch {
	case errors.Is(err, errDiffer): // it has been told
	case !errors.As(err, &problems) || groupCauses(problems).Render(c.err) != nil:
		c.say("%s", indent(err.Error()))
	case errors.As(err, &kept):
		c.say("%s", kept.kept())
	}
	var f *failure
	if !errors.As(err, &f) {
		return BadScenario // from the parser of the command line
	}
	return f.code
}

// writer collects text for the standard output, so that one check of one write
// is enough.
type writer struct{ buf []byte }

func (w *writer) Write(p []byte) (int, error) { w.buf = append(w.buf, p...); return len(p), nil }
func (w *writer) String() string              { return string(w.buf) }

func (w *writer) table(t *format.Table) {
	// A writer cannot fail.
	_, _ = t.WriteTo(w)
}

// print writes text to standard output. That it cannot be written is a failure:
// whoever asked for it does not have it.
func (c *command) print(text string) error {
	if _, err := io.WriteString(c.out, text); err != nil {
		return fail(ResultsFailed, err)
	}
	return nil
}
