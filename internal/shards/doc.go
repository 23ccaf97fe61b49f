// Package shards runs one model on several event loops at a time, each on a goroutine of
// its own.
//
// # Model
//
// A [Group] has shards, each with a [scheduler.Loop] and the actors that live there. Actors
// of one shard may share memory; those of different shards have nothing in common but
// the events that they send each other with [Shard.Send], which are due at least the
// lookahead of the group after they were sent.
//
// So there is always a window of time in which no shard can disturb another: from the
// first event of all to the lookahead after it. All shards run their events in the
// window, wait for each other, take in what the others have sent, and go on with the
// next window (YAWNS: Nicol, "The Cost of Conservative Synchronization in Parallel Discrete
// Event Simulations", Journal of the ACM 40(2), 1993).
//
// # Guarantees
//
// What happens, and the trace, does not depend on how many shards there are, on which
// of them an actor lives, or on the number of processors: events have the same
// [scheduler.Key] on whatever loop they happen, and the traces of the shards are merged by it.
//
// # What it takes
//
// One barrier for each window costs up to a microsecond while every shard has a
// processor to itself, and tens of them if it has not: then waiting shards must be woken. A window
// is worth it from some 500 events for each shard on.
package shards
