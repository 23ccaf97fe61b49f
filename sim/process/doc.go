// Package process is for models that are told as the story of those who go
// through them: customers, machines, vehicles, repairmen. It is the
// process-interaction world view of discrete-event simulation.
//
// # Model
//
// A [Simulation] has processes and a clock. A [Process] is a function that runs
// until it waits: it lets time pass, takes a unit of a resource, gets an item from
// a store. Meanwhile others run, one at a time, so that models need no locks. This
// is a shop with one server, whose customers come every ten minutes on average:
//
//	s := process.New("shop")
//	defer s.Close()
//	server := process.NewResource(s, "server", 1)
//	s.Start("arrivals", func(p *process.Process) error {
//		for i := 0; ; i++ {
//			if err := p.Hold(between()); err != nil {
//				return err
//			}
//			s.Start(fmt.Sprintf("customer %d", i), func(p *process.Process) error {
//				if err := server.Acquire(p); err != nil {
//					return err
//				}
//				defer server.Release()
//				return p.Hold(service())
//			})
//		}
//	})
//	err := s.RunUntil(ctx, 8*scheduler.Hour)
//
// What processes wait for:
//
//   - time: [Process.Hold];
//   - units of a [Resource], with priorities, or of a [PreemptiveResource];
//   - items in a [Store], in order of arrival or of rank, or such that match;
//   - an amount of a [Level], such as a tank;
//   - something that happens once ([Process.Wait], [Await]): an [Event], the end of a
//     process, a request for a unit, an item or an amount ([Request], [StoreRequest],
//     [LevelRequest]), any or all of several ([AnyOf], [AllOf]);
//   - something to become true: a [Condition], a [Gate].
//
// Every wait may end without what was waited for: at a deadline ([Process.Within]),
// by an interrupt ([Process.Interrupt]), or by [Process.Cancel]. It then returns an
// error, the process has left the queue, and has taken nothing.
//
// Entities that are very many, or that do very little, need not be processes:
// [Simulation.At] and [Simulation.After] call a function later, [Simulation.When] when
// an event has happened. docs/tutorial-des.md says from which number on that pays, and
// how all this is called in SimPy.
//
// # Statistics
//
// A resource, store or level with Monitor collects how much it was used, how long
// the queue was and how long it took, see [Usage]. Package sim/stat has more,
// package sim/random has streams and distributions.
//
// # Guarantees
//
// What is due at one time happens in the order in which it was caused, whatever
// the machine: a model that draws its random numbers from named streams gives the
// same numbers in every run. Queues are first come, first served within a priority.
// To enter or leave one takes constant time, with priorities logarithmic time; only
// to look for items that match takes as long as there are items. Waiting allocates no
// memory.
//
// An error that a process returns, or a panic in it, ends the run with a
// *scheduler.EventError that names the process and the virtual time. No goroutine
// is left after Close. Processes that are left then are unwound, one after the other,
// and their deferred functions may release what they have; nobody goes on because of
// that.
//
// A run that ends because nothing is left to happen while processes wait is no failure:
// [Simulation.Run] returns nil, and [Simulation.Waiting] names them and what they wait for.
// [Simulation.RunUntilDone] fails with a [DeadlockError] that says the same.
//
// How long a run may take is a matter of its context, see the example of Simulation.Run.
// [NewWith] limits its events, traces them, or tells how far it is.
//
// A process that waits holds about 3.0 kB, of which 2.7 kB are its stack and what else Go
// needs for a coroutine, if what it calls needs no more; one that has ended holds nothing.
//
// A Simulation and all that belongs to it are not safe for concurrent use; several
// simulations may run at the same time.
package process
