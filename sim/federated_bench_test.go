package sim_test

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// pinger calls its peer again and again.
type pinger struct {
	container.Agent
	Peer  string `param:"peer" default:"" doc:"whom it calls"`
	Calls int    `param:"calls" default:"0" doc:"how often"`
}

func (p *pinger) Start(ctx context.Context) error {
	p.Expose("add", func(_ context.Context, x, y float64) (float64, error) { return x + y, nil })
	for range p.Calls {
		if _, err := p.Call(ctx, p.Peer, "add", 1.0, 2.0); err != nil {
			return err
		}
	}
	return nil
}

// BenchmarkFederatedAgents is agents that call each other, in pairs, whose halves
// live in the process of the run and in a container. A call is two messages, and
// takes two rounds, in which all pairs take part. What is traced is forgotten.
func BenchmarkFederatedAgents(b *testing.B) {
	pingers := sim.AgentOf[pinger]("Pinger", "calls another")
	dir := b.TempDir()
	listen := map[string]func() string{
		"together": nil,
		"local":    func() string { return inMemory(0) },
		"tcp":      func() string { return "tcp://127.0.0.1:0" },
		"ipc":      func() string { return "ipc://" + filepath.Join(dir, fmt.Sprint(addresses.Add(1))) },
	}
	for _, pairs := range []int{1, 1000} {
		for _, transport := range []string{"together", "local", "tcp", "ipc"} {
			for _, c := range []codec.Codec{codec.JSON, codec.MsgPack} {
				name := fmt.Sprintf("pairs=%d/%s/%s", pairs, transport, c.Name())
				if transport == "together" {
					if c != codec.Codec(codec.JSON) {
						continue
					}
					name = fmt.Sprintf("pairs=%d/together", pairs)
				}
				bench := func(b *testing.B, trace sim.Tracer) {
					ctx := context.Background()
					conns, where := map[string]*rpc.Conn{}, ""
					if at := listen[transport]; at != nil {
						conns["c0"], where = newHost(b, at(), rpc.Config{Config: channel.Config{Codec: c}}, pingers).conn, "c0"
					}
					w := sim.NewWorld(sim.Config{Trace: trace})
					calls := (b.N + pairs - 1) / pairs
					in, err := w.Add(ctx, "agents", sim.NewFederatedAgents(conns, pingers), sim.AddOptions{Params: sim.Params{"max_rounds": 2*calls + 10}})
					require.NoError(b, err)
					for i := range pairs {
						callee := fmt.Sprint("callee-", i)
						_, err = in.Create(ctx, "Pinger", 1, sim.Params{"name": callee, "container": where})
						require.NoError(b, err)
						_, err = in.Create(ctx, "Pinger", 1, sim.Params{"name": fmt.Sprint("caller-", i), "peer": callee, "calls": calls})
						require.NoError(b, err)
					}
					b.ReportAllocs()
					b.ResetTimer()
					_, err = w.Run(ctx, sim.RunOptions{Until: scheduler.Second})
					b.StopTimer()
					require.NoError(b, err)
					b.ReportMetric(b.Elapsed().Seconds()*1e9/float64(2*calls), "ns/round")
					require.NoError(b, w.Close())
				}
				b.Run(name, func(b *testing.B) { bench(b, nil) })
				b.Run(name+"/traced", func(b *testing.B) { bench(b, &mostHeld{}) })
			}
		}
	}
}
