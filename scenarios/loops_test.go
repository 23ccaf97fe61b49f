package scenarios_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// Bidder lowers the price it hears until it is low enough; the first one names it.
type Bidder struct {
	Start float64    `param:"start" default:"0" doc:"price to begin with"`
	Heard sim.Input  `attr:"heard" doc:"price of the other"`
	Price sim.Output `attr:"price,event" doc:"own price"`
}

func (b *Bidder) Step(*sim.Step) error {
	switch price := b.Heard.Float(); {
	case !b.Heard.Has():
		b.Price.Set(b.Start)
	case price > 1:
		b.Price.Set(price - 1)
	}
	return nil
}

// Witness records what it hears.
type Witness struct {
	Heard  sim.Input  `attr:"heard" doc:"price"`
	Closed sim.Output `attr:"closed,event" doc:"price"`
}

func (w *Witness) Step(*sim.Step) error {
	w.Closed.Set(w.Heard.Float())
	return nil
}

func eventBased[T any](name, model string) models.Entry {
	return models.Entry{Name: name, Doc: name, New: func() sim.Simulator {
		return sim.NewModel[T](sim.ModelConfig{Name: model, Type: sim.EventBased})
	}}
}

// TestLoopAtOneTime: two simulators negotiate at one time, and a third one hears
// the outcome.
func TestLoopAtOneTime(t *testing.T) {
	registry := &scenarios.Registry{Models: []models.Entry{eventBased[Bidder]("bidder", "Bidder"), eventBased[Witness]("witness", "Witness")}}
	const text = `
simrun: 1
name: bids
until: 1h
max_rounds: ROUNDS
simulators:
  buyer: {model: bidder, group: market/bids, initial_event: 15m}
  seller: {model: bidder, group: market/bids}
  notary: {model: witness, group: market}
entities:
  buyer: {of: buyer.Bidder, params: {start: 4}}
  seller: {of: seller.Bidder}
  notary: {of: notary.Witness}
connect:
  - buyer.price -> seller.heard
  - seller.price -> buyer.heard: {weak: true}
  - seller.price -> notary.heard
record: {values: [notary.closed]}
`
	read := func(rounds string) *scenarios.Scenario {
		s, err := scenarios.Read(write(t, strings.Replace(text, "ROUNDS", rounds, 1)), scenarios.ReadOptions{Registry: registry})
		require.NoError(t, err)
		return s
	}
	s := read("3")
	found, _ := s.Check(context.Background(), scenarios.CheckOptions{})
	require.Empty(t, found)
	_, sinks := runScenario(t, s)
	times, prices := sinks[0].Floats("notary", "closed")
	require.Equal(t, []sim.Time{900 * sim.Time(time.Second)}, times)
	require.Equal(t, []float64{1}, prices)

	s = read("1")
	w, err := s.Build(context.Background(), scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }})
	require.NoError(t, err)
	_, err = w.Run(context.Background(), sim.RunOptions{Until: s.Until})
	require.ErrorContains(t, err, "it has made 1 rounds without time advancing")
	require.NoError(t, w.Close())
}

// Haggler is an agent that offers less than what it hears.
type Haggler struct {
	container.Agent
	Heard sim.Input  `attr:"heard" doc:"price of the other"`
	Price sim.Output `attr:"price,event" doc:"own price"`
}

func (h *Haggler) OnInput(context.Context) error {
	if price := h.Heard.Float(); price > 1 {
		h.Price.Set(price - 1)
	}
	return nil
}

// TestLoopOfAgents: an agent and a simulator negotiate at one time.
func TestLoopOfAgents(t *testing.T) {
	registry := &scenarios.Registry{Models: []models.Entry{eventBased[Bidder]("bidder", "Bidder"), eventBased[Witness]("witness", "Witness")},
		Agents: []sim.AgentType{sim.AgentOf[Haggler]("Haggler", "offers less")}}
	const text = `simrun: 1
name: haggle
until: 2s
simulators:
  seller: {model: bidder, params: {start: 5}, group: market, initial_event: 1s}
  notary: {model: witness}
agents:
  buyer: {type: Haggler, group: market}
connect:
  - seller.price -> buyer.heard
  - buyer.price -> seller.heard: {weak: true}
  - buyer.price -> notary.heard
record: {values: [notary.closed]}
`
	s, err := scenarios.Read(write(t, text), scenarios.ReadOptions{Registry: registry})
	require.NoError(t, err)
	problems, warnings := s.Check(t.Context(), scenarios.CheckOptions{})
	require.Empty(t, problems)
	require.Empty(t, warnings)
	_, sinks := runScenario(t, s)
	_, closed := sinks[0].Floats("notary", "closed")
	require.Equal(t, []float64{2}, closed, "5, 4, 3, 2 are heard, and 1 is the end")

	_, err = scenarios.Read(write(t, strings.Replace(text, "agents:\n", "agents:\n  other: {type: Haggler, group: market/bids}\n", 1)), scenarios.ReadOptions{Registry: registry})
	require.Equal(t, []string{`agents.buyer.group: all agents are one simulator, in one group, which is "market/bids" on line 8; ` +
		`name the same, or leave it out: agents that negotiate with each other need no group`}, texts(t, err))
}
