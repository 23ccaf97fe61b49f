package sim

import (
	"fmt"
	"reflect"
	"strconv"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// agentSettings are the values of the parameters of a simulator of agents.
type agentSettings struct {
	maxRounds     int
	delay, jitter time.Duration
	loss          float64
	roundTimeout  time.Duration
}

// agentParams are those parameters, in the order of the fields. Only those who have
// containers have the last.
var agentParams = []Param{
	{Name: "max_rounds", Default: strconv.Itoa(scheduler.DefaultMaxRounds), Doc: "limit on the rounds of messages at one time"},
	{Name: "delay", Default: "0s", Doc: "what a message between agents takes"},
	{Name: "jitter", Default: "0s", Doc: "what it takes more, at most: random, uniformly distributed"},
	{Name: "loss", Default: "0", Unit: "1", Doc: "probability that a message is lost"},
	{Name: "round_timeout", Default: "0s", Doc: "limit on the real time that a container may take for one round; 0s: none"},
}

// SimulatorParams lists the parameters of the simulator itself, see modelSim.
func (s *agentSim) SimulatorParams() []Param {
	if s.there == nil {
		return agentParams[: len(agentParams)-1 : len(agentParams)-1]
	}
	return agentParams
}

// agentSettingsOf reads parameters of which some are known.
func agentSettingsOf(params Params, known []Param) (set agentSettings, err error) {
	if err := checkParams(params, known); err != nil {
		return set, err
	}
	for i, field := range []any{&set.maxRounds, &set.delay, &set.jitter, &set.loss, &set.roundTimeout}[:len(known)] {
		p := paramField{Param: known[i]}
		given, ok := params[p.Name]
		if !ok {
			given = p.Default
		}
		v := reflect.ValueOf(field).Elem()
		if err := p.set(v, given); err != nil {
			return set, fmt.Errorf("parameter %s: %w", p.Name, err)
		}
	}
	switch {
	case set.maxRounds <= 0:
		return set, fmt.Errorf("parameter max_rounds: %v is not positive", set.maxRounds)
	case set.delay < 0:
		return set, fmt.Errorf("parameter delay: %v is negative", set.delay)
	case set.jitter < 0:
		return set, fmt.Errorf("parameter jitter: %v is negative", set.jitter)
	case set.loss < 0 || set.loss > 1:
		return set, fmt.Errorf("parameter loss: %v is no probability; give a number from 0 to 1", set.loss)
	}
	return set, nil
}

// media tells how messages travel; nil is at once.
func (set agentSettings) media(seed uint64) (*container.Media, error) {
	if set.delay == 0 && set.jitter == 0 && set.loss == 0 {
		return nil, nil
	}
	return container.NewMedia(seed, container.Medium{Delay: set.delay, MaxDelay: set.delay + set.jitter, Loss: set.loss})
}
