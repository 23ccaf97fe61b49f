package models

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// Coordinator is the agent that keeps the peak of a district low. In every
// interval it asks all [Household] agents for what they expect, and lets the
// batteries' [Storage] agents bid for the work:
//
//  1. Announcement and bids: each household tells the power it expects to take
//     over the horizon, each storage what it can take and give.
//  2. Two levels follow from the sum of these. Import above the upper one is
//     what the energy in all batteries together can just cover until the
//     horizon; export below the lower one is what just fits in. Both are found by
//     water-filling (see [waterLevel]). Neither crosses 0: batteries are filled
//     by the sun only, and feed nobody outside.
//  3. Award: what the district now takes above the upper level, or feeds in
//     below the lower one, is shared among the batteries: the fullest give
//     first, the emptiest take first.
//
// Announcement, bid and award are those of the contract net protocol (R. G.
// Smith, "The Contract Net Protocol: High-Level Communication and Control in a
// Distributed Problem Solver", IEEE Transactions on Computers C-29(12), 1980,
// pp. 1104-1113), with a merit order in place of his general task
// evaluation.
//
// Left out: limits of power when the levels are found, networks, prices, and
// agents that lie.
type Coordinator struct {
	container.Agent
	Interval time.Duration `param:"interval" default:"15m" doc:"time between two rounds; a day must be a multiple of it"`
	Horizon  time.Duration `param:"horizon" default:"12h" doc:"how far ahead it looks"`

	Net     sim.Output `attr:"net" unit:"kW" doc:"what all households take without their batteries, negative when they feed in"`
	Upper   sim.Output `attr:"upper" unit:"kW" doc:"threshold: import above this is what the batteries cut off"`
	Lower   sim.Output `attr:"lower" unit:"kW" doc:"threshold, negative or 0: export below this is what the batteries cut off"`
	Awarded sim.Output `attr:"awarded" unit:"kW" doc:"what all batteries are told to take, negative to give"`

	households, storages []string // sorted
}

// How agents join.
const (
	joinAsHousehold = "household"
	joinAsStorage   = "storage"
)

// Init checks the parameters.
func (c *Coordinator) Init(*sim.Env, string) error {
	var b bounds
	if day := 24 * time.Hour; c.Interval <= 0 || day%c.Interval != 0 {
		b.fail("parameter interval = %v is out of range; a day must be a multiple of it, as of 15m", c.Interval)
	}
	if c.Horizon < c.Interval || c.Horizon > 24*time.Hour {
		b.fail("parameter horizon = %v is out of range; give the interval to 24h", c.Horizon)
	}
	return b.err()
}

// Start waits for the others to join, and begins the rounds.
func (c *Coordinator) Start(ctx context.Context) error {
	c.Expose("join", c.join)
	// The others' calls arrive in the next round of time 0; when that is
	// over, all are there.
	for range 2 {
		if err := c.Sleep(ctx, 0); err != nil {
			return err
		}
	}
	return c.Every(ctx, c.Interval, c.negotiate)
}

// join adds an agent, which calls it once.
func (c *Coordinator) join(_ context.Context, role, name string) error {
	list := &c.households
	switch role {
	case joinAsHousehold:
	case joinAsStorage:
		list = &c.storages
	default:
		return fmt.Errorf("no role %q; join as %q or %q", role, joinAsHousehold, joinAsStorage)
	}
	i, _ := slices.BinarySearch(*list, name)
	*list = slices.Insert(*list, i, name)
	return nil
}

// offer is what a storage can do.
type offer struct {
	agent                string
	take, give           float64 // kWh
	takePower, givePower float64 // kW
	soc                  float64
}

// negotiate is one round.
func (c *Coordinator) negotiate(ctx context.Context) error {
	profile, offers, err := c.announce(ctx)
	if err != nil {
		return err
	}
	hours := c.Interval.Hours()
	var take, give float64
	for _, o := range offers {
		take, give = take+o.take, give+o.give
	}
	upper := waterLevel(profile, give/hours)
	negated := make([]float64, len(profile))
	for i, p := range profile {
		negated[i] = -p
	}
	lower := 0 - waterLevel(negated, take/hours)

	net := profile[0]
	bids := make([]bid, len(offers))
	sign, power := 1.0, max(0, lower-net)
	for i, o := range offers {
		bids[i] = bid{o.agent, o.takePower, o.soc}
	}
	if net > upper {
		sign, power = -1, net-upper
		for i, o := range offers {
			bids[i] = bid{o.agent, o.givePower, -o.soc}
		}
	}
	calls := make([]container.Call, len(offers))
	total := 0.0
	for i, a := range award(bids, power) {
		total += sign * a
		calls[i] = container.Call{Agent: bids[i].agent, Method: "award", Args: []any{sign * a}}
	}
	if err := c.gather(ctx, calls, nil); err != nil {
		return err
	}
	c.Net.Set(net)
	c.Upper.Set(upper)
	c.Lower.Set(lower)
	c.Awarded.Set(total)
	return nil
}

// announce asks everybody, and returns what the households expect together and
// what the storages offer.
func (c *Coordinator) announce(ctx context.Context) ([]float64, []offer, error) {
	profile := make([]float64, c.Horizon/c.Interval)
	var forecasts, bids []container.Call
	for _, h := range c.households {
		forecasts = append(forecasts, container.Call{Agent: h, Method: "forecast", Args: []any{c.Interval.Seconds(), len(profile)}})
	}
	for _, s := range c.storages {
		bids = append(bids, container.Call{Agent: s, Method: "bid", Args: []any{c.Interval.Seconds()}})
	}
	err := c.gather(ctx, forecasts, func(_ string, r container.Reply) error {
		expected, err := container.As[[]float64](r.Value, r.Err)
		if err != nil {
			return err
		}
		if len(expected) != len(profile) {
			return fmt.Errorf("its forecast has %d values, not %d", len(expected), len(profile))
		}
		for i := range profile {
			profile[i] += expected[i]
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	var offers []offer
	err = c.gather(ctx, bids, func(agent string, r container.Reply) error {
		b, err := container.As[map[string]float64](r.Value, r.Err)
		offers = append(offers, offer{agent, b["take"], b["give"], b["take_power"], b["give_power"], b["soc"]})
		return err
	})
	return profile, offers, err
}

// gather makes calls at once and looks at the replies in order, if use is not
// nil. A failed call fails the round: an agent that does not answer is a
// mistake in the scenario.
func (c *Coordinator) gather(ctx context.Context, calls []container.Call, use func(agent string, r container.Reply) error) error {
	replies, err := c.Gather(ctx, calls...)
	if err != nil {
		return err
	}
	for i, r := range replies {
		if r.Err != nil {
			return r.Err
		}
		if use == nil {
			continue
		}
		if err := use(calls[i].Agent, r); err != nil {
			return fmt.Errorf("agent %q: %w", calls[i].Agent, err)
		}
	}
	return nil
}
