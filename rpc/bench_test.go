package rpc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/rpc"
)

// Calls of add(3, 4) over TCP, both ends in this process.
func BenchmarkCall(b *testing.B) {
	for _, c := range codecs {
		cfg := rpc.Config{Config: channel.Config{Codec: c}, Service: new(rpc.Router)}
		cfg.Service.Handle("fast", rpc.Func2(add))
		cfg.Service.Expose("reflected", add)
		l, err := rpc.Listen("tcp://127.0.0.1:0", cfg)
		require.NoError(b, err)
		client, err := rpc.Dial(b.Context(), l.Addr(), cfg)
		require.NoError(b, err)
		server, err := l.Accept(b.Context())
		require.NoError(b, err)
		for _, name := range []string{"fast", "reflected"} {
			b.Run(c.Name()+"/sequential/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					if _, err := rpc.Call[float64](b.Context(), client.Remote(), name, 3, 4); err != nil {
						b.Fatal(err)
					}
				}
			})
			b.Run(c.Name()+"/callers=1000/"+name, func(b *testing.B) {
				b.ReportAllocs()
				b.SetParallelism(500)
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						if _, err := rpc.Call[float64](b.Context(), client.Remote(), name, 3, 4); err != nil {
							b.Error(err)
						}
					}
				})
			})
			b.Run(c.Name()+"/outstanding=1000/"+name, func(b *testing.B) {
				b.ReportAllocs()
				var futures [1000]rpc.Future[float64]
				for i := 0; b.Loop(); i++ {
					f := &futures[i%len(futures)]
					if i >= len(futures) {
						if _, err := f.Wait(b.Context()); err != nil {
							b.Fatal(err)
						}
					}
					if *f, err = rpc.Go[float64](b.Context(), client.Remote(), name, 3, 4); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
		require.NoError(b, client.Close())
		require.NoError(b, server.Close())
		require.NoError(b, l.Close())
	}
}
