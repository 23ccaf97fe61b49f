package container_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// A one-way message arrives in the next round, in the order of the senders' names,
// and its sender goes on meanwhile.
func TestSend(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	var heard []string
	to := &callee{}
	to.Expose("tell", func(ctx context.Context, text string, n int) error {
		err := to.Sleep(ctx, time.Duration(n)*time.Second)
		heard = append(heard, fmt.Sprintf("%v %s", loop.Now(), text))
		return err
	})
	require.NoError(t, c.Add("receiver", to))
	for _, name := range []string{"b", "a"} {
		require.NoError(t, c.Add(name, &caller{start: func(ctx context.Context, a *caller) error {
			if err := a.Send("receiver", "tell", a.Name(), 1); err != nil {
				return err
			}
			_, err := a.CallIn(time.Minute, func(context.Context) error { return a.Send("receiver", "tell", a.Name()+" later", 0) })
			heard = append(heard, a.Name()+" goes on")
			return errors.Join(err, a.Send("nobody", "tell", "is lost"))
		}}))
	}
	advance(t, loop, scheduler.Hour)
	require.Equal(t, []string{"a goes on", "b goes on", "1s a", "1s b", "60s a later", "60s b later"}, heard)
	require.Empty(t, c.Waiting())

	var call *container.CallError
	require.ErrorAs(t, to.Send("a", "tell", make(chan int)), &call)
	require.ErrorContains(t, call, `agent "a": tell: argument 1: json: cannot encode`)
	require.NoError(t, c.Remove("receiver"))
	require.ErrorIs(t, to.Send("a", "tell"), container.ErrRemoved)
	require.NoError(t, c.Close())
	require.ErrorContains(t, (&callee{}).Send("a", "tell"), "add it to one first")
}

// Nobody waits for a one-way message, so what goes wrong with it ends the run.
func TestSendThatFails(t *testing.T) {
	for _, test := range []struct {
		name   string
		method string
		args   []any
		want   string
	}{
		{"failure", "fail", nil, `t=0s round 1: "callee": fail: message from "caller": too much`},
		{"arguments", "fail", []any{1}, `t=0s round 1: "callee": fail: message from "caller": TypeError: it takes the arguments (); 1 were given`},
		{"no method", "fial", nil, `t=0s round 1: "caller": message from "caller" to "callee": it exposes no method "fial"; did you mean "fail"?`},
	} {
		t.Run(test.name, func(t *testing.T) {
			loop := scheduler.NewLoop(scheduler.Config{})
			c := container.New(loop, "test")
			to := &callee{}
			to.Expose("fail", func(context.Context) error { return errors.New("too much") })
			require.NoError(t, c.Add("callee", to))
			require.NoError(t, c.Add("caller", &caller{start: func(_ context.Context, a *caller) error { return a.Send("callee", test.method, test.args...) }}))
			require.EqualError(t, loop.AdvanceTo(context.Background(), 0), test.want)
			require.NoError(t, c.Close())
		})
	}
}

// An agent that leaves while it works on a message has nothing to say.
func TestReceiverLeaves(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test")
	to := &callee{}
	var seen error
	to.Expose("leave", func(ctx context.Context) error {
		if err := to.Leave(); err != nil {
			return err
		}
		seen = to.Sleep(ctx, time.Hour)
		return seen
	})
	require.NoError(t, c.Add("callee", to))
	require.NoError(t, c.Add("caller", &caller{start: func(_ context.Context, a *caller) error { return a.Send("callee", "leave") }}))
	advance(t, loop, scheduler.Hour)
	require.ErrorIs(t, seen, container.ErrRemoved)
	require.False(t, c.Has("callee"))
	require.NoError(t, c.Close())
}

// Who is in no network cannot call addresses, and is told so.
func TestAddressIsCalledOutsideOfANetwork(t *testing.T) {
	run(t, nil, func(ctx context.Context, a *caller) error {
		_, err := a.Call(ctx, "tcp://localhost:5555/seller", "offer")
		require.ErrorContains(t, err, `no agent "tcp://localhost:5555/seller": agents of a run, and of any container that is not in a network (Listen), cannot call addresses`)
		_, err = a.Connect(ctx, "tcp://localhost:5555/seller")
		require.ErrorContains(t, err, "cannot call addresses")
		_, err = a.Call(ctx, "local://test/callee", "nothing")
		require.ErrorContains(t, err, "it exposes no method", "its own address is as good as a name")
		return nil
	})
}

func TestNilIsNoAgent(t *testing.T) {
	c := container.New(scheduler.NewLoop(scheduler.Config{}), "test")
	for _, m := range []container.Member{nil, (*callee)(nil)} {
		require.EqualError(t, c.Add("a", m), `agent "a": it is nil; add a pointer to a struct that embeds container.Agent`)
	}
	require.NoError(t, c.Close())
}
