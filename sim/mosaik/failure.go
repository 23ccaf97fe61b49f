package mosaik

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

const (
	// dyingTime is how long a program may take from the end of its connection to
	// its exit, so that the error can tell the status.
	dyingTime = 2 * time.Second
	// maxTraceback is how many lines of a traceback an error shows, the last.
	maxTraceback = 12
)

// explain adds to the error of a request what helps to find its cause. The end
// of the caller's context is passed on as it is.
func (s *Simulator) explain(ctx context.Context, request string, err error) error {
	if errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) {
		return err
	}
	f := &failure{err: err}
	if !slices.Contains([]string{"init", "create", "setup_done", "step"}, request) {
		f.request = request // the World names the others
	}
	if remote, ok := errors.AsType[*channel.RemoteError](err); ok {
		f.err = fmt.Errorf("it answered with a failure: %w", err)
		f.traceback = lastLines(remote.Traceback, maxTraceback)
	}
	if s.proc != nil {
		if errors.Is(err, channel.ErrPeerClosed) {
			waiting, cancel := context.WithTimeout(ctx, dyingTime)
			select {
			case <-s.proc.Done():
			case <-waiting.Done():
			}
			cancel()
		}
		f.process = fmt.Sprintf("process %d %s", s.proc.PID(), s.proc.Status())
		f.output = s.proc.Tail()
		f.log = s.proc.Log()
	}
	f.module = missingModule(f.output)
	f.hint = s.hint(request, err, f)
	return f
}

// hint says what to do about the error of a request.
func (s *Simulator) hint(request string, err error, f *failure) string {
	if kind, text := f.Cause(); kind == noModule {
		return text + ": install the package that brings it there, or name another Python"
	}
	remote, failed := errors.AsType[*channel.RemoteError](err)
	switch {
	case failed && strings.Contains(remote.Message, "is not JSON serializable"):
		return "a process of its own can give numbers, texts, true, false, null, lists and dictionaries: convert it, as with int(), float() or tolist()"
	case errors.As(err, new(*channel.FrameTooLargeError)):
		return "is the program a simulator that speaks the mosaik API over TCP? If it is, it must send less in one message"
	case errors.As(err, new(*channel.ProtocolError)):
		return "is the program a simulator that speaks the mosaik API over TCP?"
	case request == "init" && s.proc == nil && errors.As(err, new(*timeoutError)):
		return fmt.Sprintf("is it a simulator that listens at %s?", s.cfg.Connect)
	case errors.Is(err, channel.ErrPeerClosed) && len(f.output) > 0:
		return "its last output may tell why"
	case errors.Is(err, channel.ErrPeerClosed):
		return "it gave no reason; run the program by hand to see more"
	}
	return ""
}

// missingModule returns the module, in quotes, that Python 3.6 or newer said it
// does not have; "" if it said no such thing.
func missingModule(output []string) string {
	for _, line := range output {
		if module, ok := strings.CutPrefix(line, "ModuleNotFoundError: No module named "); ok {
			return module
		}
	}
	return ""
}

// failure is an error of a program with its circumstances.
type failure struct {
	request   string
	err       error
	hint      string
	process   string
	traceback []string // that the program sent
	output    []string // the last lines
	module    string   // of Python, in quotes, that the last lines say is missing
	log       string
}

// noModule is the kind of failures for the lack of a package.
const noModule = "no module"

// Cause tells in a few words why the program failed, and of which kind that is:
// one remedy is likely to help all that failed alike. Both are "" if it is not
// known.
func (f *failure) Cause() (kind, text string) {
	ended := errors.Is(f.err, errExited) || errors.Is(f.err, channel.ErrPeerClosed)
	if !ended || f.module == "" {
		return "", ""
	}
	return noModule, "the Python that runs it has no module " + f.module
}

func (f *failure) Unwrap() error { return f.err }

func (f *failure) Error() string {
	var b strings.Builder
	if f.request != "" {
		fmt.Fprintf(&b, "%s: ", f.request)
	}
	b.WriteString(f.err.Error())
	if f.hint != "" {
		fmt.Fprintf(&b, "; %s", f.hint)
	}
	if f.process != "" {
		fmt.Fprintf(&b, " (%s)", f.process)
	}
	block := func(title string, lines []string) {
		if len(lines) > 0 {
			fmt.Fprintf(&b, "\n  %s:\n    %s", title, strings.Join(lines, "\n    "))
		}
	}
	block("its traceback", f.traceback)
	block("its last output", f.output)
	if f.log != "" {
		fmt.Fprintf(&b, "\n  its log: %s", f.log)
	}
	return b.String()
}

// refusesTimeResolution reports whether a program ended or failed because it
// does not know the parameter.
func refusesTimeResolution(err error) bool {
	f, ok := errors.AsType[*failure](err)
	if !ok {
		return false
	}
	const name = "time_resolution"
	if remote, ok := errors.AsType[*channel.RemoteError](err); ok {
		return strings.Contains(remote.Message, name)
	}
	return errors.Is(err, channel.ErrPeerClosed) &&
		(f.process == "" || slices.ContainsFunc(f.output, func(line string) bool { return strings.Contains(line, name) }))
}

func lastLines(text string, n int) []string {
	if text = strings.TrimRight(text, "\n"); text == "" {
		return nil
	}
	lines := strings.Split(text, "\n")
	return lines[max(0, len(lines)-n):]
}

// excerpt shortens what a program sent for an error message.
func excerpt(raw codec.Raw) string {
	const most = 80
	if len(raw) <= most {
		return string(raw)
	}
	return string(raw[:most]) + "..."
}
