package channel

import (
	"context"
	"errors"
	"time"
)

// ErrNotExtended is returned by Send on a connection whose Config is not Extended.
var ErrNotExtended = errors.New("the connection is not extended (Config.Extended), so one-way messages cannot be sent")

// ErrSilent is the reason of a connection whose peer gave no sign of life for
// twice the time of Config.KeepAlive.
var ErrSilent = errors.New("the peer has not given a sign of life (KeepAlive)")

// Send sends one-way messages in one write, in order: requests that the peer
// handles but does not answer. It waits while too much is already waiting to be
// written. If it fails nothing is sent; the errors are those of Start, or
// ErrNotExtended.
func (c *Conn) Send(ctx context.Context, contents ...any) error {
	if !c.cfg.Extended {
		return ErrNotExtended
	}
	d := c.drafts.Get().(*draft)
	defer c.discard(d)
	for _, content := range contents {
		if err := d.add(c.cfg.Codec, content); err != nil {
			return err
		}
	}
	if err := c.out.lock(ctx); err != nil {
		return err
	}
	defer c.out.unlock(false)
	if c.out.closed {
		return c.Err()
	}
	start := len(c.out.buf)
	for i := range contents {
		if err := c.append(outgoing{typ: typeMessage, content: d.content(i)}); err != nil {
			c.out.buf = c.out.buf[:start]
			return err
		}
	}
	c.sent(start)
	return nil
}

// watch ends the connection when the peer is silent. Whatever comes is a sign of
// life. After KeepAlive without one, the peer is asked for it, and has as long
// again to give it. While this side has too much to do to read, it gives signs of life.
func (c *Conn) watch() {
	ticker := time.NewTicker(c.cfg.KeepAlive)
	defer ticker.Stop()
	for asked := false; ; {
		select {
		case <-ticker.C:
		case <-c.done:
			return
		}
		switch {
		case c.blocked.Load(): // nothing is read, so that the peer gets no answers to its questions either
			c.signal(typePing)
			asked = false
		case c.in.heard.Swap(false):
			asked = false
		case asked:
			c.end(ErrSilent, true)
			return
		default:
			c.signal(typePing)
			asked = true
		}
	}
}

// signal sends a message without content, unless much is waiting to be written:
// that is a sign of life, too.
func (c *Conn) signal(typ int64) {
	c.out.mu.Lock()
	defer c.out.unlock(false)
	if len(c.out.buf) >= maxUnwritten || c.out.closed {
		return
	}
	start := len(c.out.buf)
	_ = c.append(outgoing{typ: typ}) // a few bytes always fit
	c.sent(start)
}
