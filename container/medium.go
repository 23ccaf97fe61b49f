package container

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/simrun/simrun/sim/random"
)

// Medium tells how messages travel, that is calls, answers and one-way messages,
// from some agents to some others; not over the network, which takes its own time.
// But for Draw it is plain data.
type Medium struct {
	// From and To are CONTAINER/AGENT, where * stands for any container or any
	// agent. Of an agent in another process the container is not known: only *
	// stands for it. A From or To that is empty means */*.
	From, To string
	// Delay is what every message takes, in virtual time. One that takes no time
	// arrives in the next round of the present time.
	Delay time.Duration
	// MaxDelay, if it is not 0, makes delays random, uniformly distributed from
	// Delay to MaxDelay. Messages may overtake each other then.
	MaxDelay time.Duration
	// Draw, if it is not nil, draws a delay from another distribution, instead of
	// the two. What is negative counts as 0.
	Draw func(*random.Stream) time.Duration
	// Loss is the probability that a message is lost, from 0 to 1. A call that is
	// lost, or whose answer is, is not answered: see Agent.Within.
	Loss float64
}

// Media tells how the messages of agents travel, see [NewMedia]. It can be used for
// many containers and is safe for concurrent use.
type Media struct {
	seed  uint64
	media []Medium
}

// NewMedia makes Media of a list, in which the first Medium that fits a sender and
// a receiver counts. Where none does, messages arrive at once. What an agent sends
// to itself does not travel.
//
// Each pair of sender and receiver has random numbers of its own, which follow from
// the seed and the two names: other agents change nothing about them, nor does it
// matter how agents are spread over containers and processes. It fails if something
// is out of its range, and reports all of that.
func NewMedia(seed uint64, media ...Medium) (*Media, error) {
	var wrong []string
	for i, m := range media {
		complain := func(format string, args ...any) {
			wrong = append(wrong, fmt.Sprintf("medium %d (from %q to %q): ", i+1, m.From, m.To)+fmt.Sprintf(format, args...))
		}
		for _, end := range []string{m.From, m.To} {
			if end != "" && !strings.Contains(end, "/") {
				complain("%q is not of the form CONTAINER/AGENT, such as */%s", end, end)
			}
		}
		if m.Delay < 0 {
			complain("a delay of %v is negative", m.Delay)
		}
		if m.MaxDelay != 0 && m.MaxDelay < m.Delay {
			complain("the largest delay, %v, is below the least, %v", m.MaxDelay, m.Delay)
		}
		if m.Draw != nil && (m.Delay != 0 || m.MaxDelay != 0) {
			complain("it has both Draw and limits of the delay; give one of them")
		}
		if !(m.Loss >= 0 && m.Loss <= 1) {
			complain("a probability of loss of %v is not between 0 and 1", m.Loss)
		}
	}
	if wrong != nil {
		return nil, fmt.Errorf("%s", strings.Join(wrong, "\n"))
	}
	return &Media{seed, slices.Clone(media)}, nil
}

// WithMedia lets what the agents of a container send travel as media say; nil is
// at once.
func WithMedia(media *Media) Option { return func(c *Container) { c.media = media } }

// pair is a sender and a receiver.
type pair struct{ from, to string }

// transit is how messages of a pair travel.
type transit struct {
	home        string         // of the receiver, when the medium was chosen
	medium      *Medium        // nil: at once
	delay, loss *random.Stream // made when they are needed
}

// travel tells how the next message of a pair travels.
func (c *Container) travel(from, to string) (delay time.Duration, lost bool) {
	if from == to {
		return 0, false
	}
	p := pair{from, to}
	home := c.homeOf(to)
	t := c.transits[p]
	if t == nil {
		if c.transits == nil {
			c.transits = make(map[pair]*transit)
		}
		t = &transit{home: home, medium: c.media.between(p, c.name, home)}
		c.transits[p] = t
	} else if t.home != home {
		t.home, t.medium = home, c.media.between(p, c.name, home)
	}
	m := t.medium
	if m == nil {
		return 0, false
	}
	if m.Loss > 0 {
		if t.loss == nil {
			t.loss = random.New(c.media.seed, "messages", from, to, "loss")
		}
		lost = t.loss.Float64() < m.Loss
	}
	if m.Draw == nil && m.MaxDelay <= m.Delay {
		return m.Delay, lost
	}
	if t.delay == nil {
		t.delay = random.New(c.media.seed, "messages", from, to, "delay")
	}
	if m.Draw != nil {
		return max(m.Draw(t.delay), 0), lost
	}
	return m.Delay + time.Duration(t.delay.Uint64N(uint64(m.MaxDelay-m.Delay)+1)), lost
}

// homeOf returns the name of an agent's container, if the agent lives on the loop.
func (c *Container) homeOf(name string) string {
	if a := agentOn(c.loop, name); a != nil {
		return a.container.name
	}
	return ""
}

// between returns the first Medium that fits, or nil.
func (l *Media) between(p pair, fromHome, toHome string) *Medium {
	for i := range l.media {
		if m := &l.media[i]; fits(m.From, fromHome, p.from) && fits(m.To, toHome, p.to) {
			return m
		}
	}
	return nil
}

// fits reports whether an agent is among those that an end of a Medium means.
func fits(end, home, name string) bool {
	if end == "" {
		return true
	}
	h, n, _ := strings.Cut(end, "/")
	return (h == "*" || h == home && home != "") && (n == "*" || n == name)
}
