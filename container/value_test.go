package container

import (
	"math"
	"math/big"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/scheduler"
)

// What is copied without encoding it is what encoding and decoding makes of it.
func TestPlainCopiesAreThoseOfTheCodec(t *testing.T) {
	c := New(scheduler.NewLoop(scheduler.Config{}), "test")
	leaf := rapid.OneOf(
		rapid.SampledFrom([]any{nil, true, false, math.NaN(), math.Float64frombits(0x7ff8_0000_0000_beef), math.Inf(-1), math.Copysign(0, -1), "a\xffb", "",
			big.NewInt(3), []any(nil), []float64(nil), []float64{1, math.NaN()}, []any{}, float32(0.1), uint(3), codec.Object{{Key: "a", Value: 1}}, make(chan int)}),
		rapid.Custom(func(t *rapid.T) any { return rapid.Int().Draw(t, "int") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.Int64().Draw(t, "int64") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.Float64().Draw(t, "float64") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.String().Draw(t, "string") }),
		rapid.Custom(func(t *rapid.T) any { return rapid.SliceOf(rapid.Float64()).Draw(t, "floats") }),
	)
	value := leaf
	for range maxPlain + 1 {
		inner := value
		value = rapid.OneOf(leaf, rapid.Custom(func(t *rapid.T) any { return rapid.SliceOfN(inner, 0, 3).Draw(t, "list") }))
	}
	rapid.Check(t, func(t *rapid.T) {
		v := value.Draw(t, "value")
		got, gotErr := c.copyOf(v)
		encoded, err := c.copier.Append(nil, v)
		if err != nil {
			require.Equal(t, err, gotErr)
			return
		}
		want, err := c.copier.Decode(encoded)
		require.NoError(t, err)
		require.NoError(t, gotErr)
		require.Equal(t, show(want), show(got))
	})
}

// A list that contains itself is an error, as in package codec.
func TestCopyOfEndlessList(t *testing.T) {
	c := New(scheduler.NewLoop(scheduler.Config{}), "test")
	endless := make([]any, 1)
	endless[0] = endless
	_, err := c.copyOf(endless)
	require.Error(t, err)
}

// show makes NaN comparable.
func show(v any) any {
	switch v := v.(type) {
	case float64:
		return math.Float64bits(v)
	case []any:
		if v == nil {
			return "nil"
		}
		shown := make([]any, len(v))
		for i := range v {
			shown[i] = show(v[i])
		}
		return shown
	}
	return v
}
