package process_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
)

// Random programs of processes do the same at the same nanosecond here and with the real
// SimPy, which runs peers/simpy_programs.py, and everything stands the same at the end. Whatever
// is drawn is drawn from so many nanoseconds that at any of them one process acts only, and
// others go on because of that: the order of those is what the two do not have in common.
func TestRandomProgramsOfSimPy(t *testing.T) {
	python, kernels := peertest.Python(t), peertest.DES(t)
	programs := make([]program, 500)
	for seed := range programs {
		programs[seed] = newProgram(uint64(seed))
	}
	input, err := json.Marshal(programs)
	require.NoError(t, err)
	c := exec.Command(python, "../../peers/simpy_programs.py")
	c.Env = append(os.Environ(), "PYTHONPATH="+kernels)
	c.Stdin = bytes.NewReader(input)
	var complaint bytes.Buffer
	c.Stderr = &complaint
	output, err := c.Output()
	require.NoError(t, err, complaint.String())
	var theirs []story
	require.NoError(t, json.Unmarshal(output, &theirs))

	var all strings.Builder
	for seed, p := range programs {
		ours := p.run(t)
		slices.Sort(ours.Lines)
		slices.Sort(theirs[seed].Lines)
		require.Equal(t, strings.Join(theirs[seed].Lines, "\n"), strings.Join(ours.Lines, "\n"), "seed %d", seed)
		require.Equal(t, theirs[seed].State, ours.State, "seed %d", seed)
		for i, integrals := range ours.Integrals {
			require.InEpsilonSlice(t, more(theirs[seed].Integrals[i]), more(integrals), 1e-9, "seed %d: integrals %d", seed, i)
		}
		all.WriteString(strings.Join(append(ours.Lines, ours.State...), "\n"))
	}
	for _, what := range []string{
		"gives up", "is in the way", "took what it had", "is late", "is in time", "event 1 failed", "is told",
		"none from", "false", "any: [0 1", "all: [0 1", "waits",
	} {
		assert.Contains(t, all.String(), what)
	}
}

// story is what happened, and how everything stands at the end.
type story struct {
	Lines []string `json:"lines"`
	State []string `json:"state"`
	// Of every resource, store and level, how much there was of it and how many waited, both
	// times nanoseconds.
	Integrals [][2]float64 `json:"integrals"`
}

// more is numbers that are not 0, of which there is no relative error.
func more(integrals [2]float64) []float64 { return []float64{integrals[0] + 1, integrals[1] + 1} }

// program is the world of some processes, and what they do one after the other.
type program struct {
	Resources []programResource `json:"resources"`
	Stores    []programStore    `json:"stores"`
	Levels    []programLevel    `json:"levels"`
	Events    int               `json:"events"`
	Processes [][]action        `json:"processes"`
	Until     scheduler.Time    `json:"until"`
	Monitored bool              `json:"-"`
}

type programResource struct {
	Kind     string `json:"kind"` // plain, preemptive
	Capacity int    `json:"capacity"`
	Patient  bool   `json:"patient"` // nobody takes a unit away
}

type programStore struct {
	Kind     string `json:"kind"` // plain, priority
	Capacity int    `json:"capacity"`
}

type programLevel struct {
	Capacity int `json:"capacity"`
	Initial  int `json:"initial"`
}

// action is something to do after some time. If its wait ends for another reason than its own
// patience, everything is left up to the next action of the process itself.
type action struct {
	Do       string        `json:"do"`
	After    time.Duration `json:"after"`
	Which    int           `json:"which"`
	Priority int           `json:"priority"`
	Patience time.Duration `json:"patience"` // 0: no limit
	For      time.Duration `json:"for"`
	Item     int           `json:"item"` // or an amount, or of items what they are modulo 3, -1: any
	Events   []int         `json:"events"`
	Join     bool          `json:"join"`
	Body     []action      `json:"body"`
	Parts    []part        `json:"parts"`
}

// part is something that an action waits for together with others.
type part struct {
	Kind     string        `json:"kind"`
	Which    int           `json:"which"`
	Priority int           `json:"priority"`
	For      time.Duration `json:"for"`
	Item     int           `json:"item"`
}

