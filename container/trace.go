package container

import (
	"fmt"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/scheduler"
)

// MessageKind says what a Message is.
type MessageKind uint8

// The kinds of messages.
const (
	CallMessage   = MessageKind(callMessage)   // wants an answer
	AnswerMessage = MessageKind(answerMessage) // to a call
	OneWayMessage = MessageKind(oneWayMessage) // wants none
)

func (k MessageKind) String() string { return [...]string{"call", "answer", "message"}[k] }

// Fate says what became of a message.
type Fate uint8

// The fates of messages.
const (
	Arrived Fate = iota
	Lost         // on the way, see Medium.Loss
)

func (f Fate) String() string { return [...]string{"arrived", "lost"}[f] }

// Message is what a container tells of a message between agents, see [WithTrace].
type Message struct {
	Kind     MessageKind
	Fate     Fate
	From, To string // names of agents
	Method   string // of a call or one-way message
	// Sent is the key of the event in which it was sent, in whatever container of a
	// Federation; 0: it has come by an Endpoint, or its sender's container is not traced.
	Sent scheduler.Key
	// Content is JSON: a list of arguments, or {"args": [...], "kwargs": {...}} if
	// there are some by name; of an answer the value.
	Content codec.Raw
	Err     string // of an answer: why there is no value
}

// WithTrace has a function told of every message when it arrives, before its receiver
// learns of it, and of those that the container's agents have sent and that are lost. What
// they send elsewhere is told there. The function must not do anything with the agents, and may
// keep the message.
func WithTrace(tell func(Message)) Option {
	return func(c *Container) { c.tell = tell }
}

// told is the message as WithTrace tells it.
func (m *message) told(fate Fate) Message {
	t := Message{Kind: MessageKind(m.kind), Fate: fate, From: m.from, To: m.to, Method: m.method, Sent: m.sent}
	switch {
	case m.err != nil:
		t.Err = m.err.Error()
	case m.lost != nil:
		t.Err = m.lost.Error()
	case m.kind == answerMessage:
		t.Content = tracedValue(m.value)
	case len(m.kwargs) > 0:
		t.Content = tracedValue(codec.Object{{Key: "args", Value: m.args}, {Key: "kwargs", Value: m.kwargs}})
	case m.args == nil:
		t.Content = codec.Raw("[]")
	default:
		t.Content = tracedValue(m.args)
	}
	return t
}

// tracedValue encodes a value. What only the codec of a connection knows is told by
// its type.
func tracedValue(v any) codec.Raw {
	encoded, err := jsonText.Append(nil, v)
	if err != nil {
		encoded, _ = codec.JSON.Append(nil, fmt.Sprintf("(%T)", v)) // text can be encoded
	}
	return encoded
}
