package container_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// settlement is a world of agents that negotiate, sleep, set timers, call at
// random, spawn others, leave, and fail, spread over some containers.
type settlement struct {
	names []string
	logs  map[string]*[]string // of each family of agents: containers share nothing
	fail  scheduler.Time       // from when on agents may fail; 0: never
	short bool                 // few rounds are allowed
	trace bool                 // messages know where they were sent
}

func (w *settlement) limit() int {
	if w.short {
		return 12
	}
	return 0
}

// settler is one of its agents. All that it does follows from its name, the seed,
// what it is told, and the order in which its family does things.
type settler struct {
	container.Agent
	w      *settlement
	random *rand.Rand // of the family
	log    *[]string
	wealth int
	loop   *scheduler.Loop
}

func (s *settler) say(format string, args ...any) {
	*s.log = append(*s.log, fmt.Sprintf("%v %d %s ", s.Now(), s.loop.Round(), s.Name())+fmt.Sprintf(format, args...))
}

// children are the names that settlers give to those that they spawn.
var children = []string{"x", "y"}

// spawn makes another settler, if it has none of that name.
func (s *settler) spawn() error {
	child := *s
	child.Agent = container.Agent{}
	err := s.Spawn(children[s.random.IntN(len(children))], &child)
	s.say("spawns %s: %v", child.Name(), err)
	return s.Send(child.Name(), "hint", 1)
}

func (s *settler) anybody() string {
	if s.random.IntN(20) == 0 {
		return "nobody-" + fmt.Sprint(s.random.IntN(3))
	}
	name := s.w.names[s.random.IntN(len(s.w.names))]
	for s.random.IntN(4) == 0 {
		name += "/" + children[s.random.IntN(len(children))]
	}
	return name
}

func (s *settler) Start(ctx context.Context) error {
	s.Expose("bid", func(ctx context.Context, price float64, note any, round int) (any, error) {
		s.say("is offered %v, %v", price, note)
		s.wealth++
		switch s.random.IntN(12) {
		case 0:
			return nil, fmt.Errorf("%s is not interested", s.Name())
		case 1:
			if err := s.Sleep(ctx, time.Duration(s.random.IntN(5))*time.Second); err != nil {
				return nil, err
			}
		case 2, 3:
			if round > 0 { // asks somebody else in turn
				v, err := s.Call(s.Within(ctx, time.Second), s.anybody(), "bid", price/2, s.treasure(), round-1)
				if errors.Is(err, scheduler.ErrClosed) {
					return nil, err // the run is over
				}
				s.say("heard %v, %v", v, err)
			}
		case 4:
			return s.treasure(), nil
		}
		return price * s.random.Float64(), nil
	}, "price", "note", "round")
	s.Expose("hint", func(_ context.Context, n int) error {
		s.say("is hinted %d", n)
		if n > 0 {
			return s.Send(s.anybody(), "hint", n-1)
		}
		if s.w.fail > 0 && s.Now() >= s.w.fail && s.random.IntN(4) == 0 {
			return errors.New("had enough of hints")
		}
		return nil
	})
	s.Expose("who", func(_ context.Context, at time.Time, who container.Proxy) (time.Time, error) {
		s.say("is asked by %v at %v", who, at)
		return at.Add(time.Hour), nil
	})
	if _, err := s.CallEvery(3*time.Second, func(context.Context) error {
		s.say("ticks")
		return s.Send(s.anybody(), "hint", s.random.IntN(5))
	}); err != nil {
		return err
	}
	if err := s.Every(ctx, time.Second, func(ctx context.Context) error {
		for range 6 { // a round each, among the answers that come meanwhile
			s.say("breathes")
			if err := s.Go(ctx, func(context.Context) error { s.say("thinks"); return nil }); err != nil {
				return err
			}
			if err := s.Sleep(ctx, 0); err != nil {
				return err
			}
		}
		return nil
	}); err != nil {
		return err
	}
	for {
		if err := s.negotiate(ctx); err != nil {
			return err
		}
		switch s.random.IntN(20) {
		case 0:
			s.say("leaves")
			return s.Leave()
		case 2, 3, 4, 5, 6, 7:
			if err := s.spawn(); err != nil {
				return err
			}
		case 1:
			at := time.Date(2024, 1, 1, 0, 0, int(s.Now().Seconds()), 0, time.UTC)
			v, err := s.Call(s.Within(ctx, 0), s.anybody(), "who", at, s)
			s.say("hears the time: %v, %v", v, err)
		}
		if err := s.Sleep(ctx, time.Duration(s.random.IntN(4))*time.Second); err != nil {
			return err
		}
	}
}

