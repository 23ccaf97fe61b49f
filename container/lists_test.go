package container_test

import (
	"context"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/container"
)

// However many lists an agent keeps, writes to and appends to, each has what was sent in it.
func TestListsThatAreKept(t *testing.T) {
	item := rapid.OneOf(
		rapid.Custom(func(t *rapid.T) any { return rapid.Int64().Draw(t, "int") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.StringN(0, 40, 90).Draw(t, "text") }),
	)
	list := rapid.SliceOfN(item, 0, 10)
	rapid.Check(t, func(r *rapid.T) {
		sent := rapid.SliceOfN(list, 1, 60).Draw(r, "lists")
		var kept [][]any
		run(t, container.Instant1(func(list []any) ([]any, error) {
			kept = append(kept, append(list, "appended"))
			return list, nil
		}), func(ctx context.Context, a *caller) error {
			for _, list := range sent {
				returned, err := a.Call(ctx, "callee", "f", list)
				if err != nil {
					return err
				}
				for i := range returned.([]any) {
					returned.([]any)[i] = "overwritten"
				}
			}
			return nil
		})
		runtime.GC()
		for i, list := range sent {
			require.Equal(r, append(list[:len(list):len(list)], any("appended")), kept[i])
		}
	})
}

// An agent that keeps small messages does not keep the large ones that came between.
func TestListsDoNotKeepLargeOnes(t *testing.T) {
	const (
		messages = 400
		large    = 100_000
	)
	var kept []any
	before := heap()
	run(t, container.Instant1(func(list []any) (any, error) {
		if list[0] == "small" {
			kept = append(kept, list)
		}
		return nil, nil
	}), func(ctx context.Context, a *caller) error {
		for i := range messages {
			text := strings.Repeat("x", large)
			list := []any{"large", text}
			switch i % 4 {
			case 0:
				list = []any{"small", i}
			case 1:
				list = []any{"large", []any{[]any{1, text}}}
			}
			if _, err := a.Call(ctx, "callee", "f", list); err != nil {
				return err
			}
		}
		return nil
	})
	grown := heap() - before
	require.Len(t, kept, messages/4)
	require.Less(t, grown, int64(20*large), "bytes")
	runtime.KeepAlive(kept)
}
