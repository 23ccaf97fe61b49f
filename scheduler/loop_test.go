package scheduler_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/datadriven"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// TestLoop runs the scripts of testdata/loop. A script works on one loop with
// these commands, most of which may also stand, one a line, in the body of a
// "define":
//
//	actors NAME...            register actors
//	define WHAT               give the lines that an event or process WHAT performs
//	at TIME ACTOR WHAT [PRIO] schedule an event (inside the loop, TIME may be "now")
//	after DURATION ACTOR WHAT
//	post ACTOR WHAT           for the next round
//	spawn ACTOR WHAT          begin a process
//	wake ACTOR WHAT           a process
//	cancel WHAT, reschedule WHAT TIME
//	advance TIME, run TIME    AdvanceTo, RunUntil; both print what happens
//	now, next, close, limit N (rounds, before anything else)
//
// and, in bodies only: log TEXT, fail TEXT, panic TEXT, sleep DURATION,
// sleep-until TIME, wait, defer TEXT (logged when the process ends).
func TestLoop(t *testing.T) {
	datadriven.Walk(t, "testdata/loop", func(t *testing.T, path string) {
		s := newScript(scheduler.Config{})
		defer func() { require.NoError(t, s.loop.Close()) }()
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			words := []string{d.Cmd}
			for _, a := range d.CmdArgs {
				words = append(words, a.Key)
			}
			s.out.Reset()
			if d.Cmd == "define" {
				s.bodies[words[1]] = strings.Split(d.Input, "\n")
				return ""
			}
			if err := s.do(words, nil, nil); err != nil {
				fmt.Fprintf(&s.out, "error: %s\n", unplaced(err))
			}
			return s.out.String()
		})
	})
}

type script struct {
	loop      *scheduler.Loop
	actors    map[string]*scheduler.Actor
	bodies    map[string][]string
	events    map[string]scheduler.EventID
	processes map[string]*scheduler.Process
	out       strings.Builder
}

func newScript(cfg scheduler.Config) *script {
	return &script{
		loop:      scheduler.NewLoop(cfg),
		actors:    make(map[string]*scheduler.Actor),
		bodies:    make(map[string][]string),
		events:    make(map[string]scheduler.EventID),
		processes: make(map[string]*scheduler.Process),
	}
}

func (s *script) log(who, what string) {
	fmt.Fprintf(&s.out, "%v", s.loop.Now())
	if r := s.loop.Round(); r > 0 {
		fmt.Fprintf(&s.out, " round %d", r)
	}
	fmt.Fprintf(&s.out, "  %s: %s\n", who, what)
}

func (s *script) time(word string) (scheduler.Time, error) {
	switch word {
	case "now":
		return s.loop.Now(), nil
	case "never":
		return scheduler.Never, nil
	}
	d, err := time.ParseDuration(word)
	return scheduler.Time(d), err
}

// handler performs the body of what as an event of who.
func (s *script) handler(who, what string) func() error {
	return func() error {
		s.log(who, what)
		return s.perform(who, what, nil)
	}
}

func (s *script) perform(who, what string, p *scheduler.Process) error {
	for _, line := range s.bodies[what] {
		words := strings.Fields(line)
		if words[0] == "defer" {
			defer s.log(who, strings.Join(words[1:], " "))
			continue
		}
		if err := s.do(words, s.actors[who], p); err != nil {
			return err
		}
	}
	return nil
}

