package channel

// Traffic is how much has gone over a connection, from the view of one end.
type Traffic struct {
	Sent, Received           int64 // frames
	BytesSent, BytesReceived int64 // of frames, headers included, packed payloads as they are packed
}

// Traffic tells what has been put out for the peer, and what has come from it and
// was acted upon.
func (c *Conn) Traffic() Traffic {
	c.out.mu.Lock()
	defer c.out.mu.Unlock()
	return c.out.traffic
}
