package rpc_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// Functions without reflection give the same results and failures as the same functions
// with it, whatever the caller sends.
func TestFunctionsWithoutReflection(t *testing.T) {
	zero := func(context.Context) (string, error) { return "here", nil }
	one := func(_ context.Context, text string) (int, error) {
		if text == "" {
			return 0, errors.New("nothing to count")
		}
		return len(text), nil
	}
	two := func(_ context.Context, text string, n int) (string, error) { return strings.Repeat(text, n), nil }
	three := func(_ context.Context, o offer, factor float64, rest []int) (offer, error) {
		return offer{Price: factor * o.Price, Amount: o.Amount + len(rest)}, nil
	}
	forEachCodec(t, func(t *testing.T, c codec.Codec) {
		types, err := codec.NewTypes(codec.Struct[offer]())
		require.NoError(t, err)
		var service rpc.Router
		for path, f := range map[string]struct {
			exposed any
			handled rpc.Func
		}{
			"zero":  {zero, rpc.Func0(zero)},
			"one":   {one, rpc.Func1(one)},
			"two":   {two, rpc.Func2(two)},
			"three": {three, rpc.Func3(three)},
		} {
			service.Expose("slow/"+path, f.exposed)
			service.Handle("fast/"+path, f.handled)
		}
		client, _ := peers(t, rpc.Config{Config: channel.Config{Codec: c}, Types: types}, rpc.Config{Config: channel.Config{Codec: c}, Types: types, Service: &service})
		call := func(path string, args ...any) (any, error) { return client.Remote().Call(t.Context(), path, args...) }
		for _, tt := range []struct {
			path   string
			args   []any
			result any
			fails  string
		}{
			{path: "zero", result: "here"},
			{path: "zero", args: []any{1}, fails: "TypeError: "},
			{path: "zero", args: []any{rpc.Kwargs{"x": 1}}, fails: "TypeError: "},
			{path: "one", args: []any{"four"}, result: int64(4)},
			{path: "one", args: []any{""}, fails: "nothing to count"},
			{path: "one", args: []any{4}, fails: "TypeError: fast/one() argument 1: found an integer instead of the Go type string"},
			{path: "one", fails: "TypeError: "},
			{path: "two", args: []any{"ab", 3}, result: "ababab"},
			{path: "two", args: []any{3, "ab"}, fails: "TypeError: fast/two() argument 1: "},
			{path: "two", args: []any{"ab", "ab"}, fails: "TypeError: fast/two() argument 2: "},
			{path: "two", args: []any{"ab", -1}, fails: "RuntimeError: fast/two() panicked: strings: negative Repeat count"},
			{path: "two", args: []any{"ab"}, fails: "TypeError: "},
			{path: "three", args: []any{offer{1.5, 2}, 3, []int{1, 2}}, result: offer{4.5, 4}},
			{path: "three", args: []any{1, 3, []int{}}, fails: "TypeError: fast/three() argument 1: "},
			{path: "three", args: []any{offer{}, "x", []int{}}, fails: "TypeError: fast/three() argument 2: "},
			{path: "three", args: []any{offer{}, 3, []any{"x"}}, fails: "TypeError: fast/three() argument 3: "},
			{path: "three", args: []any{offer{}, 3}, fails: "TypeError: "},
			{path: "three", args: []any{offer{}, 3, []int{}, 4}, fails: "TypeError: "},
		} {
			want, wantErr := call("slow/"+tt.path, tt.args...)
			got, err := call("fast/"+tt.path, tt.args...)
			if tt.fails != "" {
				require.ErrorContains(t, err, tt.fails, "%s%v", tt.path, tt.args)
				var slow, fast *channel.RemoteError
				require.ErrorAs(t, err, &fast)
				require.ErrorAs(t, wantErr, &slow)
				require.Equal(t, slow.Type, fast.Type)
				continue
			}
			require.NoError(t, err, "%s%v", tt.path, tt.args)
			require.NoError(t, wantErr)
			require.Equal(t, tt.result, got)
			require.Equal(t, want, got)
		}
	})
}
