package sim

import (
	"slices"
	"time"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/scheduler"
)

const (
	// maxLead is how many steps a simulator may be ahead of those that read it.
	maxLead = 64
	// maxQueued is how many bytes of its values may wait for readers until it is
	// kept in step with them.
	maxQueued = 1 << 20
	// keepingTakes is about how long it takes to keep a value for a reader that is
	// behind, beyond giving it at once.
	keepingTakes = 100 * time.Nanosecond
)

// timed is a value and the stamp from which on its reader may see it.
type timed struct {
	at    scheduler.Stamp
	value Value
	news  bool
	made  uint32 // number of the step that put it out, among those of its source
}

// size is about how much memory the value takes.
func (t *timed) size() int {
	const own = 64
	switch v := t.value.ref.(type) {
	case codec.Raw:
		return own + len(v)
	case string:
		return own + len(v)
	}
	return own
}

// queue holds the values of a connection that its reader may not see yet, in order of
// visibility.
type queue struct {
	values []timed
	first  int // values before it have been taken
}

func (q *queue) empty() bool { return q.first == len(q.values) }

// push adds a value.
func (q *queue) push(v timed) {
	if len(q.values) == cap(q.values) && 2*q.first >= len(q.values) {
		n := copy(q.values, q.values[q.first:])
		clear(q.values[n:])
		q.values, q.first = q.values[:n], 0
	}
	i := len(q.values)
	for i > q.first && v.at.Before(q.values[i-1].at) {
		i--
	}
	q.values = slices.Insert(q.values, i, v)
}

// visible is how many values can be seen at a stamp.
func (q *queue) visible(now scheduler.Stamp) int {
	n := 0
	for q.first+n < len(q.values) && !now.Before(q.values[q.first+n].at) {
		n++
	}
	return n
}

// take removes the first n values, one or more, and returns the last of them and the
// size of all.
func (q *queue) take(n int) (v timed, size int) {
	for i := range n {
		v = q.values[q.first+i]
		size += v.size()
		q.values[q.first+i].value = Null // lets go of what it refers to
	}
	if q.first += n; q.empty() {
		q.values, q.first = q.values[:0], 0
	}
	return v, size
}