// programmer draws a program.
type programmer struct {
	*rand.Rand
	program program
	spawned int // processes by others
}

func newProgram(seed uint64) program {
	w := programmer{Rand: rand.New(rand.NewPCG(seed, 0))}
	p := &w.program
	for range 3 {
		p.Resources = append(p.Resources, programResource{
			Kind: []string{"plain", "preemptive"}[w.IntN(2)], Capacity: 1 + w.IntN(2), Patient: w.IntN(4) == 0,
		})
	}
	p.Resources[0].Kind = "plain"
	for _, kind := range []string{"plain", "priority"} {
		p.Stores = append(p.Stores, programStore{Kind: kind, Capacity: 1 + w.IntN(3)})
		p.Levels = append(p.Levels, programLevel{Capacity: 6 + w.IntN(5), Initial: w.IntN(7)})
	}
	p.Events = 6
	p.Processes = make([][]action, 4+w.IntN(8))
	for i := range p.Processes {
		p.Processes[i] = w.life(3+w.IntN(8), 2)
	}
	p.Until = 1e15
	if w.IntN(2) == 0 {
		p.Until = scheduler.Time(w.time()) * 10
	}
	p.Monitored = w.IntN(2) == 0
	return *p
}

func (w *programmer) time() time.Duration { return 1 + time.Duration(w.Int64N(1e12)) }

// life draws what a process does. It does not end at a time when others act.
func (w *programmer) life(n, depth int) []action {
	return append(w.actions(n, depth, nil), action{Do: "rest", After: w.time()})
}

// actions draws n of them, which have others within to a depth, for a process that then has
// units of some preemptive resources.
func (w *programmer) actions(n, depth int, has []int) []action {
	list := []action{}
	for range n {
		a := action{After: w.time(), For: w.time(), Priority: w.IntN(3)}
		if w.IntN(3) == 0 {
			a.Patience = w.time()
		}
		switch w.IntN(13) {
		case 0, 1, 2, 3:
			a.Do, a.Which = "use", w.IntN(len(w.program.Resources))
			if slices.Contains(has, a.Which) {
				continue
			}
			inner := has
			if w.program.Resources[a.Which].Kind == "preemptive" {
				inner = append(slices.Clone(has), a.Which)
			}
			a.Body = []action{}
			if depth > 0 {
				a.Body = w.actions(w.IntN(3), depth-1, inner)
			}
		case 4:
			a.Do, a.Which, a.Item = "put", w.IntN(len(w.program.Stores)), w.IntN(100)
		case 5:
			a.Do, a.Which, a.Item = "get", w.IntN(len(w.program.Stores)), w.IntN(4)-1
		case 6:
			a.Do, a.Which, a.Item = []string{"fill", "draw"}[w.IntN(2)], w.IntN(len(w.program.Levels)), 1+w.IntN(6)
		case 7:
			a.Do, a.Events = "trigger", []int{w.IntN(w.program.Events), w.IntN(w.program.Events)}
		case 8:
			a.Do, a.Which = "interrupt", w.IntN(len(w.program.Processes))
		case 9:
			a.Do, a.Which = "join", w.IntN(len(w.program.Processes))
			if w.IntN(3) == 0 { // those of an odd number
				a.Do, a.Events = "fail", []int{1 + 2*w.IntN(w.program.Events/2)}
			}
		case 10:
			if depth < 2 {
				continue
			}
			w.spawned++
			a.Do, a.Which, a.Join = "spawn", w.spawned, w.IntN(2) == 0
			a.Body = w.life(1+w.IntN(3), 1)
		case 11:
			if depth == 0 {
				continue
			}
			a.Do, a.Body = "within", w.actions(1+w.IntN(2), depth-1, has)
			a.For *= 2
		default:
			a.Do, a.Parts = []string{"any", "all"}[w.IntN(2)], w.parts()
		}
		list = append(list, a)
	}
	return list
}

