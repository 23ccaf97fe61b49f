// Package scheduler orders everything that happens in virtual time. It decides
// what runs next; it does no input or output, reads no wall clock, and starts no
// goroutine but the coroutines of its processes.
//
// # Model
//
// [Time] is an instant of virtual time in nanoseconds. Several things may happen
// at one time; a [Stamp] adds a [Tier], which counts the rounds at it.
//
// A [Loop] holds events and a clock. An event is a function that runs at a time,
// caused by an [Actor]. There are three verbs, and nothing else moves time:
//
//   - schedule: [Loop.At], [Loop.After], [Loop.Post], with an [EventID] to
//     [Loop.Cancel] or [Loop.Reschedule], or [Loop.Schedule] with a [Handler];
//   - ask: [Loop.Next], the time of the earliest event;
//   - advance: [Loop.AdvanceTo], which runs everything up to and including a time.
//
// Whoever calls AdvanceTo drives the loop: [RunUntil] as fast as possible, package
// container along the clock on the wall, or a master that advances several loops
// round by round ([Loop.RunRound]): they share their actors, so an event has the
// same [Key] on whatever loop it happens.
//
// A [Process] is an activity that takes time: a coroutine that sleeps, or waits
// until it is woken. Processes need no locks, because one runs at a time. One that
// waits hands over to the next one directly, and one that lets time pass in which
// nothing happens does not even stop; nobody can tell, but for the time it takes.
//
// At one time there may be rounds. An event that is scheduled at the present time
// joins the present round. Post puts one into the next round, which begins when
// nothing of the present one is left: the messages of actors take a round each.
// [Config] limits the rounds at one time.
//
// # Coordination
//
// A [Coordinator] lets several logical processes, each with state and a clock of
// its own (a loop, a simulator, a program elsewhere), live in one virtual time. It
// knows who is linked to whom with which [Delay], and which links can trigger a
// step. Asked with Next it grants the steps that nothing can disturb any more, as
// many at a time as there are; whoever drives it has them made, on whatever
// goroutines or machines, tells with Schedule what they cause, and with Done that
// they are complete. It is conservative: nothing is ever taken back.
//
// A link without delay orders the two processes at one stamp, the source first;
// a cycle of such links is a [CycleError]. What a granted step reads is complete, a
// source runs ahead of its readers by no more than is allowed, and which steps are granted, at which
// stamps and with which MaxAdvance does not depend on that or on the order of Done. Steps from
// outside, which no link announces, may be scheduled later than the limit of
// SetLimit.
//
// # Guarantees
//
// Total order. Events run in the order of their keys: time, round, [Priority],
// Source, Seq. Source is the number of the actor that caused the event, Seq that
// actor's own counter. Actors are numbered by the byte order of their names, so
// the order depends neither on the order of their registration nor on how they
// are spread over loops. No counter is global. Those registered while the loop
// runs take the places of those that were closed, the last one first, or follow
// after all others, in the order in which they were asked for.
//
// Quiescence is exact. When AdvanceTo(t) returns nil, every process has run to its
// next wait, and nothing is left at t or before.
//
// Failures name who and when. An error or a panic in an event or a process ends
// the run with an [*EventError]; a panic never surfaces in another process.
// [Loop.Close] unwinds what is left, so that no goroutine stays behind.
//
// Nothing here is safe for concurrent use, and nothing blocks: a loop belongs to
// the goroutine that advances it.
//
// # Limits
//
// Time covers 292 years either side of 0. A key has room for 16 priorities, 4
// million actors and 274 thousand million events of each; beyond that scheduling
// fails. Rounds at one time are limited by Config.MaxRounds, events by Config.MaxEvents,
// time on the wall by the driver, see WallTimeError.
//
// # Literature
//
// Fujimoto, Parallel and Distributed Simulation Systems, Wiley 2000, for event
// lists and logical processes. Lee and Zheng, "Operational Semantics of Hybrid
// Systems", HSCC 2005, for rounds at one time (super-dense time). Lohstroh, Menard,
// Bateni and Lee, "Toward a Lingua Franca for Deterministic Concurrent Systems",
// ACM TECS 20(4), 2021, for an order of simultaneous events that does not depend
// on timing. Nygaard and Dahl, "The Development of the SIMULA Languages", HOPL
// 1978, for processes as coroutines.
package scheduler
