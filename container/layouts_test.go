package container_test

import (
	"context"
	"fmt"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// hoarder is an agent that at random sends others values of all kinds, in every way that there is, keeps what it
// gets, and gives it away. What it has sent, been given, or keeps it changes afterwards, which must not matter to anybody else.
type hoarder struct {
	container.Agent
	random *rand.Rand
	others []string
	diary  map[string][]string // of it and its descendants, who live together
	rank   int                 // of how many generations it may be the first
	kept   []any
	named  rpc.Kwargs
}

func (h *hoarder) note(what string, values ...any) {
	text := fmt.Sprint(h.Now(), " ", what)
	for _, v := range values {
		text += " " + exactly(v)
	}
	h.diary[h.Name()] = append(h.diary[h.Name()], text)
}

// exactly shows a value with its types.
func exactly(v any) string {
	switch v := v.(type) {
	case float64:
		return fmt.Sprintf("%x", math.Float64bits(v))
	case []any:
		text := fmt.Sprint("[", v == nil)
		for _, item := range v {
			text += " " + exactly(item)
		}
		return text + "]"
	case codec.Object:
		text := "{"
		for _, m := range v {
			text += fmt.Sprintf(" %q: %s", m.Key, exactly(m.Value))
		}
		return text + "}"
	case rpc.Kwargs:
		text := "kwargs"
		for _, name := range slices.Sorted(maps.Keys(v)) {
			text += fmt.Sprintf(" %s: %s", name, exactly(v[name]))
		}
		return text
	}
	return fmt.Sprintf("%T(%q)", v, fmt.Sprint(v))
}

// spoil changes what a value holds.
func spoil(v any) {
	switch v := v.(type) {
	case []any:
		for i := range v {
			spoil(v[i])
			v[i] = "spoilt"
		}
	case []float64:
		for i := range v {
			v[i] = -1
		}
	case codec.Object:
		for i := range v {
			spoil(v[i].Value)
			v[i].Value = "spoilt"
		}
	case map[string]any:
		for name := range v {
			spoil(v[name])
			v[name] = "spoilt"
		}
	case rpc.Kwargs:
		spoil(map[string]any(v))
	case *big.Int:
		v.SetInt64(4)
	}
}

// something makes a value.
func (h *hoarder) something(depth int) any {
	simple := []any{nil, true, h.random.IntN(100), int64(math.MaxInt64), uint64(math.MaxUint64), new(big.Int).Lsh(big.NewInt(1), 70), h.random.Float64(),
		math.Float64frombits(0xfff8000000000001), math.Inf(-1), math.Copysign(0, -1), float32(0.1), uint8(7), "", "ü\x00", "\xed\xa0\x80",
		"a text of more than sixty-four bytes, which small lists do not hold when they are copied", []float64{1, math.NaN()}, []int{1, 2}, []any(nil),
		time.Date(2024, 2, 29, 23, 59, 59, h.random.IntN(1e9), time.FixedZone("", 5400))}
	if i := h.random.IntN(len(simple) + 8); i < len(simple) || depth == 0 {
		return simple[i%len(simple)]
	}
	switch h.random.IntN(3) {
	case 0:
		return map[string]any{"z": h.something(depth - 1), "a": h.something(depth - 1)}
	case 1:
		return codec.Object{{Key: "z", Value: h.something(depth - 1)}, {Key: "a", Value: h.something(depth - 1)}}
	}
	list := make([]any, h.random.IntN(10))
	for i := range list {
		list[i] = h.something(depth - 1)
	}
	return list
}

func (h *hoarder) Start(ctx context.Context) error {
	h.Expose("keep", func(_ context.Context, named rpc.Kwargs, args ...any) (any, error) {
		h.note("keeps", args, named, h.kept, h.named)
		h.kept, h.named = args, named
		return args, nil
	})
	h.Expose("one", container.Func1(func(ctx context.Context, v any) (any, error) {
		h.note("gets", v, h.kept)
		h.kept = append(h.kept[:min(len(h.kept), 5)], v)
		kept := h.kept
		return kept, h.Sleep(ctx, time.Duration(h.random.IntN(3))*time.Second/4)
	}))
	h.Expose("spoil", container.Instant0(func() (any, error) {
		spoil(h.kept)
		spoil(h.named)
		return h.kept, nil
	}))
	return h.Every(ctx, time.Second, func(ctx context.Context) error {
		for range 3 {
			if err := h.act(ctx); err != nil {
				return err
			}
		}
		return nil
	})
}

// call makes up a call.
func (h *hoarder) call() container.Call {
	c := container.Call{Agent: h.others[h.random.IntN(len(h.others))], Method: []string{"keep", "keep", "one", "spoil"}[h.random.IntN(4)]}
	switch c.Method {
	case "one":
		c.Args = []any{h.something(9)}
	case "keep":
		for range h.random.IntN(7) {
			c.Args = append(c.Args, h.something(3))
		}
		if h.random.IntN(2) == 0 {
			c.Args = append(c.Args, rpc.Kwargs{"b": h.something(3), "a": h.something(1)})
		}
	}
	return c
}

func (h *hoarder) act(ctx context.Context) error {
	c := h.call()
	what := fmt.Sprintf("%s.%s:", c.Agent, c.Method)
	switch h.random.IntN(6) {
	case 0:
		v, err := h.Call(ctx, c.Agent, c.Method, c.Args...)
		h.note("calls "+what, v, err)
		spoil(v)
	case 1:
		v, err := h.Call(h.Within(ctx, time.Second/3), c.Agent, c.Method, c.Args...)
		h.note("calls in time "+what, v, err)
	case 2:
		if err := h.Send(c.Agent, c.Method, c.Args...); err != nil {
			return err
		}
	case 3:
		calls := []container.Call{c, h.call(), h.call()}
		err := h.Go(ctx, func(context.Context) error { // while they are under way
			for _, c := range calls {
				spoil(c.Args)
			}
			return nil
		})
		if err != nil {
			return err
		}
		replies, err := h.Gather(ctx, calls...)
		for i, r := range replies {
			h.note(fmt.Sprint("gathers ", i), r.Value, r.Err)
		}
		return err
	case 4:
		_, err := h.CallIn(time.Second/3, func(ctx context.Context) error {
			v, err := h.Call(ctx, c.Agent, c.Method, c.Args...)
			h.note("has called "+what, v, err)
			spoil(c.Args)
			return nil
		})
		return err
	case 5:
		if h.rank == 0 {
			return nil
		}
		name := fmt.Sprint("junior-", len(h.others))
		child := &hoarder{random: rand.New(rand.NewPCG(h.random.Uint64(), 0)), others: append(slices.Clone(h.others), h.Name()), diary: h.diary, rank: h.rank - 1}
		h.others = append(h.others, h.Name()+"/"+name)
		return h.Spawn(name, child)
	}
	spoil(c.Args)
	return nil
}

// hoard lets hoarders live in some containers for a while, and returns their diaries.
func hoard(t *testing.T, seed uint64, containers int, c codec.Codec, media *container.Media) map[string][]string {
	random := rand.New(rand.NewPCG(seed, uint64(containers)))
	var all []*container.Container
	var parts []container.Part
	for i := range containers {
		one := container.New(scheduler.NewLoop(scheduler.Config{}), fmt.Sprint("container-", i), container.WithMedia(media))
		all, parts = append(all, one), append(parts, &distantPart{Part: container.Local(one), codec: c})
	}
	names := []string{"a", "b", "c", "d", "nobody"}
	var families []map[string][]string
	for i, name := range names[:4] {
		h := &hoarder{random: rand.New(rand.NewPCG(seed, uint64(i))), others: slices.Clone(names), diary: map[string][]string{}, rank: 2}
		families = append(families, h.diary)
		require.NoError(t, all[random.IntN(containers)].Add(name, h))
	}
	require.NoError(t, container.NewFederation(0, parts...).AdvanceTo(t.Context(), scheduler.Time(7*time.Second)))
	diaries := map[string][]string{}
	for _, diary := range families {
		maps.Copy(diaries, diary)
	}
	closeAll(t, all...)
	return diaries
}

// What agents get does not depend on where they live, whatever it is and in whichever way it
// comes, and nobody can change what others have.
func TestWhatAgentsGetWhereverTheyLive(t *testing.T) {
	for seed := range uint64(3) {
		media, err := container.NewMedia(seed, container.Medium{From: "*/a", Loss: 0.1, Delay: time.Second / 8, MaxDelay: time.Second}, container.Medium{To: "*/b", Delay: time.Second / 4})
		require.NoError(t, err)
		for _, media := range []*container.Media{nil, media} {
			want := hoard(t, seed, 1, codec.JSON, media)
			require.Greater(t, len(want), 4, "nobody has spawned others")
			for containers, c := range map[int]codec.Codec{2: codec.JSON, 3: codec.MsgPack} {
				require.Equal(t, want, hoard(t, seed, containers, c, media), "seed %d, %d containers", seed, containers)
			}
		}
	}
}
