package ui

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// seller is called by every buyer every second.
type seller struct {
	container.Agent
	Sold sim.Output `attr:"sold" doc:"how many"`
	sold int
}

// atSale is called by the seller at every sale; nil: not.
var atSale func(sold int)

func (s *seller) Start(context.Context) error {
	s.Expose("sell", func(_ context.Context, note string) (int, error) {
		s.sold++
		s.Sold.SetValue(sim.Int(int64(s.sold)))
		if atSale != nil {
			atSale(s.sold)
		}
		return s.sold, nil
	})
	return nil
}

type buyer struct {
	container.Agent
	Note int `param:"note" default:"0" doc:"length of a note to the seller"`
}

func (b *buyer) Start(ctx context.Context) error {
	note := strings.Repeat("x", b.Note)
	return b.Every(ctx, time.Second, func(ctx context.Context) error {
		_, err := b.Call(ctx, "seller", "sell", note)
		return err
	})
}

// market is a run of buyers for some seconds, which live shows if it is not nil. It returns the digest.
func market(t testing.TB, live *Live, buyers, note, seconds int) string {
	var cfg sim.Config
	var opts sim.RunOptions
	if live != nil {
		cfg.Watch, opts.Control = live, live.cfg.Control
	}
	w := sim.NewWorld(cfg)
	defer func() { require.NoError(t, w.Close()) }()
	in, err := w.Add(t.Context(), "agents", sim.NewAgents(sim.AgentOf[seller]("Seller", "sells"), sim.AgentOf[buyer]("Buyer", "buys")), sim.AddOptions{})
	require.NoError(t, err)
	_, err = in.Create(t.Context(), "Seller", 1, sim.Params{"name": "seller"})
	require.NoError(t, err)
	_, err = in.Create(t.Context(), "Buyer", buyers, sim.Params{"note": int64(note)})
	require.NoError(t, err)
	opts.Until = sim.Time(seconds) * sim.Time(time.Second)
	if live != nil {
		live.Begin(w)
	}
	summary, err := w.Run(t.Context(), opts)
	if live != nil {
		live.End(summary, err)
	}
	require.NoError(t, err)
	return summary.Digest
}

func newMarketLive(t testing.TB) *Live {
	return NewLive(LiveConfig{LogDir: t.TempDir(), Control: new(sim.Control)})
}

// Messages are shown without a trace: all that come until somebody looks, up to a limit,
// and then there is a gap. What the run computes is the same.
func TestMessagesWithoutATrace(t *testing.T) {
	live := newMarketLive(t)
	atSale = func(sold int) {
		if sold == 100 { // at 49 s; from 50 s on they are told again
			live.makeRoom()
		}
	}
	defer func() { atSale = nil }()
	digest := market(t, live, 2, 0, 60)
	got := live.Messages(0)
	require.Equal(t, roomForMessages+4*10, len(got), "four in a second")
	for i, m := range got {
		require.Equal(t, i+1, m.Number)
		require.Equal(t, i == roomForMessages, m.Gap)
		second := i / 4
		if i >= roomForMessages {
			second = 50 + (i-roomForMessages)/4
		}
		require.Equal(t, float64(second), m.At)
	}
	require.Equal(t, Message{Number: 1, Round: 1, Kind: "call", Fate: "arrived", From: "Buyer-0", To: "seller", Text: `sell("")`}, got[0])
	require.Equal(t, Message{Number: 3, Round: 2, Kind: "answer", Fate: "arrived", From: "seller", To: "Buyer-0", Text: `1`}, got[2])

	atSale = nil
	require.Equal(t, market(t, nil, 2, 0, 60), digest)
}

// Of long messages there is room for fewer, and of each only the beginning is kept.
func TestLongMessages(t *testing.T) {
	live := newMarketLive(t)
	market(t, live, 1, 20<<10, 100)
	got := live.Messages(0)
	require.Len(t, got, 9, "a call takes the room of 21, an answer that of 1")
	require.Len(t, got[0].Text, longestMessage+len("..."))
}

// Whatever is skipped, what is kept of the series that are kept is as if every row were looked at.
func TestTapTakesAllRowsOfKeptSeries(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(mostKeptSeries+1, mostKeptSeries+40).Draw(t, "series")
		live := NewLive(LiveConfig{Control: new(sim.Control)})
		sink := live.Sink(&counter{})
		require.NoError(t, sink.Begin(make([]sim.Series, n)))
		chosen := rapid.SliceOfDistinct(rapid.IntRange(0, n-1), rapid.ID).Draw(t, "chosen")
		require.NoError(t, live.Choose(chosen))
		want := make(map[int]*track)
		for _, id := range chosen {
			want[id] = newTrack()
		}
		full := rapid.Bool().Draw(t, "every series at every time")
		at := sim.Time(0)
		for range rapid.IntRange(1, 4).Draw(t, "writes") {
			var rows []sim.Row
			for range rapid.IntRange(1, 4).Draw(t, "times") {
				at += sim.Time(rapid.IntRange(1, 3).Draw(t, "later"))
				for s := range n {
					times := 1
					if !full {
						times = rapid.SampledFrom([]int{0, 0, 1, 1, 1, 1, 2}).Draw(t, "values")
					}
					for range times {
						v := rapid.SampledFrom([]sim.Value{sim.Float(1), sim.Float(-3), sim.Int(2), sim.Text("x")}).Draw(t, "value")
						rows = append(rows, sim.Row{Time: at, Series: s, Value: v})
					}
				}
			}
			cut := rapid.IntRange(0, len(rows)/2).Draw(t, "begins in the middle of a time")
			if rows = rows[cut:]; len(rows) == 0 {
				continue
			}
			require.NoError(t, sink.Write(rows))
			for i := range rows {
				if k := want[rows[i].Series]; k != nil {
					k.take(&rows[i])
				}
			}
		}
		for id, k := range want {
			require.Equal(t, k.news(id, &shown{}), live.News(id, &shown{}), "series %d", id)
		}
	})
}

// BenchmarkMessages is a second of virtual time of some buyers, without a page and with
// one at which somebody looks all the time.
func BenchmarkMessages(b *testing.B) {
	const buyers = 100
	for _, page := range []string{"none", "open"} {
		b.Run(fmt.Sprintf("page=%s", page), func(b *testing.B) {
			var live *Live
			if page == "open" {
				live = newMarketLive(b)
				quit, looked := make(chan struct{}), make(chan struct{})
				go func() {
					defer close(looked)
					ticker := time.NewTicker(tick)
					defer ticker.Stop()
					for number := 0; ; {
						select {
						case <-ticker.C:
							live.State()
							if got := live.Messages(number); len(got) > 0 {
								number = got[len(got)-1].Number
							}
						case <-quit:
							return
						}
					}
				}()
				defer func() { close(quit); <-looked }()
			}
			market(b, live, buyers, 0, b.N)
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/(2*buyers), "ns/message")
		})
	}
}
