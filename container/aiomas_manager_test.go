package container_test

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// A Go master drives a Python container, whose agents call Go agents. Python's
// set_time returns before they have reacted; ours does not, as long as connections are
// made before.
func TestPythonManager(t *testing.T) {
	ws := newWireSet(t)
	out, _ := ws.python(t, "managers")
	addresses := ws.addresses(t, out)
	for _, w := range ws.all() {
		t.Run(w.String(), func(t *testing.T) { ws.drivePython(t, w, addresses[w]) })
	}
}

func (ws *wireSet) drivePython(t *testing.T, w wire, address string) {
	ctx := within(t, 2*time.Minute)
	n := newNode(t, ws.listenAt(w, "market"), ws.config(w), map[string]container.Member{"seller": newSeller()}, container.WithTypes(codec.Struct[point]()))
	defer n.close()
	m, err := container.ConnectManager(ctx, n.e, address)
	require.NoError(t, err)
	require.NoError(t, m.SetTime(ctx, 0))
	p, err := m.Spawn(ctx, "__main__:ticker", 1, rpc.Kwargs{"peer": n.e.Address() + "/seller"})
	require.NoError(t, err)
	require.Equal(t, strings.TrimSuffix(address, "0")+"1", p.Address())
	alone, err := m.Spawn(ctx, "__main__:ticker", 2)
	require.NoError(t, err)
	var want []float64
	for i := 1; i <= 10; i++ {
		require.NoError(t, m.SetTime(ctx, scheduler.Time(i)*scheduler.Second))
		ticks, err := container.Ask[[]float64](ctx, n.e, p.Address(), "ticks")
		require.NoError(t, err)
		want = append(want, float64(i), -float64(i))
		require.Equal(t, want, ticks)
	}
	ticks, err := container.Ask[[]float64](ctx, n.e, alone.Address(), "ticks")
	require.NoError(t, err)
	require.Equal(t, []float64{2, 4, 6, 8, 10}, ticks)
	require.ErrorContains(t, m.SetTime(ctx, 10*scheduler.Second), "ValueError: Time must be > 10")
	_, err = m.Spawn(ctx, "__main__:Nobody")
	require.ErrorContains(t, err, "AttributeError")
	require.NoError(t, m.Stop(ctx))
}

// A Python master drives a Go container, whose agents call others elsewhere.
func TestPythonMaster(t *testing.T) {
	ws := newWireSet(t)
	var worlds []string
	managers := make(map[wire]*container.Manager)
	for _, w := range ws.all() {
		market := newNode(t, ws.listenAt(w, "market"), ws.config(w), map[string]container.Member{"seller": newSeller()})
		defer market.close()
		n := newSetNode(t, ws.listenAt(w, "go"), ws.config(w), nil, container.WithTypes(codec.Struct[point]()))
		defer n.close()
		require.NoError(t, n.clock.Do(within(t, time.Minute), func() (err error) {
			managers[w], err = container.AddManager(n.c, n.clock, kinds())
			return err
		}))
		worlds = append(worlds, strings.Join([]string{w.transport, w.codec, n.e.Address() + "/0", market.e.Address() + "/seller"}, " "))
	}
	out, _ := ws.python(t, "masters", worlds...)
	for _, w := range ws.all() {
		t.Run(w.String(), func(t *testing.T) {
			require.Equal(t, "ok", line(t, out))
			<-managers[w].Stopped()
		})
	}
}
