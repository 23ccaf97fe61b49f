package container_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// caller is an agent whose Start is a function.
type caller struct {
	container.Agent
	start func(ctx context.Context, a *caller) error
}

func (a *caller) Start(ctx context.Context) error { return a.start(ctx, a) }

// callee is an agent that only exposes functions.
type callee struct{ container.Agent }

// run lets an agent "caller" perform start beside an agent "callee" that exposes
// fn as "f".
func run(t *testing.T, fn any, start func(ctx context.Context, a *caller) error) {
	t.Helper()
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	to := &callee{}
	if fn != nil {
		to.Expose("f", fn)
	}
	require.NoError(t, c.Add("callee", to))
	ended := false
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		err := start(ctx, a)
		ended = true
		return err
	}}))
	require.NoError(t, loop.AdvanceTo(context.Background(), scheduler.Hour))
	require.True(t, ended, "the caller has not come to its end")
	require.NoError(t, c.Close())
}

func TestArgumentsAreConverted(t *testing.T) {
	type meters float64
	ctxFirst := func(args ...any) []any { return args }
	for _, test := range []struct {
		name string
		fn   any
		args []any
		want any
		err  string
	}{
		{name: "float", fn: func(_ context.Context, x float64) (float64, error) { return 2 * x, nil }, args: ctxFirst(1.5), want: 3.0},
		{name: "integer to float", fn: func(_ context.Context, x float64) (float64, error) { return 2 * x, nil }, args: ctxFirst(3), want: 6.0},
		{name: "named float", fn: func(_ context.Context, x meters) (meters, error) { return x, nil }, args: ctxFirst(meters(3)), want: 3.0},
		{name: "float to integer", fn: func(_ context.Context, n int) error { return nil }, args: ctxFirst(3.0), err: "TypeError: argument 1: found a float instead of the Go type int"},
		{name: "integer", fn: func(_ context.Context, n int) (int, error) { return n + 1, nil }, args: ctxFirst(int8(3)), want: int64(4)},
		{name: "integer out of range", fn: func(_ context.Context, n int8) error { return nil }, args: ctxFirst(128), err: "TypeError: argument 1: the number 128 does not fit into the Go type int8"},
		{name: "negative to unsigned", fn: func(_ context.Context, n uint) error { return nil }, args: ctxFirst(-1), err: "TypeError: argument 1: the number -1 does not fit into the Go type uint"},
		{name: "large unsigned", fn: func(_ context.Context, n uint64) (uint64, error) { return n, nil }, args: ctxFirst(uint64(math.MaxInt64)), want: int64(math.MaxInt64)},
		{name: "text", fn: func(_ context.Context, s string) (string, error) { return s + "!", nil }, args: ctxFirst("hé"), want: "hé!"},
		{name: "text to bool", fn: func(_ context.Context, b bool) error { return nil }, args: ctxFirst("true"), err: `TypeError: argument 1: found the string "true" instead of the Go type bool`},
		{name: "list", fn: func(_ context.Context, xs []float64) (int, error) { return len(xs), nil }, args: ctxFirst([]float64{1, 2}), want: int64(2)},
		{name: "list of wrong items", fn: func(_ context.Context, xs []float64) error { return nil }, args: ctxFirst([]any{1, "b"}), err: `TypeError: argument 1: at $[1]: found the string "b" instead of the Go type float64`},
		{name: "null list", fn: func(_ context.Context, xs []float64) (bool, error) { return xs == nil, nil }, args: ctxFirst(nil), want: true},
		{name: "map", fn: func(_ context.Context, m map[string]int) (map[string]int, error) { m["c"] = 3; return m, nil },
			args: ctxFirst(map[string]int{"b": 2, "a": 1}), want: codec.Object{{Key: "a", Value: int64(1)}, {Key: "b", Value: int64(2)}, {Key: "c", Value: int64(3)}}},
		{name: "map of wrong members", fn: func(_ context.Context, m map[string]int) error { return nil }, args: ctxFirst(map[string]any{"a": true}), err: `TypeError: argument 1: at $["a"]: found a boolean instead of the Go type int`},
		{name: "number to map", fn: func(_ context.Context, m map[string]int) error { return nil }, args: ctxFirst(5), err: `TypeError: argument 1: found an integer instead of the Go type map[string]int`},
		{name: "any", fn: func(_ context.Context, v any) (any, error) { return v, nil }, args: ctxFirst([]string{"x"}), want: []any{"x"}},
		{name: "variadic", fn: func(_ context.Context, first string, rest ...int) (int, error) { return len(rest), nil }, args: ctxFirst("a", 1, 2), want: int64(2)},
		{name: "variadic of wrong type", fn: func(_ context.Context, rest ...int) error { return nil }, args: ctxFirst(1, "b"), err: `TypeError: argument 2: found the string "b" instead of the Go type int`},
		{name: "too few for variadic", fn: func(_ context.Context, first string, rest ...int) error { return nil }, err: "TypeError: it takes the arguments (string, ...int); 0 were given"},
		{name: "too many", fn: func(_ context.Context, n int) error { return nil }, args: ctxFirst(1, 2), err: "TypeError: it takes the arguments (int); 2 were given"},
		{name: "by name", fn: func(_ context.Context, kwargs rpc.Kwargs) (any, error) { return kwargs["unit"], nil }, args: ctxFirst(rpc.Kwargs{"unit": "kW", "a": 1}), want: "kW"},
		{name: "name that nobody knows", fn: func(_ context.Context, x float64) error { return nil }, args: ctxFirst(1, rpc.Kwargs{"unit": "kW"}), err: "TypeError: it got an unexpected keyword argument 'unit'"},
		{name: "name that cannot be sent", fn: func(context.Context) error { return nil }, args: ctxFirst(rpc.Kwargs{"unit": make(chan int)}), err: "argument 'unit': json: cannot encode $:"},
		{name: "no result", fn: func(context.Context) error { return nil }, want: nil},
		{name: "not a number survives", fn: func(_ context.Context, x float64) (bool, error) { return math.IsNaN(x), nil }, args: ctxFirst(math.NaN()), want: true},
		{name: "typed error", fn: func(context.Context) error { return &channel.RemoteError{Type: "ValueError", Message: "too much"} }, err: "ValueError: too much"},
		{name: "wrapped error", fn: func(context.Context) error { return fmt.Errorf("no: %w", errors.New("why")) }, err: "no: why"},
		{name: "result that cannot be sent", fn: func(context.Context) (any, error) { return make(chan int), nil }, err: "its result: json: cannot encode $:"},
		{name: "argument that cannot be sent", fn: func(_ context.Context, v any) error { return nil }, args: ctxFirst(1, []any{struct{ X int }{1}}), err: "argument 2: json: cannot encode $[0]:"},
	} {
		t.Run(test.name, func(t *testing.T) {
			run(t, test.fn, func(ctx context.Context, a *caller) error {
				got, err := a.Call(ctx, "callee", "f", test.args...)
				if test.err == "" {
					require.NoError(t, err)
					require.Equal(t, test.want, got)
					return nil
				}
				require.ErrorContains(t, err, `agent "callee": f: `+test.err)
				return nil
			})
		})
	}
}

