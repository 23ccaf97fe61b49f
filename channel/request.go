package channel

import (
	"sync/atomic"

	"github.com/simrun/simrun/codec"
)

// A Request is a request of the peer that was given to Config.Receive. It is to be
// answered once, by Reply or Fail, from any goroutine; that does not wait. Until
// then it counts for MaxRequests, and as long as its answer is among too much that
// waits to be written. A one-way message is a Request, too; its answer is dropped.
type Request struct {
	conn     *Conn
	request  request
	answered atomic.Bool
}

// requestBlock is how many Requests are made at once. While one is open it keeps
// the memory of its neighbours, but not their contents.
const requestBlock = 16

// newRequest makes a Request. Only the reader calls it.
func (c *Conn) newRequest(r request) *Request {
	if len(c.block) == 0 {
		c.block = make([]Request, requestBlock)
	}
	out := &c.block[0]
	c.block = c.block[1:]
	out.conn, out.request = c, r
	return out
}

// Conn returns the connection over which the request came.
func (r *Request) Conn() *Conn { return r.conn }

// Content returns what the peer sent, and nil once the request is answered. It may
// be kept.
func (r *Request) Content() codec.Raw { return r.request.content }

// Reply answers with a result. One that cannot be encoded becomes a failure. Reply
// panics if the request has been answered before.
func (r *Request) Reply(result any) { r.answer(result, nil) }

// Fail answers with a failure, in the form of Config.Failure. It panics if the
// request has been answered before.
func (r *Request) Fail(err error) { r.answer(nil, err) }

func (r *Request) answer(result any, err error) {
	if r.answered.Swap(true) {
		panic("channel: a request is answered twice")
	}
	d := r.conn.drafts.Get().(*draft)
	r.conn.reply(d, r.request, result, err)
	r.conn.drafts.Put(d)
	r.request = request{}
}