// do performs one command, at the top level or as part of an event of self.
func (s *script) do(words []string, self *scheduler.Actor, p *scheduler.Process) error {
	arg := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	rest := strings.Join(words[1:], " ")
	switch words[0] {
	case "actors":
		for _, name := range words[1:] {
			a, err := s.loop.Actor(name)
			if err != nil {
				return err
			}
			s.actors[name] = a
		}
		return nil
	case "limit":
		n, err := strconv.Atoi(rest)
		*s = *newScript(scheduler.Config{MaxRounds: n})
		return err
	case "at":
		at, err := s.time(arg(1))
		if err != nil {
			return err
		}
		priority := scheduler.Normal
		if arg(4) == "urgent" {
			priority = scheduler.Urgent
		}
		s.events[arg(3)], err = s.loop.AtPriority(at, priority, s.actors[arg(2)], s.handler(arg(2), arg(3)))
		return err
	case "after":
		d, err := time.ParseDuration(arg(1))
		if err != nil {
			return err
		}
		s.events[arg(3)], err = s.loop.After(d, s.actors[arg(2)], s.handler(arg(2), arg(3)))
		return err
	case "post":
		return s.loop.Post(s.actors[arg(1)], s.handler(arg(1), arg(2)))
	case "spawn":
		who, what := arg(1), arg(2)
		process, err := s.loop.Spawn(s.actors[who], what, func(p *scheduler.Process) error {
			s.log(who, what+" begins")
			if err := s.perform(who, what, p); err != nil {
				return err
			}
			s.log(who, what+" ends")
			return nil
		})
		s.processes[who+" "+what] = process
		return err
	case "wake":
		return s.processes[arg(1)+" "+arg(2)].Wake()
	case "cancel":
		s.print("%s", map[bool]string{true: "cancelled", false: "too late"}[s.loop.Cancel(s.events[arg(1)])])
		return nil
	case "reschedule":
		t, err := s.time(arg(2))
		if err != nil {
			return err
		}
		moved, err := s.loop.Reschedule(s.events[arg(1)], t)
		if err == nil {
			s.print("%s", map[bool]string{true: "moved", false: "too late"}[moved])
		}
		return err
	case "advance":
		t, err := s.time(arg(1))
		if err != nil {
			return err
		}
		return s.loop.AdvanceTo(context.Background(), t)
	case "run":
		t, err := s.time(arg(1))
		if err != nil {
			return err
		}
		return scheduler.RunUntil(context.Background(), s.loop, t)
	case "now":
		s.print("%v", s.loop.Now())
		return nil
	case "next":
		s.print("%v", s.loop.Next())
		return nil
	case "close":
		return s.loop.Close()
	case "log":
		s.log(self.Name(), rest)
		return nil
	case "fail":
		return errors.New(rest)
	case "panic":
		panic(rest)
	case "sleep":
		d, err := time.ParseDuration(arg(1))
		if err != nil {
			return err
		}
		return p.Sleep(d)
	case "sleep-until":
		t, err := s.time(arg(1))
		if err != nil {
			return err
		}
		return p.SleepUntil(t)
	case "wait":
		return p.Wait()
	}
	return fmt.Errorf("unknown command %q", words[0])
}

func (s *script) print(format string, args ...any) { fmt.Fprintf(&s.out, format+"\n", args...) }

func TestAdvanceToStopsWhenItsContextIsCancelled(t *testing.T) {
	l := scheduler.NewLoop(scheduler.Config{})
	a, err := l.Actor("a")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	rounds := 0
	var again func() error
	again = func() error {
		rounds++
		if rounds == 3 {
			cancel()
		}
		return l.Post(a, again)
	}
	require.NoError(t, again())
	err = l.AdvanceTo(ctx, scheduler.Second)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, 3, rounds)
	// An interruption is not a failure: the loop can go on, here into the limit.
	err = l.AdvanceTo(context.Background(), scheduler.Second)
	var limit *scheduler.RoundsError
	require.ErrorAs(t, err, &limit)
	require.Equal(t, []string{"a"}, limit.Actors)
	require.Equal(t, scheduler.DefaultMaxRounds, rounds-1)
}

// Rounds that come to an end do not count for those that are caused from outside
// later, at the same time.
func TestRoundsCausedFromOutside(t *testing.T) {
	l := scheduler.NewLoop(scheduler.Config{MaxRounds: 20})
	a, err := l.Actor("a")
	require.NoError(t, err)
	rounds, left := 0, 0
	var again func() error
	again = func() error {
		rounds++
		if left--; left == 0 {
			return nil
		}
		return l.Post(a, again)
	}
	for range 10 {
		left = 20
		require.NoError(t, l.Post(a, again))
		require.NoError(t, l.AdvanceTo(context.Background(), scheduler.Second))
	}
	require.Equal(t, 200, rounds)
	left = 21
	require.NoError(t, l.Post(a, again))
	var limit *scheduler.RoundsError
	require.ErrorAs(t, l.AdvanceTo(context.Background(), scheduler.Second), &limit)
}

