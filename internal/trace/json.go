package trace

import (
	"encoding/json"
	"io"
	"strconv"

	"github.com/simrun/simrun/sim"
)

// JSON writes items as JSON lines, an object for each part. Times are in seconds.
type JSON struct {
	words
	out *json.Encoder
}

// NewJSON returns one that writes to out.
func NewJSON(out io.Writer, h *Header) *JSON {
	e := json.NewEncoder(out)
	e.SetEscapeHTML(false)
	return &JSON{words{&h.World}, e}
}

type jsonLine struct {
	Kind  Kind        `json:"kind"`
	Time  json.Number `json:"time"`
	Round string      `json:"round,omitempty"`
	Sim   string      `json:"simulator"`
	Step  int64       `json:"step"`

	// Of a step.
	Next      json.Number `json:"next,omitempty"`
	Output    json.Number `json:"output_time,omitempty"` // if it is not Time
	Causes    []jsonCause `json:"causes,omitempty"`
	Inputs    []jsonInput `json:"inputs,omitempty"`
	Unsettled bool        `json:"unsettled,omitempty"`
	Error     string      `json:"error,omitempty"`

	// Of values and requests.
	Entity  string          `json:"entity,omitempty"`
	Attr    string          `json:"attribute,omitempty"`
	Unit    string          `json:"unit,omitempty"`
	Value   json.RawMessage `json:"value,omitempty"`
	Omitted bool            `json:"omitted,omitempty"`
	Set     bool            `json:"set,omitempty"`
	Source  string          `json:"source,omitempty"`

	// Of agents.
	Key       uint64          `json:"key,omitempty"`
	Agent     string          `json:"agent,omitempty"`
	Behaviour string          `json:"behaviour,omitempty"`
	Message   string          `json:"message,omitempty"` // call, answer, message
	Fate      string          `json:"fate,omitempty"`
	From      string          `json:"from,omitempty"`
	To        string          `json:"to,omitempty"`
	Method    string          `json:"method,omitempty"`
	Sent      uint64          `json:"sent,omitempty"` // key of the event in which it was sent
	Content   json.RawMessage `json:"content,omitempty"`
}

type jsonCause struct {
	Kind   string `json:"kind"`
	Sim    string `json:"simulator,omitempty"`
	Step   int64  `json:"step,omitempty"`
	Output string `json:"output,omitempty"`
	Input  string `json:"input,omitempty"`
}

type jsonInput struct {
	Input  string          `json:"input"`
	Output string          `json:"output,omitempty"`
	Sim    string          `json:"simulator"`
	Step   int64           `json:"step"`
	Value  json.RawMessage `json:"value"`
}

func seconds(t sim.Time) json.Number { return json.Number(t.AppendSeconds(nil)) }

// encoded is a value in JSON; what JSON does not know, such as NaN, is text.
func encoded(v sim.Value) json.RawMessage {
	text, err := v.Append(nil)
	if err == nil && json.Valid(text) {
		return text
	}
	if err != nil {
		text = []byte(v.String())
	}
	quoted, _ := json.Marshal(string(text)) // text can always be encoded
	return quoted
}

// Item writes an item.
func (j *JSON) Item(item *Item) error {
	s := item.Step
	line := func(k Kind) *jsonLine {
		l := &jsonLine{Kind: k, Time: seconds(s.Stamp.Time), Sim: j.Sims[s.Sim].Name, Step: item.Ref.N}
		if s.Stamp.Tier != 0 {
			l.Round = s.Stamp.Tier.String()
		}
		return l
	}
	var lines []*jsonLine
	if item.Wanted {
		l := line(KindStep)
		l.Unsettled, l.Error = s.Unsettled, s.Err
		if s.Next != sim.Never {
			l.Next = seconds(s.Next)
		}
		if s.Output != s.Stamp.Time {
			l.Output = seconds(s.Output)
		}
		for _, c := range item.Causes {
			cause := jsonCause{Kind: c.Kind.String()}
			if c.Step.N > 0 {
				cause.Sim, cause.Step = j.Sims[c.Step.Sim].Name, c.Step.N
			}
			if c.Kind == Trigger {
				to := &j.Connections[c.Connection]
				cause.Output, cause.Input = j.output(to.Output), to.Entity+"."+to.Attr
			}
			l.Causes = append(l.Causes, cause)
		}
		for _, in := range item.Inputs {
			input := jsonInput{Sim: j.Sims[in.Step.Sim].Name, Step: in.Step.N, Value: encoded(in.Value)}
			if in.Connection < 0 {
				input.Input = in.Request.Entity + "." + in.Request.Attr
			} else {
				to := &j.Connections[in.Connection]
				input.Input, input.Output = to.Entity+"."+to.Attr, j.output(to.Output)
			}
			l.Inputs = append(l.Inputs, input)
		}
		lines = append(lines, l)
	}
	for i := range s.Agents {
		lines = append(lines, j.event(line, &s.Agents[i]))
	}
	for _, q := range s.Requests {
		l := line(KindRequest)
		l.Entity, l.Attr, l.Value, l.Set, l.Source = q.Entity, q.Attr, encoded(q.Value), q.Set, q.Source
		lines = append(lines, l)
	}
	for _, v := range s.Values {
		l := line(KindValue)
		o := &j.Outputs[v.Output]
		l.Entity, l.Attr, l.Unit, l.Value, l.Omitted = o.Entity, o.Attr, o.Unit, encoded(v.Value), v.Omitted
		lines = append(lines, l)
	}
	for _, l := range lines {
		if err := j.out.Encode(l); err != nil {
			return err
		}
	}
	return nil
}

func (j *JSON) event(line func(Kind) *jsonLine, e *sim.AgentEvent) *jsonLine {
	l := line(KindEvent)
	l.Time, l.Round = seconds(e.Time), ""
	if e.Round > 0 {
		l.Round = strconv.Itoa(e.Round)
	}
	l.Key, l.Agent, l.Behaviour = uint64(e.Key), e.Agent, e.Behaviour
	if m := e.Message; m != nil {
		l.Kind = KindMessage
		l.Message, l.Fate, l.From, l.To, l.Method, l.Sent, l.Error = m.Kind.String(), m.Fate.String(), m.From, m.To, m.Method, uint64(m.Sent), m.Err
		if json.Valid(m.Content) {
			l.Content = json.RawMessage(m.Content)
		} else if len(m.Content) > 0 {
			l.Content, _ = json.Marshal(string(m.Content)) // text can always be encoded
		}
	}
	return l
}
