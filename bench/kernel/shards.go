//go:build unix

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/internal/bench"
	"github.com/simrun/simrun/internal/shards"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

// shardedWorld is PHOLD on shards, which have equal parts of the processes.
type shardedWorld struct {
	lps    []shardedLP
	shards []*shards.Shard
}

// shardOf returns where a process lives. It does not look at the process, whose memory
// belongs to that shard.
func (w *shardedWorld) shardOf(i int) *shards.Shard { return w.shards[i*len(w.shards)/len(w.lps)] }

// shardedLP is a logical process of PHOLD, see lp, with random numbers of its own: what it
// draws must not depend on where the others are.
type shardedLP struct {
	world  *shardedWorld
	shard  *shards.Shard
	actor  *scheduler.Actor
	random *random.Stream
	count  int
}

func (p *shardedLP) after() scheduler.Time {
	return p.shard.Loop().Now() + scheduler.Second/10 + scheduler.Time(p.random.ExpFloat64()*float64(scheduler.Second))
}

func (p *shardedLP) Handle() error {
	p.count++
	to := p.random.IntN(len(p.world.lps))
	return p.shard.Send(p.actor, p.world.shardOf(to), p.after(), &p.world.lps[to])
}

// pholdShards is PHOLD with one event for each process on so many shards. It returns
// the time on the wall, which is what shards are for.
func pholdShards(lps, events, n int) (ns float64) {
	g, err := shards.New(n, time.Second/10, nil)
	bench.Check(err)
	w := &shardedWorld{make([]shardedLP, lps), g.Shards()}
	for i := range w.lps {
		name := fmt.Sprintf("lp-%06d", i)
		s := w.shardOf(i)
		a, err := s.Actor(name)
		bench.Check(err)
		p := &w.lps[i]
		*p = shardedLP{world: w, shard: s, actor: a, random: random.New(1, name)}
		_, err = s.Loop().Schedule(p.after(), scheduler.Normal, a, p)
		bench.Check(err)
	}
	steady := scheduler.Second * 11 / 10
	bench.Check(g.Run(context.Background(), 2*steady))
	count := func() (n int) {
		for i := range w.lps {
			n += w.lps[i].count
		}
		return n
	}
	before, began := count(), time.Now()
	bench.Check(g.Run(context.Background(), 2*steady+scheduler.Time(float64(steady)*float64(events)/float64(lps))))
	took := time.Since(began)
	bench.Check(g.Close())
	return float64(took) / float64(count()-before)
}