// What an agent sends stays its own: the other side gets a copy.
func TestArgumentsAndResultsAreCopies(t *testing.T) {
	kept := []any{1.0}
	run(t, func(_ context.Context, list []any) (any, error) {
		list[0] = "changed"
		return kept, nil
	}, func(ctx context.Context, a *caller) error {
		mine := []any{1.0}
		got, err := a.Call(ctx, "callee", "f", mine)
		require.NoError(t, err)
		got.([]any)[0] = "changed"
		require.Equal(t, []any{1.0}, mine)
		require.Equal(t, []any{1.0}, kept)
		return nil
	})
}

func TestAs(t *testing.T) {
	run(t, func(context.Context) ([]int, error) { return []int{1, 2}, nil }, func(ctx context.Context, a *caller) error {
		floats, err := container.As[[]float64](a.Call(ctx, "callee", "f"))
		require.NoError(t, err)
		require.Equal(t, []float64{1, 2}, floats)
		_, err = container.As[string](a.Call(ctx, "callee", "f"))
		require.EqualError(t, err, "the result: found an array instead of the Go type string")
		_, err = container.As[chan int](a.Call(ctx, "callee", "f"))
		require.EqualError(t, err, "the result: found an array instead of the Go type chan int")
		_, err = container.As[string](a.Call(ctx, "callee", "g"))
		var call *container.CallError
		require.ErrorAs(t, err, &call)
		require.Equal(t, "g", call.Method)
		var remote *channel.RemoteError
		require.ErrorAs(t, err, &remote)
		require.Equal(t, "LookupError", remote.Type)
		return nil
	})
}

