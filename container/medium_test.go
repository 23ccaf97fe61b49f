package container_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

// media makes Media that must be right.
func media(t *testing.T, seed uint64, list ...container.Medium) container.Option {
	t.Helper()
	m, err := container.NewMedia(seed, list...)
	require.NoError(t, err)
	return container.WithMedia(m)
}

// A call between containers takes the delay there and the delay back; the first
// Medium that fits counts; within a container nothing is delayed here.
func TestMessagesTakeTheirTime(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	const ms = time.Millisecond
	option := media(t, 1,
		container.Medium{From: "north/*", To: "north/*"},
		container.Medium{From: "*/*", To: "*/slow", Delay: time.Second},
		container.Medium{From: "north/*", To: "south/*", Delay: 20 * ms},
		container.Medium{Delay: 5 * ms})
	north, south := container.New(loop, "north", option), container.New(loop, "south", option)
	var heard []string
	for name, c := range map[string]*container.Container{"near": north, "far": south, "slow": south} {
		to := &callee{}
		to.Expose("tell", func(context.Context) error {
			heard = append(heard, fmt.Sprintf("%s at %v", name, loop.Now()))
			return nil
		})
		require.NoError(t, c.Add(name, to))
	}
	require.NoError(t, north.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		a.Expose("f", func(context.Context) error { return nil })
		for _, test := range []struct {
			name string
			took time.Duration
		}{{"near", 0}, {"far", 25 * ms}, {"slow", 1005 * ms}, {"caller", 0}, {"nobody", 5 * ms}} {
			begin := a.Now()
			_, err := a.Call(ctx, test.name, "tell")
			if test.name != "nobody" && test.name != "caller" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, "LookupError")
			}
			require.Equal(t, test.took, a.Now().Sub(begin), test.name)
		}
		return a.Send("far", "tell")
	}}))
	advance(t, loop, scheduler.Minute)
	require.Equal(t, []string{"near at 0s", "far at 0.02s", "slow at 1.025s", "far at 1.055s"}, heard)
	require.NoError(t, north.Close())
	require.NoError(t, south.Close())
}

// delays returns the delays of messages from agents to "sink", by name of the sender,
// and how many of them were lost. The senders live in containers a and b in turn.
func delays(t *testing.T, seed uint64, senders []string, containers int, m container.Medium) (map[string][]time.Duration, int) {
	t.Helper()
	const messages = 50
	loop := scheduler.NewLoop(scheduler.Config{})
	option := media(t, seed, m)
	all := make([]*container.Container, containers)
	for i := range all {
		all[i] = container.New(loop, fmt.Sprint("container-", i), option)
	}
	got := map[string][]time.Duration{}
	arrived := 0
	sink := &callee{}
	sink.Expose("take", func(_ context.Context, from string, sent int64) error {
		arrived++
		got[from] = append(got[from], time.Duration(loop.Now())-time.Duration(sent))
		return nil
	})
	require.NoError(t, all[0].Add("sink", sink))
	for i, name := range senders {
		require.NoError(t, all[i%containers].Add(name, &caller{start: func(ctx context.Context, a *caller) error {
			for range messages {
				if err := a.Send("sink", "take", name, int64(a.Now())); err != nil {
					return err
				}
				if err := a.Sleep(ctx, time.Minute); err != nil {
					return err
				}
			}
			return nil
		}}))
	}
	advance(t, loop, 2*scheduler.Hour)
	for _, c := range all {
		require.NoError(t, c.Close())
	}
	return got, messages*len(senders) - arrived
}

// Random delays and losses of a pair follow from the seed and the two names.
func TestRandomMediaDependOnNamesAlone(t *testing.T) {
	m := container.Medium{Delay: time.Second, MaxDelay: 3 * time.Second, Loss: 0.3}
	want, lost := delays(t, 1, []string{"anna", "bert"}, 1, m)
	require.Greater(t, lost, 10)
	require.Less(t, lost, 50)
	for _, ds := range want {
		for _, d := range ds {
			require.GreaterOrEqual(t, d, time.Second)
			require.LessOrEqual(t, d, 3*time.Second)
		}
	}
	require.NotEqual(t, want["anna"], want["bert"])

	more, _ := delays(t, 1, []string{"zoe", "bert", "carl", "anna"}, 3, m)
	require.Equal(t, want["anna"], more["anna"])
	require.Equal(t, want["bert"], more["bert"])
	other, _ := delays(t, 2, []string{"anna", "bert"}, 1, m)
	require.NotEqual(t, want, other)

	// Whether messages are lost has nothing to do with how long they take.
	all, lost := delays(t, 1, []string{"anna"}, 1, container.Medium{Delay: time.Second, MaxDelay: 3 * time.Second})
	require.Zero(t, lost)
	require.Subset(t, all["anna"], want["anna"])
	none, lost := delays(t, 1, []string{"anna"}, 1, container.Medium{Loss: 1})
	require.Empty(t, none)
	require.Equal(t, 50, lost)
}

func TestDelaysOfAnyDistribution(t *testing.T) {
	got, _ := delays(t, 1, []string{"anna"}, 1, container.Medium{Draw: func(s *random.Stream) time.Duration {
		return time.Duration((s.Float64() - 0.5) * float64(time.Second))
	}})
	now := 0
	for _, d := range got["anna"] {
		require.GreaterOrEqual(t, d, time.Duration(0))
		if d == 0 {
			now++
		}
	}
	require.Greater(t, now, 5, "what is negative is 0")
	require.Less(t, now, 45)
}

func TestNewMediaRefuses(t *testing.T) {
	_, err := container.NewMedia(1,
		container.Medium{From: "alice", Delay: -1},
		container.Medium{To: "*/bob", Delay: 2, MaxDelay: 1, Loss: 1.5},
		container.Medium{Delay: 2, Draw: func(*random.Stream) time.Duration { return 0 }})
	require.EqualError(t, err, `medium 1 (from "alice" to ""): "alice" is not of the form CONTAINER/AGENT, such as */alice
medium 1 (from "alice" to ""): a delay of -1ns is negative
medium 2 (from "" to "*/bob"): the largest delay, 1ns, is below the least, 2ns
medium 2 (from "" to "*/bob"): a probability of loss of 1.5 is not between 0 and 1
medium 3 (from "" to ""): it has both Draw and limits of the delay; give one of them`)
}

// A call that is lost is never answered.
func TestLostCall(t *testing.T) {
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test", media(t, 1, container.Medium{Loss: 1}))
	require.NoError(t, c.Add("callee", &callee{}))
	require.NoError(t, c.Add("caller", &caller{start: func(ctx context.Context, a *caller) error {
		_, err := a.Call(ctx, "callee", "f")
		return err
	}}))
	advance(t, loop, scheduler.Hour)
	require.Equal(t, scheduler.Never, loop.Next())
	require.Equal(t, []container.Wait{{Agent: "caller", Behaviour: "Start", Callee: "callee", Method: "f"}}, c.Waiting())
	require.NoError(t, c.Close())
}
