package random_test

import (
	"bytes"
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim/random"
)

// A restored stream goes on as the saved one would have, whatever was drawn before.
func TestSavedStreamGoesOn(t *testing.T) {
	for _, s := range []*random.Stream{random.New(1, "a"), random.New(1, "a").Antithetic()} {
		for range 100 {
			state, err := s.MarshalBinary()
			require.NoError(t, err)
			restored := random.New(9, "another")
			var zero random.Stream
			require.NoError(t, restored.UnmarshalBinary(state))
			require.NoError(t, zero.UnmarshalBinary(state))
			for range 10 {
				next := s.Uint64()
				require.Equal(t, next, restored.Uint64())
				require.Equal(t, next, zero.Uint64())
			}
			exp := s.ExpFloat64()
			require.Equal(t, exp, restored.ExpFloat64())
			require.Equal(t, exp, zero.ExpFloat64())
		}
	}
}

// States that were saved by an earlier version must stay readable.
func TestStateIsStable(t *testing.T) {
	s := random.New(1, "load-17")
	const saved = "73747265616d2f312b7063673a6b9b6cd5f9d728b54075a94992dc03a0"
	state, err := s.MarshalBinary()
	require.NoError(t, err)
	require.Equal(t, saved, hex.EncodeToString(state))
}

func TestBadStateIsRefused(t *testing.T) {
	s := random.New(1, "a")
	good, err := s.MarshalBinary()
	require.NoError(t, err)
	next := random.New(1, "a").Uint64()
	for name, state := range map[string][]byte{
		"empty":    nil,
		"cut off":  good[:len(good)-1],
		"too long": append(bytes.Clone(good), 0),
		"foreign":  []byte("pcg:0123456789abcdef"),
		"version":  bytes.Replace(good, []byte("/1"), []byte("/2"), 1),
		"sign":     bytes.Replace(good, []byte("+"), []byte("*"), 1),
	} {
		require.ErrorContains(t, s.UnmarshalBinary(state), "restore a random stream", name)
	}
	require.Equal(t, next, s.Uint64(), "a failure must leave the stream as it was")
}

// Whatever is accepted is what would be written again.
func FuzzState(f *testing.F) {
	for _, s := range []*random.Stream{random.New(1, "a"), random.New(2).Antithetic()} {
		state, _ := s.MarshalBinary() // never fails
		f.Add(state)
	}
	f.Fuzz(func(t *testing.T, state []byte) {
		var s random.Stream
		if s.UnmarshalBinary(state) != nil {
			return
		}
		again, err := s.MarshalBinary()
		require.NoError(t, err)
		require.Equal(t, state, again)
	})
}
