package random

import (
	"crypto/sha256"
	"encoding/binary"
	"math/rand/v2"
)

// A Stream is a source of random numbers that nobody else draws from. Its methods are
// those of [rand.Rand], among them Float64, IntN, NormFloat64, ExpFloat64, Perm and
// Shuffle. It is also a [rand.Source], which is what the distributions of gonum's
// stat/distuv ask for.
//
// A Stream is made by [New], [Stream.Antithetic] or [Stream.UnmarshalBinary]. It must
// not be copied, and is not safe for concurrent use.
type Stream struct {
	rand.Rand // draws by Uint64
	_         noCopy

	pcg    rand.PCG
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
	s := new(Stream)
	s.Rand = *rand.New(s)
	sum := hash(streamDomain, seed, names)
	s.pcg.Seed(binary.BigEndian.Uint64(sum[0:8]), binary.BigEndian.Uint64(sum[8:16]))
	return s
}

// Uint64 returns 64 random bits.
func (s *Stream) Uint64() uint64 { return s.pcg.Uint64() ^ s.mirror }

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
