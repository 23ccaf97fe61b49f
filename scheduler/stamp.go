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
// group.
//
// The tuple is packed into one word, the outermost level in the highest bits,
// so that comparing two tiers is comparing two integers.
type Tier uint64

const (
	// TierLevels is how deep groups may be nested.
	TierLevels = 3
	tierBits   = 21
	tierMask   = 1<<tierBits - 1
)

// Level returns the number of rounds at level i, 0 being the outermost.
func (t Tier) Level(i int) int { return int(t >> t.shift(i) & tierMask) }

func (Tier) shift(i int) uint { return uint(TierLevels-1-i) * tierBits }

// String gives the tuple up to its last number that is not zero: "0", "2:1".
func (t Tier) String() string {
	var b strings.Builder
	for i := 0; i < TierLevels; i++ {
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
	if s.Time == Never {
		return End
	}
	if d.Time > 0 {
		t := s.Time.Add(d.Time)
		if t == Never {
			return End
		}
		return Stamp{Time: t, Tier: s.Tier}
	}
	return s
}

// String gives the stamp as errors and traces show it: "900s", "900s round 2".
func (s Stamp) String() string {
	if s.Tier == 0 {
		return s.Time.String()
	}
	return s.Time.String() + " round " + s.Tier.String()
}

// Delay is what a link adds to the stamp of what travels over it; it is the
// lookahead of the link. The zero Delay is an instantaneous link: what is sent
// at a stamp is seen at that stamp.
type Delay struct {
	Time time.Duration // not negative
}

// Less orders delays by how early they let something arrive.
func (d Delay) Less(e Delay) bool { return d.Time < e.Time }

func (d Delay) plus(e Delay) Delay {
	return Delay{Time: time.Duration(Time(d.Time).Add(e.Time))}
}
