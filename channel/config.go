package channel

import (
	"context"
	"time"

	"github.com/simrun/simrun/codec"
)

// Defaults and fixed limits.
const (
	// DefaultMaxFrame is the default of Config.MaxFrame: 16 MiB.
	DefaultMaxFrame = 16 << 20
	// DefaultMaxRequests is the default of Config.MaxRequests.
	DefaultMaxRequests = 4096
	// DefaultWriteTimeout is the default of Config.WriteTimeout.
	DefaultWriteTimeout = 30 * time.Second
	// MaxOpenCalls bounds the calls of one side that have no reply yet, those
	// that were given up included.
	MaxOpenCalls = 1 << 16
	// MaxUnanswered is the number of bytes of the peer's requests that were accepted
	// but not answered yet, and of answers that it does not read, from which on no more
	// are accepted, as if there were Config.MaxRequests of them.
	MaxUnanswered = 256 << 20
	// closeFlush is how long Close tries to write what is waiting to be written, and
	// how long what has come is read when nothing can be written any more.
	closeFlush = time.Second
	// maxUnwritten is the number of bytes waiting to be written from which on
	// senders wait.
	maxUnwritten = 256 << 10
	// enough is the number of bytes that are written without waiting for more to
	// gather.
	enough = 4 << 10
	// writePiece is the number of bytes that the peer is to take within the
	// WriteTimeout: of a large frame each piece has as long.
	writePiece = 64 << 10
	// keptBuffer is the largest write buffer that is kept for the next frames.
	keptBuffer = 64 << 10
)

// A Handler answers a request of the peer. content is what the peer sent; it may
// be kept. The result is encoded by the connection's codec; an error is sent as
// a failure, as is a result that cannot be encoded. ctx ends when the connection
// ends. A handler may call the peer over conn, but must not Close it. What it
// returns for a one-way message is dropped.
type Handler func(ctx context.Context, conn *Conn, content codec.Raw) (any, error)

// A Direction says which way a frame goes.
type Direction uint8

// The directions of frames.
const (
	Received Direction = iota
	Sent
)

// String returns "received" or "sent".
func (d Direction) String() string {
	if d == Sent {
		return "sent"
	}
	return "received"
}

// Config describes a connection. The zero Config is a JSON client that answers
// no requests.
type Config struct {
	// Codec encodes the payload of frames. Default: codec.JSON.
	Codec codec.Codec
	// Handler answers the peer's requests. Without one they get a failure.
	Handler Handler
	// Receive, if set, is given the peer's requests in place of the Handler, in the
	// order of arrival; replies are handed to their Completer in the same order.
	// See the package documentation.
	Receive func(*Request)
	// AfterBatch, if set, is called when calls to Receive and to Complete, for all
	// that has arrived together, have been made, on the same goroutine. Whoever
	// has put aside what these gave to it can now begin with all of it at once.
	AfterBatch func()
	// Workers is the largest number of requests handled at the same time. With
	// 1 they are handled in the order of arrival, if possible on the goroutine that
	// reads: that is the quickest where one request follows the other, and answers to
	// those that came together leave together. Another goroutine reads on when this
	// side waits for a reply or a request takes more than a few ms; that the
	// connection has ended is then seen so much later. Default: MaxRequests.
	Workers int
	// MaxRequests is the largest number of the peer's requests that are
	// accepted but not answered yet. Where both ends have many calls open at the
	// same time it should be MaxOpenCalls: then a peer of this package is never
	// refused one. Default: DefaultMaxRequests.
	MaxRequests int
	// MaxFrame is the largest payload, in bytes, sent and received. Default:
	// DefaultMaxFrame.
	MaxFrame int
	// WriteTimeout is how long a peer may take to read 64 KiB of what is sent to it:
	// one that reads nothing for so long ends the connection. Default:
	// DefaultWriteTimeout.
	WriteTimeout time.Duration
	// TLS secures connections to tls:// addresses, and also those to tcp://
	// addresses, as aiomas names them. Default: none.
	TLS *TLS
	// Retry lets Dial try again, with growing pauses of at most half a second,
	// while nobody listens, until its context ends.
	Retry bool
	// Extended says that the peer is of this package and Extended, too. Such
	// peers may send one-way messages. Others would end the connection.
	Extended bool
	// KeepAlive, if positive, is the time without a sign of life of the peer
	// after which it is asked for one; the connection ends if none comes for as
	// long again. It has an effect only if Extended. Default: none.
	KeepAlive time.Duration
	// Failure is the form in which an error of the Handler is sent. Default:
	// FailureText, which aiomas expects; mosaik expects FailureList.
	Failure func(error) any
	// OnFrame, if set, sees the payload of every frame, in the order of the
	// wire per direction, before it is acted upon or written. It must be fast,
	// must not call the connection, and must not keep a payload that was Sent.
	OnFrame func(dir Direction, payload []byte)
}

func (c Config) withDefaults() Config {
	if c.Codec == nil {
		c.Codec = codec.JSON
	}
	if c.Handler == nil {
		c.Handler = refuse
	}
	if c.MaxRequests <= 0 {
		c.MaxRequests = DefaultMaxRequests
	}
	if c.Workers <= 0 || c.Workers > c.MaxRequests {
		c.Workers = c.MaxRequests
	}
	if c.MaxFrame <= 0 {
		c.MaxFrame = DefaultMaxFrame
	}
	if c.WriteTimeout <= 0 {
		c.WriteTimeout = DefaultWriteTimeout
	}
	if !c.Extended {
		c.KeepAlive = 0
	}
	if c.Failure == nil {
		c.Failure = FailureText
	}
	return c
}

func refuse(context.Context, *Conn, codec.Raw) (any, error) {
	return nil, &RemoteError{Type: "LookupError", Message: "this side of the connection serves no requests"}
}