func TestExposeRefusesWhatCannotBeCalled(t *testing.T) {
	for name, fn := range map[string]any{
		"not a function":    3,
		"nil":               (func(context.Context) error)(nil),
		"no context":        func(int) error { return nil },
		"no error":          func(context.Context) int { return 0 },
		"three results":     func(context.Context) (int, int, error) { return 0, 0, nil },
		"channel":           func(context.Context, chan int) error { return nil },
		"list of channels":  func(context.Context, []chan int) error { return nil },
		"interface methods": func(context.Context, error) error { return nil },
	} {
		t.Run(name, func(t *testing.T) {
			var a callee
			require.Panics(t, func() { a.Expose("f", fn) })
		})
	}
	var a callee
	a.Expose("f", func(context.Context) error { return nil })
	require.PanicsWithValue(t, `container: expose "f": it is exposed already`, func() {
		a.Expose("f", func(context.Context) error { return nil })
	})
}

// A context stands for one behaviour and serves no other.
func TestContextOfAnotherBehaviour(t *testing.T) {
	var other context.Context
	run(t, func(ctx context.Context) error { other = ctx; return nil }, func(ctx context.Context, a *caller) error {
		require.EqualError(t, a.Sleep(context.Background(), time.Second),
			`agent "caller": the context is not that of a behaviour; pass on the context that the behaviour was given`)
		_, err := a.Call(ctx, "callee", "f")
		require.NoError(t, err)
		require.EqualError(t, a.Sleep(other, time.Second),
			`agent "caller": the context is that of agent "callee"; pass on the context that the behaviour was given`)
		require.NoError(t, a.Go(ctx, func(context.Context) error {
			require.EqualError(t, a.SleepUntil(ctx, scheduler.Minute),
				`agent "caller": the context is that of behaviour Start, which does not run now; pass on the context that the behaviour was given`)
			_, err := a.Call(ctx, "callee", "f")
			require.ErrorContains(t, err, "which does not run now")
			return nil
		}))
		require.NoError(t, a.Sleep(ctx, time.Second))
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		require.ErrorIs(t, a.Sleep(cancelled, time.Second), context.Canceled)
		return nil
	})
}

func TestAgentThatWasNotAdded(t *testing.T) {
	var a callee
	ctx := context.Background()
	require.Empty(t, a.Name()+a.Address())
	require.Zero(t, a.Now())
	for _, err := range []error{
		a.Sleep(ctx, time.Second),
		a.Go(ctx, func(context.Context) error { return nil }),
		a.Every(ctx, time.Second, func(context.Context) error { return nil }),
	} {
		require.ErrorContains(t, err, "add it to one first")
	}
}

