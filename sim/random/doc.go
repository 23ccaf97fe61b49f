// Package random gives every user of randomness a stream of numbers of its own,
// found by name.
//
// # Model
//
// A [Stream] is a generator of random numbers. Its numbers are a function of the
// seed of the run and of the names it was made with, and of nothing else:
//
//	arrivals := random.New(seed, "load-17", "arrivals")
//	sizes := random.New(seed, "load-17", "sizes")
//
// Names go from the general to the particular: the replication where there is
// more than one, the entity, the purpose. One stream per purpose lets two variants
// of a model be compared under the same randomness (common random numbers; Law,
// Simulation Modeling and Analysis, 5th ed., section 11.2).
//
// # Guarantees
//
// Adding, removing or reordering entities never changes the numbers of another
// entity, because nobody draws from a shared generator and no stream depends on
// how many there are or on who was made first.
//
// The same seed and names give the same bits (Uint64), and so the same Float64, IntN
// and Perm, on every machine and in every version of this package; a test holds
// examples of them. NormFloat64 and ExpFloat64 are those of math/rand/v2: the same
// on machines of one architecture, while another one may round differently.
//
// Streams of different names or seeds are independent as far as any statistical
// test can see. The names are hashed by SHA-256 into the 128 bits of state of a
// PCG-DXSM generator (math/rand/v2), so that two streams share a state with a
// probability that can be neglected.
//
// # Limits
//
// A Stream is not safe for concurrent use; give each goroutine its own. The numbers
// are no secret: never use them for keys.
package random