// negotiate asks several at once.
func (s *settler) negotiate(ctx context.Context) error {
	calls := make([]container.Call, 1+s.random.IntN(4))
	for i := range calls {
		calls[i] = container.Call{Agent: s.anybody(), Method: "bid", Args: []any{s.random.Float64(), s.treasure(), rpc.Kwargs{"round": 2}}}
		if i == 3 {
			calls[i].Args = []any{"much"}
		}
	}
	replies, err := s.Gather(s.Within(ctx, 3*time.Second), calls...)
	for i, r := range replies {
		s.say("%s answered %v, %v", calls[i].Agent, r.Value, r.Err)
	}
	return err
}

// treasure is a value of any kind that messages can carry.
func (s *settler) treasure() any {
	switch s.random.IntN(12) {
	case 0:
		return math.NaN()
	case 1:
		return new(big.Int).Lsh(big.NewInt(int64(s.wealth)), 70)
	case 2:
		return codec.Object{{Key: "z", Value: int64(1)}, {Key: "a", Value: []any{1.0, nil, "é", math.Inf(-1)}}}
	case 3:
		return "\xed\xa0\x80 alone" // a lone surrogate, as Python has them
	case 4:
		return math.Copysign(0, -1)
	case 5:
		return math.MaxInt64
	case 6:
		return uint64(math.MaxUint64)
	case 7:
		deep := any(1.5)
		if s.random.IntN(20) == 0 { // as deep as values may be
			for range codec.MaxDepth - 1 {
				deep = []any{deep}
			}
		}
		return deep
	case 8:
		return s.random.IntN(2) == 0
	}
	return s.wealth
}

func (s *settler) Stop() error {
	*s.log = append(*s.log, s.Name()+" stopped")
	return nil
}

// spread makes the settlement's containers.
func spread(t testing.TB, seed uint64, n int, w *settlement) []*container.Container {
	layout := rand.New(rand.NewPCG(seed, uint64(n)))
	w.logs = make(map[string]*[]string)
	w.names = nil
	for i := range 30 {
		name := fmt.Sprintf("settler-%d", i)
		w.names = append(w.names, name)
		w.logs[name] = new([]string)
	}
	media, err := container.NewMedia(seed,
		container.Medium{To: "*/settler-3", Loss: 0.2},
		container.Medium{From: "*/settler-4", Delay: 1500 * time.Millisecond},
		container.Medium{From: "*/settler-5", MaxDelay: 2 * time.Second},
		container.Medium{To: "*/settler-6", Delay: time.Second})
	require.NoError(t, err)
	containers := make([]*container.Container, n)
	loops := make([]*scheduler.Loop, n)
	for i := range containers {
		loops[i] = scheduler.NewLoop(scheduler.Config{MaxRounds: w.limit()})
		options := []container.Option{container.WithMedia(media)}
		if w.trace {
			options = append(options, container.WithTrace(func(container.Message) {}))
		}
		containers[i] = container.New(loops[i], "colony", options...)
	}
	for _, i := range layout.Perm(len(w.names)) {
		name, home := w.names[i], layout.IntN(n)
		if n > 2 && home == n-1 {
			home = 0 // the last one is empty
		}
		a := &settler{w: w, log: w.logs[name], loop: loops[home], random: rand.New(rand.NewPCG(seed, uint64(i)))}
		require.NoError(t, containers[home].Add(name, a))
	}
	return containers
}