// parts draws what to wait for together. What has come at once is seen later in SimPy: what has
// failed already would come first there, so nothing that can fail is among requests; and who
// waits for room gets it only then, so there is one request for an item, and one for an amount, at most.
func (w *programmer) parts() []part {
	requests := w.IntN(2) == 0
	var list []part
	for range 1 + w.IntN(3) {
		p := part{Priority: w.IntN(3), For: 2 * w.time()}
		kinds := []string{"event", "timeout", "process"}
		if requests {
			kinds = append(kinds, "unit")
			for _, once := range []string{"item", "amount"} {
				if !slices.ContainsFunc(list, func(p part) bool { return p.Kind == once }) {
					kinds = append(kinds, once)
				}
			}
		}
		switch p.Kind = kinds[w.IntN(len(kinds))]; p.Kind {
		case "event":
			if p.Which = w.IntN(w.program.Events); requests {
				p.Which &^= 1
			}
		case "process":
			p.Which = w.IntN(len(w.program.Processes))
		case "unit":
			p.Which = 0 // it is plain
		case "item":
			p.Which, p.Item = w.IntN(len(w.program.Stores)), w.IntN(4)-1
		case "amount":
			p.Which, p.Item = w.IntN(len(w.program.Levels)), 1+w.IntN(6)
		}
		list = append(list, p)
	}
	return list
}

// programWorld is a program that runs.
type programWorld struct {
	program
	t         *testing.T
	s         *process.Simulation
	story     story
	plain     []*process.Resource           // by number of a resource; nil if it is preemptive
	taken     []*process.PreemptiveResource // or this
	stores    []*process.Store[int]
	levels    []*process.Level
	events    []*process.Event[int]
	usage     []*process.Usage // of all these, in order, if they are monitored
	processes []*process.Task[int]
	all       []*process.Task[int]
}

func (p program) run(t *testing.T) story {
	w := &programWorld{program: p, t: t, s: process.New("program")}
	for i, r := range p.Resources {
		name := fmt.Sprint("resource ", i)
		w.plain, w.taken = append(w.plain, nil), append(w.taken, nil)
		if r.Kind == "plain" {
			w.plain[i] = process.NewResource(w.s, name, r.Capacity)
		} else {
			w.taken[i] = process.NewPreemptiveResource(w.s, name, r.Capacity)
		}
	}
	for i, s := range p.Stores {
		name := fmt.Sprint("store ", i)
		if s.Kind == "plain" {
			w.stores = append(w.stores, process.NewStore[int](w.s, name, s.Capacity))
		} else {
			w.stores = append(w.stores, process.NewPriorityStore(w.s, name, s.Capacity, func(a, b int) bool { return a < b }))
		}
	}
	for i, l := range p.Levels {
		w.levels = append(w.levels, process.NewLevel(w.s, fmt.Sprint("level ", i), float64(l.Capacity), float64(l.Initial)))
	}
	if p.Monitored {
		w.monitor()
	}
	for i := range p.Events {
		w.events = append(w.events, process.NewEvent[int](w.s, fmt.Sprint("event ", i)))
	}
	for i, actions := range p.Processes {
		w.processes = append(w.processes, w.start(fmt.Sprint("p", i), actions))
	}
	require.NoError(t, w.s.RunUntil(context.Background(), p.Until))
	w.stand()
	for _, u := range w.usage {
		all := float64(p.Until)
		w.story.Integrals = append(w.story.Integrals, [2]float64{u.Content.Mean(p.Until) * all, u.Queue.Mean(p.Until) * all})
	}
	told := w.story
	require.NoError(t, w.s.Close())
	return told
}

func (w *programWorld) monitor() {
	for i := range w.Resources {
		if r := w.plain[i]; r != nil {
			w.usage = append(w.usage, r.Monitor())
		} else {
			w.usage = append(w.usage, w.taken[i].Monitor())
		}
	}
	for _, s := range w.stores {
		w.usage = append(w.usage, s.Monitor())
	}
	for _, l := range w.levels {
		w.usage = append(w.usage, l.Monitor())
	}
}

func (w *programWorld) note(p *process.Process, format string, args ...any) {
	w.story.Lines = append(w.story.Lines, fmt.Sprintf("%d %s ", p.Now(), p.Name())+fmt.Sprintf(format, args...))
}

