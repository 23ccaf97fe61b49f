package scheduler

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestWaitsForGoesToTheEndOfTheChain(t *testing.T) {
	c := NewCoordinator()
	a, b, d, other := c.Add("a"), c.Add("b"), c.Add("d"), c.Add("other")
	c.Link(a, b, Delay{}, true)
	c.Link(b, d, Delay{}, false)
	c.Schedule(a, At(0))
	c.Schedule(d, At(0))
	c.Schedule(other, At(5))
	require.NoError(t, c.Start(10))
	assert.Equal(t, a, c.WaitsFor(d), "d waits for b, which a may trigger")
	assert.Equal(t, NoLP, c.WaitsFor(a), "it may step")
	assert.Equal(t, NoLP, c.WaitsFor(b), "it has no step to make")
	assert.Equal(t, NoLP, c.WaitsFor(other))

	g, ok := c.Next()
	require.True(t, ok)
	require.Equal(t, a, g.LP)
	assert.True(t, c.Stepping(a))
	assert.Equal(t, a, c.WaitsFor(d))
	assert.Equal(t, NoLP, c.WaitsFor(a), "it steps")
	c.Schedule(b, At(0))
	c.Done(a)
	assert.Equal(t, b, c.WaitsFor(d))
	assert.Equal(t, Time(0), c.Due(b))
	assert.Equal(t, Never, c.Due(a))
}
