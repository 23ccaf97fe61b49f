package scheduler

import (
	"fmt"
	"strings"
	"time"
)

// Tier counts rounds at one instant: a short tuple with one number for each
// level of nested groups, outermost first, compared lexicographically. It is
// what the literature calls the microstep of super-dense time (Lee and Zheng,
// "Operational Semantics of Hybrid Systems", HSCC 2005), with a digit for each
// group. A process that is in fewer groups has zeros in the other places.
//
// The tuple is packed into one word, the outermost level in the highest bits,
// so that comparing two tiers is comparing two integers. The outermost number
// has more room than the others because loops that go on from one instant to
// the next mostly are in a group of their own.
type Tier uint64

const (
	// TierLevels is how deep groups may be nested.
	TierLevels = 3

	outerBits = 30
	innerBits = 17
)

func tierShift(level int) uint { return uint(TierLevels-1-level) * innerBits }

// Full reports whether a number of t is so large that there is no room for many
// more rounds: 2^29 for the outermost level, 2^16 for the others. A process that
// gets there must not go on.
func (t Tier) Full() bool {
	return t&(1<<(2*innerBits+outerBits-1)|1<<(2*innerBits-1)|1<<(innerBits-1)) != 0
}

// outer[n] masks the n outermost numbers of a tier.
var outer = [TierLevels + 1]Tier{0, 1<<64 - 1<<(2*innerBits), 1<<64 - 1<<innerBits, 1<<64 - 1}

// Level returns the number of rounds at level i, 0 being the outermost.
func (t Tier) Level(i int) int {
	t >>= tierShift(i)
	if i > 0 {
		t &= 1<<innerBits - 1
	}
	return int(t)
}

// String gives the tuple up to its last number that is not zero: "0", "2:1".
func (t Tier) String() string {
	var b strings.Builder
	for i := range TierLevels {
		if i > 0 {
			b.WriteByte(':')
		}
		fmt.Fprint(&b, t.Level(i))
	}
	s := b.String()
	for strings.HasSuffix(s, ":0") {
		s = strings.TrimSuffix(s, ":0")
	}
	return s
}

// Stamp is a point of super-dense time: an instant and the round at it.
type Stamp struct {
	Time Time
	Tier Tier
}

// End is the stamp after every other.
var End = Stamp{Time: Never}

// At returns the first stamp of instant t.
func At(t Time) Stamp { return Stamp{Time: t} }

// Before reports whether s is earlier than u.
func (s Stamp) Before(u Stamp) bool {
	return s.Time < u.Time || s.Time == u.Time && s.Tier < u.Tier
}

// Compare returns -1, 0 or +1 as s is before, equal to, or after u.
func (s Stamp) Compare(u Stamp) int {
	switch {
	case s.Before(u):
		return -1
	case u.Before(s):
		return 1
	}
	return 0
}

// Plus returns the earliest stamp at which something sent at s over a link
// with delay d can be seen.
func (s Stamp) Plus(d Delay) Stamp {
	t := s.Time + Time(d.Time)
	if t < s.Time || t == Never {
		return End
	}
	if s.Tier == 0 && !d.weak {
		return Stamp{Time: t}
	}
	return Stamp{Time: t, Tier: s.Tier.after(d)}
}

func (t Tier) after(d Delay) Tier {
	t &= outer[d.groups]
	if d.weak {
		t += 1 << tierShift(int(d.groups)-1)
	}
	return t
}

// String gives the stamp as errors and traces show it: "900s", "900s round 2".
func (s Stamp) String() string {
	if s.Tier == 0 {
		return s.Time.String()
	}
	return s.Time.String() + " round " + s.Tier.String()
}

// Delay is what a link adds to the stamp of what travels over it; it is the
// lookahead of the link. Delays are comparable. The zero Delay is that of an
// instantaneous link between processes without a common group; others are made
// by [NewDelay].
type Delay struct {
	Time   time.Duration // not negative
	groups uint8
	weak   bool
}

// NewDelay returns the delay of a link. groups is how many groups, nested in
// each other, both ends are in, up to TierLevels: rounds of these are kept, also
// over a shift, those of others are not seen at the other end. A weak link
// arrives in the next round of the innermost of these groups; it must have one.
func NewDelay(shift time.Duration, groups int, weak bool) Delay {
	if groups < 0 || groups > TierLevels || weak && groups == 0 {
		panic(fmt.Sprintf("scheduler: delay of a link in %d groups, weak: %v", groups, weak))
	}
	return Delay{Time: shift, groups: uint8(groups), weak: weak}
}

// Instantaneous reports whether what is sent may arrive at the same instant, in
// the same round.
func (d Delay) Instantaneous() bool { return d.Time == 0 && !d.weak }

// Groups returns how many groups, nested in each other, both ends of the link are in.
func (d Delay) Groups() int { return int(d.groups) }

// Weak reports whether the link leads to the next round.
func (d Delay) Weak() bool { return d.weak }