func (w *programWorld) start(name string, actions []action) *process.Task[int] {
	task := process.StartTask(w.s, name, func(p *process.Process) (int, error) {
		for i, a := range actions {
			err := w.act(p, a)
			var lost *process.PreemptedError
			switch {
			case errors.Is(err, scheduler.ErrClosed):
				return 0, err
			case errors.As(err, &lost):
				w.note(p, "%d: interrupted: %s took what it had since %d", i, lost.By.Name(), lost.Since)
			case err != nil:
				w.note(p, "%d: %v", i, err)
			}
		}
		w.note(p, "ends")
		return len(actions), nil
	})
	w.all = append(w.all, task)
	return task
}

func (w *programWorld) act(p *process.Process, a action) error {
	if err := p.Hold(a.After); err != nil {
		return err
	}
	switch a.Do {
	case "rest":
		return nil
	case "use":
		return w.use(p, a)
	case "put":
		came, err := come(p, a, func() error { return w.stores[a.Which].Put(p, a.Item) })
		if err == nil {
			w.note(p, "puts %d into %d: %v", a.Item, a.Which, came)
		}
		return err
	case "get":
		item := 0
		came, err := come(p, a, func() (err error) {
			item, err = w.stores[a.Which].GetWhere(p, w.match(a.Which, a.Item))
			return err
		})
		if err == nil {
			w.note(p, "gets %s from %d", result(item, came), a.Which)
		}
		return err
	case "fill":
		came, err := come(p, a, func() error { return w.levels[a.Which].Put(p, float64(a.Item)) })
		if err == nil {
			w.note(p, "fills %d into %d: %v", a.Item, a.Which, came)
		}
		return err
	case "draw":
		came, err := come(p, a, func() error { return w.levels[a.Which].Get(p, float64(a.Item)) })
		if err == nil {
			w.note(p, "draws %d from %d: %v", a.Item, a.Which, came)
		}
		return err
	case "trigger", "fail":
		for _, which := range a.Events {
			switch e := w.events[which]; {
			case e.Happened():
			case a.Do == "trigger":
				e.Trigger(which)
				w.note(p, "triggers %d", which)
			default:
				e.Fail(fmt.Errorf("event %d failed", which))
				w.note(p, "fails %d", which)
			}
		}
		return nil
	case "spawn":
		child := w.start(fmt.Sprintf("%s.%d", p.Name(), a.Which), a.Body)
		if !a.Join {
			return nil
		}
		value, err := process.Await(p, child)
		if err == nil {
			w.note(p, "is told %d", value)
		}
		return err
	case "join":
		value, err := process.Await(p, w.processes[a.Which])
		if err == nil {
			w.note(p, "is told %d by p%d", value, a.Which)
		}
		return err
	case "interrupt":
		if other := w.processes[a.Which]; !other.Ended() && other.Process != p {
			require.NoError(w.t, other.Interrupt(fmt.Errorf("%s is in the way", p.Name())))
			w.note(p, "interrupts p%d", a.Which)
		}
		return nil
	case "within":
		in, err := within(p, a.For, func() error { return w.body(p, a.Body) })
		if err == nil {
			w.note(p, "%s", map[bool]string{true: "is in time", false: "is late"}[in])
		}
		return err
	default:
		return w.group(p, a)
	}
}

func (w *programWorld) body(p *process.Process, actions []action) error {
	for _, a := range actions {
		if err := w.act(p, a); err != nil {
			return err
		}
	}
	return nil
}

// within reports whether what is done was done in time. Other deadlines are not its own.
func within(p *process.Process, d time.Duration, do func() error) (in bool, err error) {
	until := p.Now().Add(d)
	err = p.Within(d, do)
	var late *process.TimeoutError
	if errors.As(err, &late) && late.Deadline == until {
		return false, nil
	}
	return err == nil, err
}

// come reports whether it has come, as long as patience lasts.
func come(p *process.Process, a action, wait func() error) (bool, error) {
	if a.Patience == 0 {
		err := wait()
		return err == nil, err
	}
	return within(p, a.Patience, wait)
}

