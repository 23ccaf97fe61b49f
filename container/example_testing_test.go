package container_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// Charger buys energy for a car, every hour that it is cheap.
type Charger struct {
	container.Agent
	market  string // its name, or its address if it lives elsewhere
	limit   float64
	charged float64 // kWh
}

func (c *Charger) Start(ctx context.Context) error { return c.Every(ctx, time.Hour, c.consider) }

func (c *Charger) consider(ctx context.Context) error {
	price, err := container.As[float64](c.Call(c.Within(ctx, time.Minute), c.market, "price"))
	if err != nil || price > c.limit {
		return nil // perhaps in an hour
	}
	if _, err := c.Call(ctx, c.market, "buy", 11.0); err != nil {
		return err
	}
	c.charged += 11
	return nil
}

// fakeMarket has the prices that a test gives it, one after the other. Then it answers no
// more.
type fakeMarket struct {
	container.Agent
	prices []float64
}

func (m *fakeMarket) Start(context.Context) error {
	m.Expose("price", func(ctx context.Context) (price float64, err error) {
		if len(m.prices) == 0 {
			return 0, m.Sleep(ctx, 1000*time.Hour)
		}
		price, m.prices = m.prices[0], m.prices[1:]
		return price, nil
	})
	m.Expose("buy", func(context.Context, float64) error { return nil })
	return nil
}

func TestCharger(t *testing.T) {
	var heard []string // since it was looked at last
	trace := container.WithTrace(func(m container.Message) {
		heard = append(heard, fmt.Sprintf("%s to %s: %s %s %s%s", m.From, m.To, m.Kind, m.Method, m.Content, m.Err))
	})
	loop := scheduler.NewLoop(scheduler.Config{})
	c := container.New(loop, "test", trace)
	charger := &Charger{market: "market", limit: 0.25}
	require.NoError(t, c.Add("market", &fakeMarket{prices: []float64{0.25, 0.3}}))
	require.NoError(t, c.Add("charger", charger))
	clock := container.NewExternal(loop)
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- clock.Run(ctx) }()

	for _, step := range []struct {
		to, next scheduler.Time
		charged  float64
		heard    []string
	}{
		{0, scheduler.Hour, 11, []string{"charger to market: call price []", "market to charger: answer  0.25", "charger to market: call buy [11.0]", "market to charger: answer  null"}},
		{scheduler.Hour, 2 * scheduler.Hour, 11, []string{"charger to market: call price []", "market to charger: answer  0.3"}},
		{2 * scheduler.Hour, 2*scheduler.Hour + scheduler.Minute, 11, []string{"charger to market: call price []"}}, // which it answers no more
		{2*scheduler.Hour + scheduler.Minute, 3 * scheduler.Hour, 11, nil},
	} {
		next, err := clock.SetTime(ctx, step.to) // returns when all agents are quiet
		require.NoError(t, err)
		require.Equal(t, step.next, next)
		require.Equal(t, step.charged, charger.charged)
		require.Equal(t, step.heard, heard)
		heard = nil
	}

	stop()
	require.NoError(t, <-ended)
	require.NoError(t, c.Close())
	require.NoError(t, loop.Close())
}
