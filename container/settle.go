package container

import (
	"context"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/rpc"
)

// probes is how many questions in a row, with no other traffic in between, it takes
// to believe that the agents of other containers are quiet. One is enough for
// containers of this package; in an aiomas container what a call begins may need
// some turns of its event loop.
const probes = 5

// settler finds out whether the agents that are to answer seem to be quiet.
type settler struct {
	probing   bool
	confirmed bool
	traffic   uint64 // when it was confirmed
}

// settled reports whether nothing that the container's agents wait for elsewhere
// seems to be coming. If that is not known yet it sees to it that it will be, and
// that the loop goes on then.
func (e *Endpoint) settled() bool {
	s := &e.settler
	if e.calling == 0 || s.confirmed && s.traffic == e.traffic.Load() {
		return true
	}
	if s.probing || e.closed {
		return false // what becomes of it will be news
	}
	var conns []*channel.Conn
	for _, l := range e.links {
		if len(l.queue) > 0 {
			return false // whether the connection can be made will be news
		}
		if l.waiting > 0 {
			conns = append(conns, l.conn)
		}
	}
	s.probing = true
	e.wg.Go(func() {
		traffic, _ := e.probe(e.ctx, conns) // it fails when the endpoint is gone
		e.clock.enter(news(func() { *s = settler{confirmed: true, traffic: traffic} }))
	})
	return false
}

// probe asks those at the other ends of connections until they seem to be quiet, and
// returns the count of the traffic then.
func (e *Endpoint) probe(ctx context.Context, conns []*channel.Conn) (traffic uint64, err error) {
	for quiet := 0; quiet < probes; quiet++ {
		before := e.traffic.Load()
		for _, conn := range conns {
			if _, err := conn.Call(ctx, &rpc.Request{Path: existsPath, Args: []any{""}}); err != nil && ctx.Err() != nil {
				return 0, context.Cause(ctx)
			}
		}
		if traffic = e.traffic.Load(); traffic != before {
			quiet = -1
		}
	}
	return traffic, nil
}