// federate runs the settlement and returns what happened to each agent, and how it
// ended.
func federate(t *testing.T, seed uint64, w settlement, n int, wrap func(container.Part) container.Part) (map[string][]string, error) {
	containers := spread(t, seed, n, &w)
	var parts []container.Part
	for _, c := range containers {
		parts = append(parts, wrap(container.Local(c)))
	}
	f := container.NewFederation(w.limit(), parts...)
	var err error
	for f.Next() < 12*scheduler.Second && err == nil {
		err = f.AdvanceTo(context.Background(), f.Next())
	}
	if err != nil {
		require.Equal(t, err, f.AdvanceTo(context.Background(), scheduler.Minute))
	}
	closeAll(t, containers...)
	trace := make(map[string][]string)
	for name, log := range w.logs {
		trace[name] = *log
	}
	return trace, err
}

// oneLoop is federate in one container, without a federation.
func oneLoop(t *testing.T, seed uint64, w settlement) (map[string][]string, error) {
	c := spread(t, seed, 1, &w)[0]
	err := scheduler.RunUntil(context.Background(), c.Loop(), 12*scheduler.Second)
	closeAll(t, c)
	trace := make(map[string][]string)
	for name, log := range w.logs {
		trace[name] = *log
	}
	return trace, err
}

func closeAll(t testing.TB, containers ...*container.Container) {
	for _, c := range containers {
		require.NoError(t, c.Close())
		require.NoError(t, c.Loop().Close())
	}
}

func asItIs(p container.Part) container.Part { return p }

// slow takes its time, so that parts are ready in any order.
type slow struct {
	container.Part
	random *rand.Rand
}

func (s *slow) Round(ctx context.Context, order container.Order) ([]container.Envelope, error) {
	for range s.random.IntN(100) {
		runtime.Gosched()
	}
	return s.Part.Round(ctx, order)
}

// encoded passes all messages through a codec, as between processes.
type encoded struct {
	container.Part
	codec codec.Codec
	names []string
}

func (e *encoded) Join(ctx context.Context, everybody []string) error {
	e.names = everybody
	return e.Part.Join(ctx, everybody)
}

func (e *encoded) Round(ctx context.Context, order container.Order) (out []container.Envelope, err error) {
	if order.Messages, err = e.pass(order.Messages); err != nil {
		return nil, err
	}
	if out, err = e.Part.Round(ctx, order); err != nil {
		return nil, err
	}
	return e.pass(out)
}

func (e *encoded) pass(es []container.Envelope) ([]container.Envelope, error) {
	data, err := container.AppendEnvelopes(nil, e.codec, es)
	if err != nil {
		return nil, err
	}
	return container.ParseEnvelopes(e.codec, data, e.names)
}

var wires = map[string]func(container.Part) container.Part{
	"memory":  asItIs,
	"slow":    func(p container.Part) container.Part { return &slow{p, rand.New(rand.NewPCG(rand.Uint64(), 0))} },
	"json":    func(p container.Part) container.Part { return &encoded{Part: p, codec: codec.JSON} },
	"msgpack": func(p container.Part) container.Part { return &encoded{Part: p, codec: codec.MsgPack} },
}

// The same happens to every agent, in the same order, at the same times and rounds,
// in one container and in several, wherever the agents live.
func TestFederationIsLikeOneContainer(t *testing.T) {
	var all strings.Builder
	for seed := range uint64(2) {
		want, err := oneLoop(t, seed, settlement{})
		require.NoError(t, err)
		for _, name := range slices.Sorted(maps.Keys(want)) {
			all.WriteString(strings.Join(want[name], "\n"))
		}
		for name, wrap := range wires {
			for _, n := range []int{1, 2, 3, 5} {
				if n == 1 && name != "memory" {
					continue // no message leaves it
				}
				got, err := federate(t, seed, settlement{}, n, wrap)
				require.NoError(t, err)
				require.Equal(t, want, got, "seed %d, %d containers, %s", seed, n, name)
			}
		}
	}
	for _, must := range []string{"leaves", "ticks", "NaN", "hinted", `no agent "nobody-`, "has left", "removed before",
		"spawns settler-", "has spawned none of that name", "is taken already", "/x is offered", "/x/y is offered", "/y answered", "/x leaves",
		"local://colony/settler-", "TypeError", "not interested", "no answer has come", "\xed\xa0\x80"} {
		require.Contains(t, all.String(), must)
	}
}

