package ui

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
)

// counter is a sink that does nearly nothing, so that what the page costs shows.
type counter struct{ rows int }

func (*counter) Begin([]sim.Series) error { return nil }

func (c *counter) Write(rows []sim.Row) error { c.rows += len(rows); return nil }

// BenchmarkPage is a second of virtual time of a run that puts out and records a value of
// each of n entities, without a page and with one that is open and shows eight series. Values
// go nowhere; a run that writes files does more, so the page's share is less.
func BenchmarkPage(b *testing.B) {
	for _, n := range []int{10, 1000, 10_000} {
		for _, page := range []string{"none", "open"} {
			b.Run(fmt.Sprintf("entities=%d/page=%s", n, page), func(b *testing.B) {
				w := sim.NewWorld(sim.Config{})
				defer w.Close()
				in, err := w.Add(b.Context(), "house", sim.NewModel[ramp](sim.ModelConfig{Name: "Ramp", Step: time.Second}), sim.AddOptions{})
				require.NoError(b, err)
				es, err := in.Create(b.Context(), "Ramp", n, nil)
				require.NoError(b, err)
				refs := make([]sim.Ref, n)
				for i, e := range es {
					refs[i] = sim.Ref{Entity: e, Attr: "out"}
				}
				var live *Live
				opts := sim.RunOptions{Until: sim.Time(b.N) * sim.Time(time.Second)}
				if page == "none" {
					require.NoError(b, w.Record(&counter{}, 0, refs...))
				} else {
					live = NewLive(LiveConfig{LogDir: b.TempDir(), Control: new(sim.Control)})
					opts.Control = live.cfg.Control
					require.NoError(b, w.Record(live.Sink(&counter{}), 0, refs...))
					server, err := Listen("127.0.0.1", live)
					require.NoError(b, err)
					read := make(chan struct{})
					ctx, stop := context.WithCancel(b.Context())
					defer func() { stop(); <-read; require.NoError(b, server.Close()) }()
					base, token, _ := strings.Cut(server.URL(), "?token=")
					q, err := http.NewRequestWithContext(ctx, "GET", base+"api/events?series=0,1,2,3,4,5,6,7", nil)
					require.NoError(b, err)
					q.Header.Set("Authorization", "Bearer "+token)
					go func() {
						defer close(read)
						if resp, err := http.DefaultClient.Do(q); err == nil {
							_, _ = io.Copy(io.Discard, resp.Body)
							resp.Body.Close()
						}
					}()
					live.Begin(w)
				}
				b.ResetTimer()
				summary, err := w.Run(b.Context(), opts)
				b.StopTimer()
				if live != nil {
					live.End(summary, err)
				}
				require.NoError(b, err)
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n), "ns/value")
			})
		}
	}
}

// BenchmarkTap is what a row costs the run when there is a page: some 8,000 at a time, of
// as many series as all are kept of, and of many of which eight are.
func BenchmarkTap(b *testing.B) {
	for _, n := range []int{10, mostKeptSeries, 8000} {
		b.Run(fmt.Sprintf("series=%d", n), func(b *testing.B) {
			live := NewLive(LiveConfig{LogDir: b.TempDir(), Control: new(sim.Control)})
			sink := live.Sink(&counter{})
			require.NoError(b, sink.Begin(make([]sim.Series, n)))
			require.NoError(b, live.Choose([]int{0, 1, 2, 3, 4, 5, 6, 7}))
			rows := make([]sim.Row, 8000/n*n)
			for i := range rows {
				rows[i] = sim.Row{Series: i % n, Value: sim.Float(float64(i))}
			}
			at := sim.Time(0)
			for b.Loop() {
				b.StopTimer()
				for i := range rows {
					if i%n == 0 {
						at += sim.Time(time.Second)
					}
					rows[i].Time = at
				}
				b.StartTimer()
				require.NoError(b, sink.Write(rows))
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(len(rows)), "ns/row")
		})
	}
}
