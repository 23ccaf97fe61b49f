package channel

import "github.com/simrun/simrun/codec"

// maxBatch is how many messages are acted upon together.
const maxBatch = 256

// A batch is messages that have come together, in their order. Acting upon all of
// them at once takes fewer locks and fewer writes.
type batch struct {
	messages []received
	parts    []codec.Raw // scratch space of parse
	admitted []request   // scratch space of serveAll
}

// received is a request or a reply.
type received struct {
	request request // of the peer; content is nil in a reply

	id      uint64 // of the request of this side that is answered
	reply   codec.Raw
	failure error
	to      Completer // nil if nobody waits for the reply any more
	payload []byte
}

func (m *received) isReply() bool { return m.request.content == nil }

// receive receives a message and puts it into b, if it is a request or a reply.
func (c *Conn) receive(b *batch) error {
	payload, err := c.next()
	if err != nil {
		return err
	}
	m, parts, err := c.parse(payload, b.parts)
	b.parts = parts
	if err != nil {
		return err
	}
	switch m.typ {
	case typeRequest:
		b.messages = append(b.messages, received{request: request{id: m.id, content: m.content}})
	case typeMessage:
		b.messages = append(b.messages, received{request: request{content: m.content}})
	case typePing:
		c.signal(typePong)
	case typePong: // it was heard
	default:
		id, err := c.cfg.Codec.Int(m.id)
		if err != nil {
			return protocolError(payload, "the id of a reply is not one of this side's requests")
		}
		r := received{id: uint64(id), reply: m.content, payload: payload}
		if m.typ == typeFailure {
			r.failure, r.reply = remoteError(c.cfg.Codec, m.content), nil
		}
		b.messages = append(b.messages, r)
	}
	return nil
}

// deliver acts upon b, and empties it.
func (c *Conn) deliver(b *batch) error {
	messages, fault := c.match(b.messages)
	c.delivering.Lock()
	defer c.delivering.Unlock()
	var err error
	if c.cfg.Receive == nil {
		err = c.serveAll(b, messages)
	} else {
		err = c.receiveAll(messages)
	}
	if c.cfg.AfterBatch != nil && len(messages) > 0 {
		c.cfg.AfterBatch()
	}
	clear(b.messages)
	b.messages = b.messages[:0]
	if err == nil {
		err = fault
	}
	return err
}

// serveAll completes calls and has requests handled by other goroutines, or puts
// them aside for attend.
func (c *Conn) serveAll(b *batch, messages []received) error {
	for i := range messages {
		c.complete(&messages[i])
	}
	admitted := b.admitted[:0]
	defer func() {
		c.enqueue(admitted, !c.attends)
		clear(admitted)
		b.admitted = admitted[:0]
	}()
	for i := range messages {
		m := &messages[i]
		if m.isReply() {
			continue
		}
		if c.full() {
			c.enqueue(admitted, true)
			admitted = admitted[:0]
		}
		ok, err := c.admit(m.request)
		if err != nil {
			return err
		}
		if ok {
			admitted = append(admitted, m.request)
		}
	}
	return nil
}

// receiveAll completes calls and hands out requests, in the order of messages.
// What that makes this side send leaves in one write.
func (c *Conn) receiveAll(messages []received) error {
	if len(messages) > 1 {
		c.cork(true)
		defer c.cork(false)
	}
	for i := range messages {
		m := &messages[i]
		if m.isReply() {
			c.complete(m)
			continue
		}
		ok, err := c.admit(m.request)
		if err != nil {
			return err
		}
		if ok {
			c.cfg.Receive(c.newRequest(m.request))
		}
	}
	return nil
}

// cork corks for the reader.
func (c *Conn) cork(on bool) {
	if c.corked = on; on {
		c.Cork()
	} else {
		c.Uncork()
	}
}

// complete tells whoever waits for a reply.
func (c *Conn) complete(m *received) {
	if m.to != nil {
		c.waiting.Add(-1)
		m.to.Complete(m.reply, m.failure)
	}
}

// completeAll ends calls for the reason of the connection's end.
func (c *Conn) completeAll(open callTable) {
	if open.len() == 0 {
		return
	}
	reason := c.Err()
	c.delivering.Lock()
	defer c.delivering.Unlock()
	open.all(func(to Completer) {
		c.waiting.Add(-1)
		to.Complete(nil, reason)
	})
	if c.cfg.AfterBatch != nil {
		c.cfg.AfterBatch()
	}
}

// match finds whom to tell of replies. It returns the messages before the first
// one that is wrong, and none once the connection has ended.
func (c *Conn) match(messages []received) ([]received, error) {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	c.out.traffic.Received, c.out.traffic.BytesReceived = c.in.frames, c.in.bytes
	if c.out.closed {
		return nil, nil
	}
	for i := range messages {
		m := &messages[i]
		if !m.isReply() {
			continue
		}
		to, open := c.out.calls.take(m.id)
		if !open {
			return messages[:i], protocolError(m.payload, "a reply to request %d, which is unknown or was answered before", int64(m.id))
		}
		m.to = to
	}
	return messages, nil
}
