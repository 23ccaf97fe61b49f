package rpc_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
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

// returned is a Completer that counts, and tells of each thousand.
type returned struct {
	n        int
	thousand chan struct{}
}

func (r *returned) Complete(codec.Raw, error) {
	if r.n++; r.n%1000 == 0 {
		r.thousand <- struct{}{}
	}
}

// Calls by the thousand, as loops make and answer them: without a goroutine for a
// call at either end.
func BenchmarkLoops(b *testing.B) {
	for _, c := range codecs {
		b.Run(c.Name(), func(b *testing.B) {
			cfg := rpc.Config{Config: channel.Config{Codec: c}}
			serving := cfg
			serving.Receive = func(in *rpc.Incoming) {
				x, errX := in.Float(0)
				y, errY := in.Float(1)
				if errX != nil || errY != nil {
					b.Error(errX, errY)
				}
				in.Reply(x + y)
			}
			l, err := rpc.Listen("tcp://127.0.0.1:0", serving)
			require.NoError(b, err)
			client, err := rpc.Dial(b.Context(), l.Addr(), cfg)
			require.NoError(b, err)
			server, err := l.Accept(b.Context())
			require.NoError(b, err)
			done := &returned{thousand: make(chan struct{}, 1)}
			b.ReportAllocs()
			for b.Loop() {
				client.Channel().Cork()
				for range 1000 {
					if err := client.Remote().Begin(done, "add", 3, 4); err != nil {
						b.Fatal(err)
					}
				}
				client.Channel().Uncork()
				<-done.thousand
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/1000, "ns/call")
			require.NoError(b, client.Close())
			require.NoError(b, server.Close())
			require.NoError(b, l.Close())
		})
	}
}
