package sim_test

import (
	"fmt"
	"math"
	"math/big"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// A number is a number for whoever reads it, whatever Go type it had: for a Go model
// as for a program that gets it as JSON.
func TestNumbersOfAllTypesAreNumbers(t *testing.T) {
	type level int8
	type ratio float32
	type state string
	type open bool
	huge := new(big.Int).Lsh(big.NewInt(1), 70)
	for _, test := range []struct {
		v      any
		kind   sim.Kind
		number float64
	}{
		{1, sim.KindInt, 1}, {int8(-2), sim.KindInt, -2}, {int16(3), sim.KindInt, 3}, {int32(-4), sim.KindInt, -4}, {int64(5), sim.KindInt, 5},
		{uint(6), sim.KindInt, 6}, {uint8(7), sim.KindInt, 7}, {uint16(8), sim.KindInt, 8}, {uint32(9), sim.KindInt, 9}, {uint64(10), sim.KindInt, 10},
		{uint64(math.MaxUint64), sim.KindRaw, math.MaxUint64}, {big.NewInt(11), sim.KindInt, 11}, {huge, sim.KindRaw, 1 << 70},
		{float32(0.5), sim.KindFloat, 0.5}, {float32(0.1), sim.KindFloat, float64(float32(0.1))}, {2.5, sim.KindFloat, 2.5},
		{level(12), sim.KindInt, 12}, {ratio(0.25), sim.KindFloat, 0.25}, {time.Second, sim.KindInt, 1e9}, {open(true), sim.KindBool, 1},
	} {
		t.Run(fmt.Sprintf("%T(%v)", test.v, test.v), func(t *testing.T) {
			v := sim.ValueOf(test.v)
			assert.Equal(t, test.kind, v.Kind())
			f, err := v.Float64()
			require.NoError(t, err)
			assert.Equal(t, test.number, f)
			want, err := codec.JSON.Append(nil, test.v)
			require.NoError(t, err)
			got, err := v.Append(nil)
			require.NoError(t, err)
			assert.Equal(t, string(want), string(got))
		})
	}
	assert.Equal(t, sim.Text("open"), sim.ValueOf(state("open")))
	assert.Equal(t, sim.Null, sim.ValueOf((*big.Int)(nil)))
	for _, v := range []any{[]int{1}, map[string]any{}, codec.Object{}, time.Time{}} {
		assert.Equal(t, sim.KindAny, sim.ValueOf(v).Kind(), "%T", v)
	}
}