func TestAddTwice(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	a := &callee{}
	require.NoError(t, c.Add("a", a))
	require.Equal(t, "local://test/a", a.Address())
	require.EqualError(t, c.Add("b", a), `agent "b": it is in container "test" already, as "a"`)
	require.ErrorContains(t, c.Add("a", &callee{}), `the name "a" is taken already`)
	require.NoError(t, c.Close())
}

func TestSleepInvalid(t *testing.T) {
	run(t, nil, func(ctx context.Context, a *caller) error {
		require.ErrorContains(t, a.Sleep(ctx, -time.Second), "negative")
		require.NoError(t, a.Sleep(ctx, time.Second))
		var past *scheduler.PastError
		require.ErrorAs(t, a.SleepUntil(ctx, 0), &past)
		require.ErrorContains(t, a.Every(ctx, 0, nil), "is not positive")
		return nil
	})
}

// Close reports what goes wrong in Stop, of every agent.
func TestCloseReportsFailuresOfStop(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	require.NoError(t, c.Add("b", &stopping{stop: func() error { panic("half closed") }}))
	require.NoError(t, c.Add("a", &stopping{stop: func() error { return errors.New("no space left") }}))
	stopped := false
	require.NoError(t, c.Add("c", &stopping{stop: func() error { stopped = true; return nil }}))
	require.Regexp(t, `^stop agent "a": no space left\nstop agent "b": panic: half closed \(container_test\.go:\d+\)$`, c.Close().Error())
	require.True(t, stopped)
	require.NoError(t, c.Close())
}

type stopping struct {
	container.Agent
	stop func() error
}

func (s *stopping) Stop() error { return s.stop() }

// chatter is an agent that does a bit of everything.
type chatter struct {
	container.Agent
	peers []string
	log   func(who, what string)
	heard int
}

func (a *chatter) Start(ctx context.Context) error {
	a.Expose("tell", func(ctx context.Context, from string, n int) (int, error) {
		a.heard += n
		a.log(a.Name(), fmt.Sprintf("hears %d from %s", n, from))
		if n%3 == 0 {
			if err := a.Sleep(ctx, time.Duration(n)*time.Millisecond); err != nil {
				return 0, err
			}
		}
		return a.heard, nil
	})
	return a.Every(ctx, 10*time.Millisecond, func(ctx context.Context) error {
		calls := make([]container.Call, len(a.peers))
		for i, peer := range a.peers {
			calls[i] = container.Call{Agent: peer, Method: "tell", Args: []any{a.Name(), i + len(a.Name())}}
		}
		replies, err := a.Gather(ctx, calls...)
		if err != nil {
			return err
		}
		sum := 0
		for _, r := range replies {
			n, err := container.As[int](r.Value, r.Err)
			if err != nil {
				return err
			}
			sum = 7*sum + n
		}
		a.log(a.Name(), fmt.Sprint("sums up ", sum%1000))
		return nil
	})
}

// The trace (time, round, agent, what) is the same in whatever order the agents
// were added.
func TestTraceDoesNotDependOnTheOrderOfAgents(t *testing.T) {
	names := []string{"a", "aa", "b", "bus-10", "bus-9", "c.1", "é"}
	trace := func(order []string) (lines []string) {
		loop := scheduler.NewLoop(scheduler.Config{})
		c := container.New(loop, "test")
		for _, name := range order {
			a := &chatter{peers: names, log: func(who, what string) {
				lines = append(lines, fmt.Sprintf("%v %d %s %s", loop.Now(), loop.Round(), who, what))
			}}
			require.NoError(t, c.Add(name, a))
		}
		require.NoError(t, scheduler.RunUntil(context.Background(), loop, 60*scheduler.Millisecond))
		require.NoError(t, c.Close())
		return lines
	}
	want := trace(names)
	require.Greater(t, len(want), 200)
	random := rand.New(rand.NewPCG(1, 2))
	for range 10 {
		shuffled := append([]string(nil), names...)
		random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		require.Equal(t, want, trace(shuffled), "added in the order %q", shuffled)
	}
}
