// Package stat turns what a simulation observes into results that say how far they can
// be trusted.
//
// # Model
//
// A collector takes observations one at a time and keeps figures of them, never the
// observations, in memory that does not grow with their number:
//
//   - [Tally]: number, mean, variance, extremes of things that count the same, such as waiting times.
//   - [TimeWeighted]: the same for a quantity that lasts, such as the length of a queue.
//   - [Histogram] and [AutoHistogram]: how many fell where.
//   - [Quantiles]: medians and percentiles.
//   - [BatchMeans]: a confidence interval from one long run.
//
// Functions take whole series: [MSER5] and [Welch] find the end of the warm-up;
// [ReplicationDeletion] makes a confidence interval from replications, and [PairedT]
// one for the difference of two systems.
//
// # Confidence
//
// Successive observations of one run depend on each other: who waits long is followed
// by another who does. An interval that takes them for independent is far too narrow.
// There are two ways out. Make one long run, leave out its warm-up, and let
// [BatchMeans] form the interval. Or make at least five replications with different
// seeds; then their means are independent, and a [Tally] of them has the right
// interval: the only way for a system that ends, and the better one where the warm-up
// is short.
//
// # Guarantees
//
// Results are functions of the observations: no clock, no random numbers. Those of
// [Histogram], [AutoHistogram] and [Quantiles] depend neither on the order of
// observations nor on which of them came by Merge. Those of [Tally] do so by rounding
// alone.
//
// Figures that do not exist, such as the mean of nothing or the variance of one
// observation, are NaN. A NaN or an infinity among the observations is never lost: it
// makes the figures NaN, is counted apart, or ends in [ErrNotFinite]; each collector
// says which.
//
// # Limits
//
// Collectors are not safe for concurrent use. Observations beyond 10^150 in size may
// overflow a variance, which is then infinite or NaN.
//
// # References
//
// Law is A. M. Law, Simulation Modeling and Analysis, 5th ed., McGraw-Hill, 2015. Each
// collector and function cites its own.
package stat