func (w *programWorld) use(p *process.Process, a action) error {
	acquire := func() error { return w.plain[a.Which].AcquirePriority(p, a.Priority) }
	release := func() { w.plain[a.Which].Release() }
	if r := w.taken[a.Which]; r != nil {
		acquire, release = func() error { return r.Acquire(p, a.Priority) }, func() { r.Release(p) }
		if w.Resources[a.Which].Patient {
			acquire = func() error { return r.AcquirePatiently(p, a.Priority) }
		}
	}
	switch has, err := come(p, a, acquire); {
	case err != nil:
		return err
	case !has:
		w.note(p, "gives up %d", a.Which)
		return nil
	}
	defer release()
	w.note(p, "has %d", a.Which)
	if err := w.body(p, a.Body); err != nil {
		return err
	}
	if err := p.Hold(a.For); err != nil {
		return err
	}
	w.note(p, "gives %d back", a.Which)
	return nil
}

func (w *programWorld) match(store, remainder int) func(int) bool {
	if w.Stores[store].Kind == "priority" || remainder < 0 {
		return nil
	}
	return func(item int) bool { return item%3 == remainder }
}

// group waits for several things, and takes back what is not needed.
func (w *programWorld) group(p *process.Process, a action) error {
	var (
		parts    []process.Waitable
		happened = make([]func() bool, len(a.Parts))
		takeBack []func()
	)
	defer func() {
		for _, do := range takeBack {
			do()
		}
	}()
	for i, part := range a.Parts {
		switch part.Kind {
		case "event":
			e := w.events[part.Which]
			parts, happened[i] = append(parts, e), e.Happened
		case "timeout":
			e, err := w.s.Timeout(part.For)
			require.NoError(w.t, err)
			parts, happened[i] = append(parts, e), e.Happened
		case "process":
			other := w.processes[part.Which]
			parts, happened[i] = append(parts, other), other.Ended
		case "unit":
			q := w.plain[part.Which].Request(part.Priority)
			takeBack = append(takeBack, q.Release)
			parts, happened[i] = append(parts, q), q.Granted
		case "item":
			q := w.stores[part.Which].Request(w.match(part.Which, part.Item))
			takeBack = append(takeBack, func() {
				item, _ := q.Value()
				w.note(p, "part %d: %s", i, result(item, !q.Withdraw()))
			})
			parts, happened[i] = append(parts, q), process.AllOf(w.s, q).Happened
		case "amount":
			q, err := w.levels[part.Which].Request(float64(part.Item))
			require.NoError(w.t, err)
			takeBack = append(takeBack, func() { w.note(p, "part %d: %v", i, !q.Withdraw()) })
			parts, happened[i] = append(parts, q), process.AllOf(w.s, q).Happened
		}
	}
	var err error
	if a.Do == "any" {
		_, err = process.Await(p, process.AnyOf(w.s, parts...))
	} else {
		err = p.Wait(process.AllOf(w.s, parts...))
	}
	if err != nil {
		return err
	}
	var there []int
	for i, has := range happened {
		if has() {
			there = append(there, i)
		}
	}
	w.note(p, "%s: %v", a.Do, there)
	return p.Hold(a.For)
}

func result(item int, has bool) string {
	if has {
		return fmt.Sprint(item)
	}
	return "none"
}

// stand says how everything stands.
func (w *programWorld) stand() {
	state := &w.story.State
	say := func(format string, args ...any) { *state = append(*state, fmt.Sprintf(format, args...)) }
	for i := range w.Resources {
		if r := w.plain[i]; r != nil {
			say("resource %d: %d used, %d wait", i, r.InUse(), r.Queue())
		} else {
			say("resource %d: %d used, %d wait", i, w.taken[i].InUse(), w.taken[i].Queue())
		}
	}
	for i, s := range w.stores {
		getters, putters := s.Queue()
		say("store %d: %v, %d and %d wait", i, slices.Collect(s.Items()), getters, putters)
	}
	for i, l := range w.levels {
		getters, putters := l.Queue()
		say("level %d: %v, %d and %d wait", i, l.Amount(), getters, putters)
	}
	for _, p := range w.all {
		if !p.Ended() {
			say("%s waits", p.Name())
		}
	}
	slices.Sort(*state)
}
