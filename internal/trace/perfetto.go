package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// Perfetto writes items in the JSON format of Chrome's traces, which ui.perfetto.dev
// opens. The time axis is virtual time. A simulator is a process with a lane for its
// steps, each of which lasts until the next one, and one for each of its agents; arrows
// lead from steps to those that they trigger, and from the senders of messages to
// where they arrive.
type Perfetto struct {
	words
	out     *bufio.Writer
	enc     *json.Encoder
	begun   bool
	flows   int64
	pending []*perfettoEvent // by simulator: the last step, of which the end is not known
	last    sim.Time
	lanes   map[lane]int
	sent    map[scheduler.Key]place // of the last events of agents
	order   []scheduler.Key
}

type lane struct {
	sim   int
	agent string
}

type place struct {
	tid int
	at  sim.Time
}

// mostSent is how many events of agents are remembered for arrows.
const mostSent = 1 << 16

type perfettoEvent struct {
	Name     string         `json:"name"`
	Phase    string         `json:"ph"`
	Process  int            `json:"pid"`
	Lane     int            `json:"tid"`
	Time     json.Number    `json:"ts"` // in microseconds
	Duration json.Number    `json:"dur,omitempty"`
	Category string         `json:"cat,omitempty"`
	ID       int64          `json:"id,omitempty"`
	Bind     string         `json:"bp,omitempty"`
	Args     map[string]any `json:"args,omitempty"`

	at sim.Time
}

// NewPerfetto returns one that writes to out.
func NewPerfetto(out io.Writer, h *Header) *Perfetto {
	p := &Perfetto{words: words{&h.World}, out: bufio.NewWriter(out), pending: make([]*perfettoEvent, len(h.World.Sims)),
		lanes: make(map[lane]int), sent: make(map[scheduler.Key]place)}
	p.enc = json.NewEncoder(p.out)
	p.enc.SetEscapeHTML(false)
	return p
}

// microseconds is a time as the format has it.
func microseconds(t sim.Time) json.Number {
	return json.Number(fmt.Sprintf("%d.%03d", t/1000, t%1000))
}

func (p *Perfetto) write(e *perfettoEvent) error {
	begin := ","
	if !p.begun {
		p.begun, begin = true, `{"displayTimeUnit":"ms","traceEvents":[`+"\n"
	}
	if _, err := p.out.WriteString(begin); err != nil {
		return err
	}
	return p.enc.Encode(e)
}

// lane is the lane of an agent, or with "" of steps.
func (p *Perfetto) lane(sim int, agent string) (int, error) {
	key := lane{sim, agent}
	if n, ok := p.lanes[key]; ok {
		return n, nil
	}
	n := len(p.lanes) + 1
	p.lanes[key] = n
	name := agent
	if agent == "" {
		name = "steps"
		err := p.write(&perfettoEvent{Name: "process_name", Phase: "M", Process: sim + 1, Time: "0", Args: map[string]any{"name": p.Sims[sim].Name}})
		if err != nil {
			return 0, err
		}
	}
	return n, p.write(&perfettoEvent{Name: "thread_name", Phase: "M", Process: sim + 1, Lane: n, Time: "0", Args: map[string]any{"name": name}})
}

// arrow leads from one place to another.
func (p *Perfetto) arrow(name string, fromSim int, from place, toSim int, to place) error {
	p.flows++
	err := p.write(&perfettoEvent{Name: name, Phase: "s", Category: "cause", ID: p.flows, Process: fromSim + 1, Lane: from.tid, Time: microseconds(from.at)})
	if err != nil {
		return err
	}
	return p.write(&perfettoEvent{Name: name, Phase: "f", Bind: "e", Category: "cause", ID: p.flows, Process: toSim + 1, Lane: to.tid, Time: microseconds(to.at)})
}

// finish writes the step that has lasted until now.
func (p *Perfetto) finish(sim int, now sim.Time) error {
	e := p.pending[sim]
	if e == nil {
		return nil
	}
	e.Duration = microseconds(now - e.at)
	p.pending[sim] = nil
	return p.write(e)
}

// Item writes an item.
func (p *Perfetto) Item(item *Item) error {
	s := item.Step
	now := s.Stamp.Time
	p.last = max(p.last, now)
	tid, err := p.lane(s.Sim, "")
	if err != nil {
		return err
	}
	if err := p.finish(s.Sim, now); err != nil {
		return err
	}
	args := map[string]any{"why": p.causes(item.Causes)}
	if s.Stamp.Tier != 0 {
		args["round"] = s.Stamp.Tier.String()
	}
	for i := range s.Values {
		args[p.output(s.Values[i].Output)] = encoded(s.Values[i].Value)
	}
	if s.Err != "" {
		args["error"] = s.Err
	}
	p.pending[s.Sim] = &perfettoEvent{Name: p.step(item.Ref), Phase: "X", Process: s.Sim + 1, Lane: tid, Time: microseconds(now), Args: args, at: now}
	arrows := make(map[Ref]bool)
	for _, c := range item.Causes {
		if c.Kind != Trigger || arrows[c.Step] {
			continue
		}
		arrows[c.Step] = true
		fromLane, known := p.lanes[lane{c.Step.Sim, ""}]
		if !known {
			continue // it is not wanted
		}
		// Where the step was when it put the value out is that much earlier.
		from := now - sim.Time(p.Connections[c.Connection].Delay.Time)
		if err := p.arrow("trigger", c.Step.Sim, place{fromLane, from}, s.Sim, place{tid, now}); err != nil {
			return err
		}
	}
	for i := range s.Agents {
		if err := p.event(s.Sim, &s.Agents[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *Perfetto) event(sim int, e *sim.AgentEvent) error {
	tid, err := p.lane(sim, acts(e))
	if err != nil {
		return err
	}
	here := place{tid, e.Time}
	name := e.Behaviour
	args := map[string]any{"round": e.Round}
	if m := e.Message; m != nil {
		name = m.Kind.String() + " " + m.Method
		args["what"] = p.words.event(e)
	}
	if name == "" {
		name = "timer"
	}
	err = p.write(&perfettoEvent{Name: name, Phase: "X", Process: sim + 1, Lane: tid, Time: microseconds(e.Time), Duration: "0", Args: args})
	if err != nil {
		return err
	}
	if m := e.Message; m != nil {
		if from, known := p.sent[m.Sent]; known && m.Sent != e.Key {
			if err := p.arrow("message", sim, from, sim, here); err != nil {
				return err
			}
		}
	}
	if _, known := p.sent[e.Key]; !known {
		p.sent[e.Key] = here
		if p.order = append(p.order, e.Key); len(p.order) > mostSent {
			delete(p.sent, p.order[0])
			p.order = p.order[1:]
		}
	}
	return nil
}

// Close ends what was begun.
func (p *Perfetto) Close() error {
	for i := range p.pending {
		if err := p.finish(i, p.last); err != nil {
			return err
		}
	}
	text := "]}\n"
	if !p.begun {
		text = `{"traceEvents":[` + text
	}
	if _, err := p.out.WriteString(text); err != nil {
		return err
	}
	return p.out.Flush()
}