// The run ends with the same failure.
func TestFederationFailsLikeOneContainer(t *testing.T) {
	failures := make(map[string]bool)
	for seed := range uint64(10) {
		w := settlement{fail: 4 * scheduler.Second, short: seed%3 == 0}
		_, want := oneLoop(t, seed, w)
		require.Error(t, want)
		failures[fmt.Sprintf("%T", want)] = true
		for _, n := range []int{1, 2, 5} {
			_, err := federate(t, seed, w, n, asItIs)
			require.EqualError(t, err, want.Error(), "seed %d, %d containers", seed, n)
		}
	}
	require.Len(t, failures, 2, "failures of agents, and too many rounds")
}

func TestFederationRefuses(t *testing.T) {
	ctx := context.Background()
	make2 := func(other string) (*container.Container, *container.Federation) {
		a := container.New(scheduler.NewLoop(scheduler.Config{}), "a")
		b := container.New(scheduler.NewLoop(scheduler.Config{}), "b")
		require.NoError(t, a.Add("x", &callee{}))
		require.NoError(t, b.Add(other, &callee{}))
		return a, container.NewFederation(0, container.Local(a), container.Local(b))
	}
	_, f := make2("x")
	require.EqualError(t, f.AdvanceTo(ctx, 0), `two agents are called "x", in a and in b; names are unique in a federation`)

	a, f := make2("y")
	require.NoError(t, f.AdvanceTo(ctx, scheduler.Second))
	require.Equal(t, scheduler.Second, a.Loop().Now(), "all clocks are set")
	require.Equal(t, scheduler.Never, f.Next())
	require.EqualError(t, a.Add("z", &callee{}), `agent "z": container "a" is part of a federation that has begun; there, agents are made by other agents, see Agent.Spawn`)
	require.ErrorAs(t, f.AdvanceTo(ctx, 0), new(*scheduler.PastError))
	require.ErrorContains(t, f.AdvanceTo(ctx, scheduler.Never), "cannot be set to never")
	require.NoError(t, f.AdvanceTo(ctx, 2*scheduler.Second), "a wrong time ends nothing")

	again := container.NewFederation(0, container.Local(a))
	require.ErrorContains(t, again.AdvanceTo(ctx, scheduler.Minute), "is connected to others already")
}

// What is notified at the present time happens in its last round, as on one loop.
func TestFederationGoesOnAtTheSameTime(t *testing.T) {
	ctx := context.Background()
	trace := func(n int) (lines []string) {
		var parts []container.Part
		var all []*container.Container
		for i := range n {
			c := container.New(scheduler.NewLoop(scheduler.Config{}), fmt.Sprint("c", i))
			all = append(all, c)
			parts = append(parts, container.Local(c))
		}
		for i, name := range []string{"a", "b"} {
			c := all[i%n]
			x := &callee{}
			x.Expose("hi", func(_ context.Context, from string) error {
				lines = append(lines, fmt.Sprintf("%v %d %s to %s", x.Now(), c.Loop().Round(), from, name))
				return nil
			})
			require.NoError(t, c.Add(name, x))
		}
		f := container.NewFederation(0, parts...)
		for _, at := range []scheduler.Time{0, 0, scheduler.Second, scheduler.Second} {
			require.NoError(t, f.AdvanceTo(ctx, at))
			require.NoError(t, all[0].Notify(at, "a", "greet", func(ctx context.Context) error {
				c, err := all[0], error(nil)
				a := c.Member("a").(*callee)
				_, err = a.Call(ctx, "b", "hi", "a")
				return err
			}))
			require.NoError(t, f.AdvanceTo(ctx, at))
		}
		closeAll(t, all...)
		return lines
	}
	want := trace(1)
	require.Equal(t, []string{"0s 1 a to b", "0s 3 a to b", "1s 1 a to b", "1s 3 a to b"}, want)
	require.Equal(t, want, trace(2))
}

func TestFederationIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	w := &settlement{}
	containers := spread(t, 1, 2, w)
	f := container.NewFederation(0, container.Local(containers[0]), container.Local(containers[1]))
	require.NoError(t, f.AdvanceTo(ctx, scheduler.Second))
	cancel()
	err := f.AdvanceTo(ctx, scheduler.Minute)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, err, f.AdvanceTo(context.Background(), scheduler.Minute))
	closeAll(t, containers...)
}
