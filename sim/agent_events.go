package sim

import (
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// Events of agents travel from an [AgentHost] to the run as one array. An event is
//
//	key, agent, behaviour, 0
//	key, agent, behaviour, 1 + kind + 3*fate, from, to, method, sent, content, error
//
// where the second is that of a message, whose content is text in JSON. Agents, and those
// from and to whom a message goes, are numbers in the list of all agents of the run, or
// names if they are not there. Keys are the int64 of the same bits. Time and round are
// those of the round that has been asked for.
const (
	fewestItems  = 4
	messageKinds = 3
	messageForms = 1 + 2*messageKinds
)

// eventChunk is about how many bytes of events a host sends at a time.
const eventChunk = 64 << 10

// maxStepEvents is how many bytes of events a run takes from a host for one step. More
// could hardly be read from a trace. A variable for tests.
var maxStepEvents = 256 << 20

// eventWriter encodes events.
type eventWriter struct {
	codec   codec.Codec
	numbers map[string]int // of all agents of the run
	items   int
	body    []byte // the items
	err     error
}

// newEventWriter returns one for a run with agents of these names.
func newEventWriter(c codec.Codec, names []string) eventWriter {
	w := eventWriter{codec: c, numbers: make(map[string]int, len(names))}
	for n, name := range names {
		w.numbers[name] = n
	}
	return w
}

// list takes the first events into the array, as many as fit into some bytes, but at least
// so many, and returns how many these are.
func (w *eventWriter) list(events []AgentEvent, atLeast, room int) (n int) {
	w.items, w.body = 0, w.body[:0]
	for n < len(events) && w.err == nil && (n < atLeast || len(w.body) < room) {
		w.event(&events[n])
		n++
	}
	return n
}

// append appends the array.
func (w *eventWriter) append(dst []byte) ([]byte, error) {
	dst = w.codec.AppendListStart(dst, w.items)
	dst = append(dst, w.body...)
	return w.codec.AppendListEnd(dst), w.err
}

func (w *eventWriter) next() {
	if w.items > 0 {
		w.body = w.codec.AppendListNext(w.body)
	}
	w.items++
}

func (w *eventWriter) int(n int64) {
	w.next()
	w.body = w.codec.AppendInt(w.body, n)
}

func (w *eventWriter) string(s string) {
	w.next()
	body, err := w.codec.AppendString(w.body, s)
	if w.body = body; w.err == nil {
		w.err = err
	}
}

func (w *eventWriter) agent(name string) {
	if n, ok := w.numbers[name]; ok {
		w.int(int64(n))
	} else {
		w.string(name)
	}
}

func (w *eventWriter) event(e *AgentEvent) {
	w.int(int64(e.Key))
	w.agent(e.Agent)
	w.string(e.Behaviour)
	m := e.Message
	if m == nil {
		w.int(0)
		return
	}
	w.int(1 + int64(m.Kind) + messageKinds*int64(m.Fate))
	w.agent(m.From)
	w.agent(m.To)
	w.string(m.Method)
	w.int(int64(m.Sent))
	w.string(string(m.Content))
	w.string(m.Err)
}

// event reads an event, but for its time and round.
func (r *wireReader) event(items *[]codec.Raw, names []string) AgentEvent {
	e := AgentEvent{Key: scheduler.Key(r.int(items)), Agent: r.agent(items, names), Behaviour: r.string(items)}
	form := r.number(items, messageForms)
	if r.err != nil || form == 0 {
		return e
	}
	form--
	e.Message = &container.Message{Kind: container.MessageKind(form % messageKinds), Fate: container.Fate(form / messageKinds),
		From: r.agent(items, names), To: r.agent(items, names), Method: r.string(items), Sent: scheduler.Key(r.int(items)),
		Content: r.json(items), Err: r.string(items)}
	return e
}

// agent reads the name of an agent.
func (r *wireReader) agent(items *[]codec.Raw, names []string) string {
	if r.err == nil && len(*items) > 0 && r.codec.Kind((*items)[0]) == codec.String {
		return r.string(items)
	}
	n := r.number(items, len(names))
	if r.err != nil {
		return ""
	}
	return names[n]
}

// json reads text in JSON, or nothing.
func (r *wireReader) json(items *[]codec.Raw) codec.Raw {
	text := codec.Raw(r.string(items))
	if r.err != nil || len(text) == 0 {
		return nil
	}
	switch codec.JSON.Kind(text) {
	case codec.List:
		_, r.err = codec.JSON.Split(nil, text)
	case codec.Map:
		_, r.err = codec.JSON.SplitMap(nil, text)
	default:
		_, r.err = codec.JSON.Decode(text)
	}
	return text
}
