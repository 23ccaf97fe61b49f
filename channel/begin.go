package channel

import "github.com/simrun/simrun/codec"

// A Completer is told how a call that was begun with Begin has ended.
type Completer interface {
	// Complete is called once for each call: with the reply, which may be kept,
	// with a *RemoteError if the peer replied with a failure, or with the reason
	// why the connection ended. A goroutine of the connection calls it, so it must
	// not block.
	Complete(reply codec.Raw, err error)
}

// Begin sends a request, and has to told of its outcome. It does not wait, not
// even while much is waiting to be written: MaxOpenCalls bounds what gathers. If it
// fails nothing is sent and to is not told; the errors are those of Start.
//
// Content is encoded before Begin returns.
func (c *Conn) Begin(content any, to Completer) error {
	d := c.drafts.Get().(*draft)
	defer c.discard(d)
	if err := d.add(c.cfg.Codec, content); err != nil {
		return err
	}
	c.out.mu.Lock()
	_, err := c.begin(d, to)
	c.out.unlock(c.waiting.Load() == 1)
	return err
}

// Cork lets what this side sends gather until Uncork is called as often as Cork
// was. It then leaves in one write, or earlier if much has gathered or Close is
// called.
func (c *Conn) Cork() {
	c.out.mu.Lock()
	c.out.corks++
	c.out.mu.Unlock()
}

// Uncork ends what Cork began.
func (c *Conn) Uncork() {
	c.out.mu.Lock()
	c.out.corks--
	c.out.unlock(true)
}
