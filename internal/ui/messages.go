package ui

import (
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/sim"
)

const (
	// longestMessage is how much of a message is shown, in bytes.
	longestMessage = 80
	// roomForMessages is how many messages in a row are shown of a run without a trace from
	// one snapshot to the next; of long ones, of which each kilobyte counts as one, fewer.
	roomForMessages = 100
)

// makeRoom has messages told again, as many as there is room for.
func (l *Live) makeRoom() {
	l.mu.Lock()
	l.room = roomForMessages
	l.mu.Unlock()
	l.wanted.Store(true)
}

// Wants implements [sim.MessageWatch].
func (l *Live) Wants() bool { return l.wanted.Load() }

// Message implements [sim.MessageWatch].
func (l *Live) Message(e sim.AgentEvent) (more bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.room <= 0 {
		l.missed = true
		l.wanted.Store(false)
		return false
	}
	l.room -= 1 + len(e.Message.Content)/1024
	m := messageOf(&e)
	m.Gap, l.missed = l.missed, false
	l.show(m)
	return true
}

// show shows a message, which gets a number. l.mu is held.
func (l *Live) show(m Message) {
	l.agents.add(func(n int) Message { m.Number = n; return m })
}

// Tracer returns a tracer that passes everything on, and shows messages of agents.
func (l *Live) Tracer(next sim.Tracer) sim.Tracer { return &messageTracer{next, l} }

type messageTracer struct {
	sim.Tracer
	live *Live
}

// Write implements [sim.Tracer].
func (t *messageTracer) Write(steps []sim.TraceStep) error {
	t.show(steps)
	return t.Tracer.Write(steps)
}

func (t *messageTracer) show(steps []sim.TraceStep) {
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
	t.live.mu.Lock()
	defer t.live.mu.Unlock()
	for i := first; i < len(steps); i++ {
		for j := range steps[i].Agents {
			if e := &steps[i].Agents[j]; e.Message != nil {
				t.live.show(messageOf(e))
			}
		}
	}
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
