package shards

import (
	"context"
	"fmt"

	"github.com/simrun/simrun/scheduler"
)

// Shard is a part of a model. Its methods may be called before the run, and by the events of
// the shard.
type Shard struct {
	group *Group
	index int
	loop  *scheduler.Loop
	told  [2]report // at the end of a window; they take turns, so that one barrier for each is enough
	now   *report   // of the present window

	_ [64]byte // no two shards write to the same line of a cache
}

// report is what a shard tells the others.
type report struct {
	sent    []outbox // by receiver
	next    scheduler.Time
	trace   []scheduler.Occurrence
	failure *failure
}

type outbox struct {
	messages []message
	_        [40]byte
}

// message is an event that one shard causes on another.
type message struct {
	time scheduler.Time
	key  scheduler.Key
	do   scheduler.Handler
}

// failure is why a shard cannot go on, and its place in the order of events.
type failure struct {
	at  scheduler.Occurrence
	err error
}

func (f *failure) before(g *failure) bool { return compare(&f.at, &g.at) < 0 }

func newShard(g *Group, index, n int) *Shard {
	s := &Shard{group: g, index: index}
	for i := range s.told {
		s.told[i].sent = make([]outbox, n)
	}
	s.now = &s.told[0]
	var cfg scheduler.Config
	if g.trace != nil {
		cfg.Trace = func(o scheduler.Occurrence) { s.now.trace = append(s.now.trace, o) }
	}
	s.loop = scheduler.NewLoop(cfg)
	return s
}

// Loop returns the event loop of the shard, for what concerns nobody but the shard.
func (s *Shard) Loop() *scheduler.Loop { return s.loop }

// Actor registers an actor that lives on this shard, see scheduler.Loop.Actor. It must be
// called before the run. Names are unique in the group.
func (s *Shard) Actor(name string) (*scheduler.Actor, error) {
	for _, other := range s.group.shards {
		if other != s {
			if _, err := other.loop.Remote(name); err != nil {
				return nil, err
			}
		}
	}
	return s.loop.Actor(name)
}

// Send schedules an event, caused by an actor of this shard, at time t on another shard
// or on this one. It can be called by events only. It fails if that is earlier than the
// lookahead from now, wherever it is, so that a model that runs on one shard runs on
// several.
func (s *Shard) Send(from *scheduler.Actor, to *Shard, t scheduler.Time, do scheduler.Handler) error {
	if !s.loop.Advancing() {
		return fmt.Errorf("%q sends something before the run; schedule an event that does", from.Name())
	}
	if earliest := s.loop.Now().Add(s.group.lookahead); t < earliest {
		return fmt.Errorf("%q sends something for %v; with a lookahead of %v the earliest is %v", from.Name(), t, s.group.lookahead, earliest)
	}
	if to == s {
		_, err := s.loop.Schedule(t, scheduler.Normal, from, do)
		return err
	}
	key, err := from.NextKey()
	if err != nil || t == scheduler.Never {
		return err
	}
	s.now.next = min(s.now.next, t)
	box := &s.now.sent[to.index]
	box.messages = append(box.messages, message{t, key, do})
	return nil
}

// begin makes the first report of a run.
func (s *Shard) begin() {
	s.loop.Seal()
	s.now = &s.told[0]
	s.now.reset()
	s.now.next = s.loop.Next()
}

// run runs one window after the other.
func (s *Shard) run(ctx context.Context, until scheduler.Time) {
	for turn := 0; ; {
		end, more := s.group.window(turn, until)
		if !more {
			return
		}
		turn = 1 - turn
		s.now = &s.told[turn]
		s.now.reset()
		if err := s.loop.RunWindow(ctx, end); err != nil {
			s.now.failure = &failure{scheduler.Occurrence{Time: s.loop.Now(), Round: s.loop.Round(), Key: s.loop.Key()}, err}
		}
		s.now.next = min(s.now.next, s.loop.Next())
		s.group.barrier.wait()
		s.receive(turn)
		if s.index == 0 && s.group.trace != nil {
			s.group.mergeTraces(turn)
		}
	}
}

// receive takes in what the others have sent in a window.
func (s *Shard) receive(turn int) {
	for _, other := range s.group.shards {
		for _, m := range other.told[turn].sent[s.index].messages {
			if err := s.loop.DeliverHandler(m.time, m.key, m.do); err != nil {
				panic(err) // all shards know all actors, and nobody is ahead of the window
			}
		}
	}
}

func (r *report) reset() {
	r.next, r.failure, r.trace = scheduler.Never, nil, r.trace[:0]
	for i := range r.sent {
		box := &r.sent[i]
		clear(box.messages)
		box.messages = box.messages[:0]
	}
}
