package random

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// A Stream is a source of random numbers that nobody else draws from. Its methods
// are those of [rand.Rand], among them Float64, IntN, NormFloat64, ExpFloat64, Perm,
// Shuffle and Uint64. It is also a [rand.Source], which is what the
// distributions of gonum's stat/distuv ask for.
//
// A Stream is made by [New]. It is not safe for concurrent use.
type Stream struct {
	*rand.Rand
}

// New returns the stream of seed and names, at its beginning. It never fails, and
// may be called concurrently. Calling it again with the same arguments
// returns a second stream of the same numbers, so each purpose needs a name of its
// own.
//
// Where one name ends and the next begins matters: ("a", "bc"), ("ab", "c"), ("abc")
// and ("abc", "") are four streams.
func New(seed uint64, names ...string) *Stream {
	high, low := state(seed, names)
	return &Stream{rand.New(rand.NewPCG(high, low))}
}

// domain keeps these streams apart from any other use of the same hash. Changing
// it, or anything else in state, changes every number of every run.
const domain = "simrun/random/1"

// state is the first 128 bits of
//
//	SHA-256(string(domain) uint64(seed) string(name 1) string(name 2) ...)
//
// where a string is its length in bytes as a uint64, then its bytes, and a uint64 is
// eight bytes, most significant first. Lengths make the encoding unambiguous.
func state(seed uint64, names []string) (high, low uint64) {
	var text []byte
	appendString := func(s string) {
		text = binary.BigEndian.AppendUint64(text, uint64(len(s)))
		text = append(text, s...)
	}
	appendString(domain)
	text = binary.BigEndian.AppendUint64(text, seed)
	for _, name := range names {
		appendString(name)
	}
	sum := sha256.Sum256(text)
	return binary.BigEndian.Uint64(sum[0:8]), binary.BigEndian.Uint64(sum[8:16])
}
