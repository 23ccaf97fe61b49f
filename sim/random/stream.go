package random

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/bits"
	"math/rand/v2"
)

// A Stream is a source of random numbers that nobody else draws from. It has the methods
// of [rand.Rand], among them Float64, IntN, Perm and Shuffle, and faster ones for
// exponential and normal variates. It is also a [rand.Source], which is what the
// distributions of gonum's stat/distuv ask for.
//
// A Stream is made by [New], [Stream.Antithetic] or [Stream.UnmarshalBinary]. It must
// not be copied, and is not safe for concurrent use.
type Stream struct {
	rand.Rand // draws by Uint64
	_         noCopy

	next   uint64 // the number to be drawn next
	pcg    pcg    // in the state to which that belongs
	mirror uint64 // all ones in an antithetic stream, else 0
}

// noCopy lets go vet find copies. A copy would draw some numbers from its own state and
// some from that of its original.
type noCopy struct{}

func (*noCopy) Lock()   {}
func (*noCopy) Unlock() {}

// New returns the stream of seed and names, at its beginning. It never fails, and may
// be called concurrently. Calling it again with the same arguments returns a second
// stream of the same numbers, so each purpose needs a name of its own.
//
// Where one name ends and the next begins matters: ("a", "bc"), ("ab", "c"), ("abc")
// and ("abc", "") are four streams.
func New(seed uint64, names ...string) *Stream {
	sum := hash(streamDomain, seed, names)
	s := new(Stream)
	s.begin(pcg{binary.BigEndian.Uint64(sum[0:8]), binary.BigEndian.Uint64(sum[8:16])}, 0)
	return s
}

// begin sets the stream to the state of a generator that has just drawn.
func (s *Stream) begin(state pcg, mirror uint64) {
	s.Rand = *rand.New(s)
	s.pcg, s.mirror = state, mirror
	s.Uint64()
}

// Uint64 returns 64 random bits.
func (s *Stream) Uint64() uint64 {
	u := s.next
	s.next = s.pcg.next() ^ s.mirror
	return u
}

// Float64 returns a number of [0, 1), a multiple of 2^-53: that of [rand.Rand.Float64].
func (s *Stream) Float64() float64 { return float64(s.Uint64()<<11>>11) / (1 << 53) }

// IntN returns a number of [0, n): that of [rand.Rand.IntN]. It panics if n is not
// positive.
//
// It is the high half of a product (D. Lemire, "Fast Random Integer Generation in an
// Interval", ACM Transactions on Modeling and Computer Simulation 29(1), 2019).
func (s *Stream) IntN(n int) int {
	if n <= 0 {
		panic(fmt.Sprintf("random: IntN(%d); there is no number from 0 to below that", n))
	}
	limit := uint64(n)
	if limit&(limit-1) == 0 {
		return int(s.Uint64() & (limit - 1))
	}
	hi, lo := bits.Mul64(s.Uint64(), limit)
	if lo < limit {
		for unfair := -limit % limit; lo < unfair; {
			hi, lo = bits.Mul64(s.Uint64(), limit)
		}
	}
	return int(hi)
}

// Replication returns the seed of replication n of the run with the given seed.
// Replication 0 is that run itself. So New(Replication(seed, n), names...) is the
// stream of a seed, a replication and names, independent of the streams of the same
// names in other replications.
func Replication(seed, n uint64) uint64 {
	if n == 0 {
		return seed
	}
	sum := hash(replicationDomain, seed, []string{string(binary.BigEndian.AppendUint64(nil, n))})
	return binary.BigEndian.Uint64(sum[0:8])
}

// Domains keep these numbers apart from any other use of the same hash. Changing them,
// or anything else in hash, changes every number of every run.
const (
	streamDomain      = "simrun/random/1"
	replicationDomain = "simrun/random/replication/1"
)

// hash is
//
//	SHA-256(string(domain) uint64(seed) string(name 1) string(name 2) ...)
//
// where a string is its length in bytes as a uint64, then its bytes, and a uint64 is
// eight bytes, most significant first. Lengths make the encoding unambiguous.
func hash(domain string, seed uint64, names []string) [sha256.Size]byte {
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
	return sha256.Sum256(text)
}
