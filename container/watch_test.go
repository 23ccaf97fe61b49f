package container_test

import (
	"context"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// pinger calls itself every second.
type pinger struct{ container.Agent }

func (p *pinger) Start(ctx context.Context) error {
	p.Expose("ping", func(_ context.Context, n int) (int, error) { return n, nil })
	n := 0
	return p.Every(ctx, time.Second, func(ctx context.Context) error {
		n++
		_, err := p.Call(ctx, p.Name(), "ping", n)
		return err
	})
}

// Who watches is told of as many messages as it wants, beside the trace, which has all.
func TestWatch(t *testing.T) {
	for _, traced := range []bool{false, true} {
		loop := scheduler.NewLoop(scheduler.Config{})
		var all, some []string
		note := func(to *[]string) func(container.Message) {
			return func(m container.Message) { *to = append(*to, m.Kind.String()+string(m.Content)) }
		}
		var options []container.Option
		if traced {
			options = append(options, container.WithTrace(note(&all)))
		}
		c := container.New(loop, "c", options...)
		require.NoError(t, c.Add("a", &pinger{}))
		watch := func(n int) {
			c.Watch(func(m container.Message) bool {
				note(&some)(m)
				n--
				return n > 0
			})
		}
		advance := func(to scheduler.Time) { require.NoError(t, loop.AdvanceTo(context.Background(), to*scheduler.Second)) }
		advance(0)
		require.Empty(t, some)
		watch(3)
		advance(5)
		require.Equal(t, []string{"call[2]", "answer2", "call[3]"}, some)
		watch(1)
		watch(2) // in place of that
		advance(9)
		require.Equal(t, []string{"call[2]", "answer2", "call[3]", "call[7]", "answer7"}, some)
		if traced {
			require.Len(t, all, 20)
		}
		require.NoError(t, c.Close())
		require.NoError(t, loop.Close())
	}
}