// An endless chain of events within one round must be interruptible too.
func TestAdvanceToStopsWithinARound(t *testing.T) {
	l := scheduler.NewLoop(scheduler.Config{})
	a, err := l.Actor("a")
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	var again func() error
	again = func() error {
		cancel()
		_, err := l.At(l.Now(), a, again)
		return err
	}
	require.NoError(t, again())
	require.ErrorIs(t, l.AdvanceTo(ctx, 0), context.Canceled)
}

func TestPanicKeepsValueAndStack(t *testing.T) {
	cause := errors.New("boom")
	for _, in := range []string{"handler", "process"} {
		t.Run(in, func(t *testing.T) {
			l := scheduler.NewLoop(scheduler.Config{})
			a, err := l.Actor("a")
			require.NoError(t, err)
			if in == "handler" {
				_, err = l.At(0, a, func() error { panic(cause) })
			} else {
				_, err = l.Spawn(a, "p", func(*scheduler.Process) error { panic(cause) })
			}
			require.NoError(t, err)
			err = l.AdvanceTo(context.Background(), 0)
			require.ErrorIs(t, err, cause)
			var p *scheduler.PanicError
			require.ErrorAs(t, err, &p)
			require.Contains(t, string(p.Stack), "TestPanicKeepsValueAndStack")
		})
	}
}

// The trace depends on the names of the actors, not on the order in which they
// were registered or did their first scheduling.
func TestOrderDoesNotDependOnRegistration(t *testing.T) {
	trace := func(names []string) []string {
		var lines []string
		l := scheduler.NewLoop(scheduler.Config{})
		defer func() { require.NoError(t, l.Close()) }()
		actors := make(map[string]*scheduler.Actor)
		for _, name := range names {
			a, err := l.Actor(name)
			require.NoError(t, err)
			actors[name] = a
		}
		say := func(name, what string) {
			lines = append(lines, fmt.Sprintf("%v/%d %s %s", l.Now(), l.Round(), name, what))
		}
		for _, name := range names {
			_, err := l.Spawn(actors[name], "talk", func(p *scheduler.Process) error {
				for i := range 5 {
					say(name, fmt.Sprint("sends ", i))
					for _, other := range []string{"b", "é", "a/1", "a"} {
						if err := l.Post(actors[name], func() error { say(other, "hears "+name); return nil }); err != nil {
							return err
						}
					}
					if err := p.Sleep(time.Duration(i%2) * time.Second); err != nil {
						return err
					}
				}
				return nil
			})
			require.NoError(t, err)
		}
		require.NoError(t, scheduler.RunUntil(context.Background(), l, scheduler.Never))
		return lines
	}
	names := []string{"a", "a/1", "b", "é"}
	want := trace(names)
	require.Len(t, want, 4*5*5)
	for range 6 {
		names = append(names[1:], names[0])
		require.Equal(t, want, trace(names))
		slices.Reverse(names)
		require.Equal(t, want, trace(names))
	}
}

func TestEventsOfALoopDoNotAllocate(t *testing.T) {
	l := scheduler.NewLoop(scheduler.Config{})
	a, err := l.Actor("a")
	require.NoError(t, err)
	count := 0
	var tick func() error
	tick = func() error {
		count++
		_, err := l.After(time.Second, a, tick)
		return err
	}
	require.NoError(t, tick())
	ctx := context.Background()
	require.NoError(t, l.AdvanceTo(ctx, 10*scheduler.Second))
	allocs := testing.AllocsPerRun(100, func() {
		if err := l.AdvanceTo(ctx, l.Next()); err != nil {
			t.Fatal(err)
		}
	})
	require.Zero(t, allocs)
	require.Greater(t, count, 100)
}
