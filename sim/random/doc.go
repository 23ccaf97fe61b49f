// Package random gives every user of randomness a stream of numbers of its own, found
// by name.
//
// # Model
//
// A [Stream] is a generator of random numbers. Its numbers are a function of the seed
// of the run and of the names it was made with, and of nothing else:
//
//	arrivals := random.New(seed, "load-17", "arrivals")
//	sizes := random.New(seed, "load-17", "sizes")
//
// Names go from the general to the particular: the entity, the purpose. Replications of
// a run, which differ by chance alone, are runs with seeds of their own:
// [Replication](seed, n). The state of a stream can be saved and restored, between two
// numbers, as the bytes of [Stream.MarshalBinary].
//
// # Distributions
//
// Two are methods of a stream: ExpFloat64, of mean 1, and NormFloat64. Most others are
// those of gonum's stat/distuv, whose field Src a stream fits:
//
//	repair := distuv.Gamma{Alpha: 3, Beta: 3 / 20.0, Src: stream} // Erlang of 3 phases, mean 20
//	repair.Rand()
//
// This package adds what is not there: [Discrete], [Empirical], [Geometric],
// [HyperExponential] and [Truncated]. None allocates when it draws.
//
//	wanted               use                              inverts
//	uniform              distuv.Uniform                   yes
//	triangular           distuv.NewTriangle               yes
//	exponential          ExpFloat64, distuv.Exponential   the latter
//	normal, lognormal    distuv.Normal, distuv.LogNormal  yes
//	gamma, Erlang        distuv.Gamma                     yes
//	beta                 distuv.Beta                      yes
//	Weibull, Pareto      distuv.Weibull, distuv.Pareto    yes
//	hyperexponential     HyperExponential                 no
//	Bernoulli            distuv.Bernoulli                 yes
//	binomial, Poisson    distuv.Binomial, distuv.Poisson  no
//	geometric            Geometric                        yes
//	weights, a table     Discrete                         yes
//	observed values      Empirical                        yes
//	between two limits   Truncated                        yes
//
// Those that invert have a method Quantile, and can be drawn by [Inverse].
//
// # Comparing systems
//
// Two variants of a model that give their streams the same names, one for each purpose,
// meet the same customers with the same wishes at the same times (common random
// numbers; Law, section 11.2). Then their difference is not hidden by the chance that
// they share, and fewer replications show it; the example compares two servers so. Draw
// what belongs to a customer when the customer arrives: variants then stay in step even
// if they serve in another order. [Stream.Antithetic] makes the mirror of a stream for
// antithetic variates.
//
// # Guarantees
//
// Adding, removing or reordering entities never changes the numbers of another entity,
// because nobody draws from a shared generator and no stream depends on how many there
// are or on who was made first.
//
// The same seed and names give the same bits (Uint64), and so the same Float64, IntN,
// ExpFloat64 and NormFloat64, on every machine and in every version of this package; a test
// holds examples of them. (One variate in 100 of the latter two asks math.Exp a question whose
// answer could depend on how a machine rounds, in less than one of 10^15 cases.) Others are
// those of stat/distuv: the same on machines of one architecture, while another one may
// round differently.
//
// Streams of different names or seeds are independent as far as any statistical test
// can see. The names are hashed by SHA-256 into the 128 bits of state of a PCG-DXSM
// generator, that of math/rand/v2, so that two streams share a state with a probability that
// can be neglected.
//
// # Limits
//
// A Stream is not safe for concurrent use, nor are the distributions that draw from it;
// give each goroutine its own. The numbers are no secret: never use them for keys.
//
// A stream has 2^128 numbers. Float64 and the place of an exponential or normal variate
// have 53 bits of them, [Inverse] uses 52. ExpFloat64 and NormFloat64 use the ziggurat of
// G. Marsaglia and W. W. Tsang ("The Ziggurat Method for Generating Random Variables", Journal of
// Statistical Software 5(8), 2000), of 256 layers.
//
// # References
//
// Law is A. M. Law, Simulation Modeling and Analysis, 5th ed., McGraw-Hill, 2015.
package random
