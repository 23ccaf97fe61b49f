package ui

import (
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

// longestMessage is how much of a message is shown, in bytes.
const longestMessage = 80

// Tracer returns a tracer that passes everything on, and shows messages of agents.
func (l *Live) Tracer(next sim.Tracer) sim.Tracer { return &messageTracer{next, l} }

type messageTracer struct {
	sim.Tracer
	live *Live
}

// Write implements [sim.Tracer].
func (t *messageTracer) Write(steps []sim.TraceStep) error {
	// Of more than are kept, the first need not be looked at.
	n := 0
	first := len(steps)
	for first > 0 && n < mostKept {
		first--
		for i := range steps[first].Agents {
			if steps[first].Agents[i].Message != nil {
				n++
			}
		}
	}
	for i := first; i < len(steps); i++ {
		for j := range steps[i].Agents {
			if e := &steps[i].Agents[j]; e.Message != nil {
				t.live.tell(messageOf(e))
			}
		}
	}
	return t.Tracer.Write(steps)
}

func messageOf(e *sim.AgentEvent) Message {
	m := e.Message
	text := string(m.Content)
	switch {
	case m.Err != "":
		text = m.Err
	case m.Kind != container.AnswerMessage && len(text) >= 2 && text[0] == '[':
		text = m.Method + "(" + text[1:len(text)-1] + ")"
	case m.Kind != container.AnswerMessage:
		text = m.Method + " " + text
	}
	if len(text) > longestMessage {
		text = text[:longestMessage] + "..."
	}
	return Message{At: e.Time.Seconds(), Round: e.Round, Kind: m.Kind.String(), Fate: m.Fate.String(), From: m.From, To: m.To, Text: text}
}
