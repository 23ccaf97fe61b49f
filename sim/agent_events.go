package sim

import (
	"fmt"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// Events of agents travel from an [AgentHost] to the run as one array. An event is
//
//	key, agent, behaviour, 0
//	key, agent, behaviour, 1 + kind + 3*fate, from, to, method, sent, content, error
//
// where the second is that of a message, whose content is text in JSON. The agent is
// empty if it is the one whose number is in the key. Keys are the int64 of the same
// bits. Time and round are those of the round that has been asked for.
const (
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
	codec codec.Codec
	names []string // of all agents of the run
	items int
	body  []byte // the items
	err   error
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

func (w *eventWriter) event(e *AgentEvent) {
	w.int(int64(e.Key))
	if e.Agent == w.names[e.Key.Source()] {
		w.string("")
	} else {
		w.string(e.Agent)
	}
	w.string(e.Behaviour)
	m := e.Message
	if m == nil {
		w.int(0)
		return
	}
	w.int(1 + int64(m.Kind) + messageKinds*int64(m.Fate))
	w.string(m.From)
	w.string(m.To)
	w.string(m.Method)
	w.int(int64(m.Sent))
	w.string(string(m.Content))
	w.string(m.Err)
}

// event reads an event, but for its time and round.
func (r *wireReader) event(items *[]codec.Raw, names []string) AgentEvent {
	e := AgentEvent{Key: scheduler.Key(r.int(items)), Agent: r.string(items), Behaviour: r.string(items)}
	if n := e.Key.Source(); r.err == nil && n >= len(names) {
		r.err = fmt.Errorf("an event of agent %d, but there are %d", n, len(names))
	}
	form := r.number(items, messageForms)
	if r.err != nil {
		return e
	}
	if e.Agent == "" {
		e.Agent = names[e.Key.Source()]
	}
	if form == 0 {
		return e
	}
	form--
	e.Message = &container.Message{Kind: container.MessageKind(form % messageKinds), Fate: container.Fate(form / messageKinds),
		From: r.string(items), To: r.string(items), Method: r.string(items), Sent: scheduler.Key(r.int(items)),
		Content: r.json(items), Err: r.string(items)}
	return e
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
