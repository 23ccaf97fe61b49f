//go:build unix

package main

import (
	"context"
	"fmt"
	"time"

	"github.com/simrun/simrun/internal/shards"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
)

// shardedLP is a logical process of PHOLD, see lp, with random numbers of its own: what it
// draws must not depend on where the others are.
type shardedLP struct {
	shard  *shards.Shard
	actor  *scheduler.Actor
	random *random.Stream
	all    []shardedLP
	count  int
	_      [64]byte // no two shards write to the same line of a cache
}

func (p *shardedLP) after() scheduler.Time {
	return p.shard.Loop().Now() + scheduler.Second/10 + scheduler.Time(p.random.ExpFloat64()*float64(scheduler.Second))
}

func (p *shardedLP) Handle() error {
	p.count++
	to := &p.all[p.random.IntN(len(p.all))]
	return p.shard.Send(p.actor, to.shard, p.after(), to)
}

// pholdShards is PHOLD with one event for each process on so many shards. It returns
// the time on the wall, which is what shards are for.
func pholdShards(lps, events, n int) (ns float64) {
	g, err := shards.New(n, time.Second/10, nil)
	check(err)
	all := make([]shardedLP, lps)
	for i := range all {
		name := fmt.Sprintf("lp-%06d", i)
		s := g.Shards()[i*n/lps]
		a, err := s.Actor(name)
		check(err)
		p := &all[i]
		*p = shardedLP{shard: s, actor: a, random: random.New(1, name), all: all}
		_, err = s.Loop().Schedule(p.after(), scheduler.Normal, a, p)
		check(err)
	}
	steady := scheduler.Second * 11 / 10
	check(g.Run(context.Background(), 2*steady))
	count := func() (n int) {
		for i := range all {
			n += all[i].count
		}
		return n
	}
	before, began := count(), time.Now()
	check(g.Run(context.Background(), 2*steady+scheduler.Time(float64(steady)*float64(events)/float64(lps))))
	took := time.Since(began)
	check(g.Close())
	return float64(took) / float64(count()-before)
}
