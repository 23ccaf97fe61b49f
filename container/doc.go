// Package container holds agents: objects with a name, behaviours that live in
// virtual time, and methods that other agents may call.
//
// # Model
//
// A [Container] lives on the clock of a [scheduler.Loop]; whoever advances the
// loop advances the agents. An agent is a struct that embeds [Agent]:
//
//	type Seller struct {
//		container.Agent
//		price float64
//	}
//
//	func (s *Seller) Start(ctx context.Context) error {
//		s.Expose("offer", s.offer)
//		return nil
//	}
//
//	func (s *Seller) offer(ctx context.Context, amount float64) (float64, error) {
//		return amount * s.price, nil
//	}
//
// Behaviours are what an agent does: its Start method, what it begins with
// [Agent.Go] and [Agent.Every], and each call of an exposed method. A behaviour is
// a coroutine. Its code is sequential: it sleeps with [Agent.Sleep], asks another
// agent with [Agent.Call], many at once with [Agent.Gather], and goes on when the
// time or the answer has come. Only one behaviour runs at a time, and it is
// interrupted only where it sleeps or calls, so agents need no locks.
//
// What takes no time needs no behaviour: [Agent.CallIn], [Agent.CallAt],
// [Agent.CallEvery] and [Agent.CallOnDates] put off a call of a function, which can
// be cancelled. Times are virtual times since 0; a container that was made
// [WithStart] knows dates, too.
//
// The context that a behaviour is given stands for it. Pass it on to everything
// that may wait; do not keep it, and do not use it in another behaviour or
// goroutine.
//
// # Messages
//
// A call takes no time, but one round of the present time to arrive, and its
// answer one round to come back (see package scheduler about rounds). [Agent.Send]
// sends a message that has no answer. Arguments and results arrive as copies: what
// JSON carries in the dialect of package codec, that is null, booleans, numbers,
// text, lists, and maps with text as keys, and beside that dates, agents and the
// types of [WithTypes]. Everything else is an error. Nothing of an agent is
// reachable but the methods that it exposes; a [Func] is called faster, above all
// one that takes no time ([Instant1]).
//
// Agents in all containers on a loop reach each other by their names. [WithMedia]
// gives messages a way on which they take time or are lost, between containers or
// between agents; it is as reproducible as everything else. Who does not want to
// wait for ever waits [Agent.Within] a time.
//
// # Networks
//
// An [Endpoint], made by [Listen], joins a container with others, in this process or
// elsewhere: those of this package, and those of the Python library aiomas 2.0.1, whose
// protocol it speaks over TCP, TLS and Unix sockets with the codecs of package codec.
// Agents then call each other at addresses, with the methods that they use for names:
//
//	price, err := container.As[float64](a.Call(ctx, "tcp://market:5555/seller", "offer", 3))
//
// Such a call takes real time instead of virtual time, and it may be lost. It needs a
// clock that others may enter, a RealTime or an External. When messages come in is not
// the same in every run; who needs that has a Federation.
//
// [Ask] calls agents from outside. A [Manager] lets a master elsewhere make agents and
// set the clock; a [Master] is such a master, of containers of ours or of aiomas.
//
// # Guarantees
//
// The order of everything that agents do follows from their names, not from the
// order in which they were added. When the loop's AdvanceTo(t) returns, every
// agent is quiet at t: it sleeps until later, or waits for somebody who does, or
// for nobody ([Container.Waiting] tells who waits for whom).
//
// An error that a behaviour returns, or a panic in any code of an agent, ends the
// run with a [*scheduler.EventError] that names the agent and the time. An error
// that an exposed method returns goes to the caller, as a [*CallError]; if it was
// called by a message without an answer it ends the run, too.
//
// Agents may come and go while others run. An agent makes others with [Agent.Spawn].
// [Container.Remove] and [Agent.Leave] end all that an agent does; who waits for it is
// told, its name is free, and nothing of it stays behind.
//
// # Clocks
//
// Whoever advances the loop is the external clock of its agents, and asks its Next
// when something is due again. A [RealTime] has the loop follow the clock on the
// wall instead, an [External] a clock that somebody sets; the agents' code is the same.
//
// A [Federation] lets containers on several loops, in this process and others, live
// in one virtual time, with the same results as one container. Package sim makes one
// for agents of a world that live in other processes.
//
// A container is not safe for concurrent use: it belongs to the goroutine that
// advances its loop, and to its agents. Where a [Clock] does, other goroutines enter
// by its Do.
package container
