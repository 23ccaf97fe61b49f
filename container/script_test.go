package container_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// place is where a panic happened. It changes with the file.
var place = regexp.MustCompile(` \(\w+\.go:\d+\)`)

// TestContainer runs the scripts of testdata/container. The commands are
//
//	agent NAME          add an agent; its input has a section "METHOD:" for each
//	                    method, with the lines that it performs. "Start:" is what
//	                    it does on its own.
//	notify TIME NAME    have the agent perform the input
//	advance TIME        let time pass, and print what the agents log
//	waiting             print who waits for whom
//	remove NAME
//	close
//
// Agents can perform: log TEXT, arguments (log them), sleep DURATION, call AGENT
// METHOD JSON, gather AGENT.METHOD..., go METHOD, every DURATION METHOD, in DURATION
// METHOD, leave, remove NAME, replace NAME (by one without methods), return JSON,
// fail TEXT, panic TEXT. What calls bring is logged.
func TestContainer(t *testing.T) {
	datadriven.Walk(t, "testdata/container", func(t *testing.T, path string) {
		w := newWorld()
		defer func() { require.NoError(t, w.c.Close()) }()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			w.out.Reset()
			if err := w.do(d); err != nil {
				w.printf("error: %s", place.ReplaceAllString(err.Error(), ""))
			}
			return w.out.String()
		})
	})
}

// world is a loop with a container of scripted agents.
type world struct {
	loop   *scheduler.Loop
	c      *container.Container
	agents map[string]*scripted
	out    strings.Builder
}

func newWorld() *world {
	w := &world{loop: scheduler.NewLoop(scheduler.Config{MaxRounds: 20}), agents: make(map[string]*scripted)}
	w.c = container.New(w.loop, "town")
	return w
}

func (w *world) printf(format string, args ...any) { fmt.Fprintf(&w.out, format+"\n", args...) }

func (w *world) do(d *datadriven.TestData) error {
	arg := func(i int) string { return d.CmdArgs[i].Key }
	switch d.Cmd {
	case "agent":
		a := &scripted{w: w, bodies: make(map[string][]string)}
		method := ""
		for line := range strings.Lines(d.Input) {
			line = strings.TrimSpace(line)
			if name, ok := strings.CutSuffix(line, ":"); ok {
				method = name
				a.Expose(method, func(ctx context.Context, args ...any) (any, error) { return a.perform(ctx, name, args) })
			} else {
				a.bodies[method] = append(a.bodies[method], line)
			}
		}
		w.agents[arg(0)] = a
		return w.c.Add(arg(0), a)
	case "notify":
		at, err := time.ParseDuration(arg(0))
		if err != nil {
			return err
		}
		a, lines := w.agents[arg(1)], strings.Split(d.Input, "\n")
		return w.c.Notify(scheduler.Time(at), arg(1), "input", func(ctx context.Context) error {
			a.bodies["input"] = lines
			_, err := a.perform(ctx, "input", nil)
			return err
		})
	case "advance":
		to, err := time.ParseDuration(arg(0))
		if err != nil {
			return err
		}
		return w.loop.AdvanceTo(context.Background(), scheduler.Time(to))
	case "waiting":
		for _, wait := range w.c.Waiting() {
			w.printf("%v", wait)
		}
		return nil
	case "remove":
		return w.c.Remove(arg(0))
	case "close":
		return w.c.Close()
	}
	return fmt.Errorf("unknown command %q", d.Cmd)
}

// scripted is an agent whose methods are lists of lines.
type scripted struct {
	container.Agent
	w      *world
	bodies map[string][]string
}

func (a *scripted) Start(ctx context.Context) error {
	_, err := a.perform(ctx, "Start", nil)
	return err
}

func (a *scripted) Stop() error {
	_, err := a.perform(context.Background(), "Stop", nil)
	return err
}

func (a *scripted) log(format string, args ...any) {
	round := ""
	if r := a.w.loop.Round(); r > 0 {
		round = fmt.Sprintf(" round %d", r)
	}
	a.w.printf("%v%s  %s: %s", a.Now(), round, a.Name(), fmt.Sprintf(format, args...))
}

func (a *scripted) logReply(from string, value any, err error) {
	if err != nil {
		a.log("error: %v", err)
		return
	}
	a.log("%s says %s", from, inJSON(value))
}

func inJSON(v any) string {
	b, err := codec.JSON.Append(nil, v)
	if err != nil {
		return err.Error()
	}
	return string(b)
}

func (a *scripted) perform(ctx context.Context, body string, args []any) (any, error) {
	for _, line := range a.bodies[body] {
		words := strings.Fields(line)
		rest := strings.TrimSpace(strings.TrimPrefix(line, words[0]))
		switch words[0] {
		case "log":
			a.log("%s", rest)
		case "arguments":
			a.log("%s(%s)", body, strings.Trim(inJSON(args), "[]"))
		case "return":
			return codec.JSON.Decode(codec.Raw(rest))
		case "fail":
			return nil, errors.New(rest)
		case "panic":
			panic(rest)
		case "sleep":
			d, err := time.ParseDuration(rest)
			if err != nil {
				return nil, err
			}
			if err := a.Sleep(ctx, d); err != nil {
				a.log("cannot sleep: %v", err)
				return nil, err
			}
		case "call":
			var args []any
			if len(words) > 3 {
				v, err := codec.JSON.Decode(codec.Raw(strings.Join(words[3:], " ")))
				if err != nil {
					return nil, err
				}
				args = v.([]any)
			}
			v, err := a.Call(ctx, words[1], words[2], args...)
			a.logReply(words[1], v, err)
		case "gather":
			var calls []container.Call
			for _, w := range words[1:] {
				agent, method, _ := strings.Cut(w, ".")
				calls = append(calls, container.Call{Agent: agent, Method: method})
			}
			replies, err := a.Gather(ctx, calls...)
			if err != nil {
				return nil, err
			}
			for i, r := range replies {
				a.logReply(calls[i].Agent, r.Value, r.Err)
			}
		case "leave":
			if err := a.Leave(); err != nil {
				return nil, err
			}
		case "remove", "replace":
			if err := a.w.c.Remove(words[1]); err != nil {
				return nil, err
			}
			if words[0] == "replace" {
				if err := a.w.c.Add(words[1], &scripted{w: a.w}); err != nil {
					return nil, err
				}
			}
		case "go", "every", "in":
			do := func(ctx context.Context) error {
				_, err := a.perform(ctx, words[len(words)-1], nil)
				return err
			}
			var err error
			var d time.Duration
			if words[0] != "go" {
				if d, err = time.ParseDuration(words[1]); err != nil {
					return nil, err
				}
			}
			switch words[0] {
			case "go":
				err = a.Go(ctx, do)
			case "every":
				err = a.Every(ctx, d, do)
			case "in":
				_, err = a.CallIn(d, do)
			}
			if err != nil {
				return nil, err
			}
		default:
			return nil, fmt.Errorf("unknown line %q", line)
		}
	}
	return nil, nil
}
