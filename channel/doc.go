// Package channel carries requests and replies in frames over a connection.
//
// # Model
//
// A [Conn] joins two peers of equal rights: each sends requests and answers the
// other's. [Dial] makes one, a [Listener] accepts one, [New] takes any net.Conn.
// A request is a value; its reply is a result or a failure. [Conn.Call] sends a
// request and waits; [Conn.Start] sends several in one write and returns a
// [Pending] for each. The peer's requests go to the [Handler] of the [Config].
//
//	conn, err := channel.Dial(ctx, "tcp://127.0.0.1:5555", channel.Config{})
//	if err != nil {
//		return err
//	}
//	defer conn.Close()
//	reply, err := conn.Call(ctx, []any{"add", []any{1, 2}, codec.Object{}})
//
// # Loops
//
// A program that has a loop of its own, and may call thousands of times at once,
// needs no goroutine for a call. Config.Receive is given each request of the peer as
// a [Request], to be answered whenever the loop has the answer; [Conn.Begin] sends
// a request and tells a [Completer] of its outcome. Both are called by goroutines
// of the connection, one at a time: by the one that reads, in the order in which
// messages arrived, or, with the reason, when the connection has ended. They must
// not block, nor call Close, but may call Begin, Reply, Fail and Abort, which do
// not wait. Usually they put aside what they are given, and Config.AfterBatch,
// which is called when all that came together has been told, wakes the loop.
//
// Between [Conn.Cork] and [Conn.Uncork] what is sent gathers, to leave in one write.
// What is sent by Receive and by completers gathers by itself.
//
// # Wire format
//
// As spoken by aiomas 2.0.1 and by mosaik-api-v3 3.0.16:
//
//	frame   = length payload
//	length  = uint32, big endian: the number of payload bytes
//	payload = the codec's encoding of [type, id, content]
//	type    = 0 request, 1 result, 2 failure
//
// A codec that packs, such as one that compresses, packs the payload as a whole.
//
// There is no handshake: both sides must use the same codec. Each direction
// counts its requests from 0. A reply carries the id of its request; the id of
// a peer's request is opaque and is sent back as it came.
//
// Between two ends that are both set to it ([Config] Extended), never to other
// peers, there are three more types, all with id null:
//
//	3 one-way message, content as that of a request; it is not answered
//	4 question for a sign of life, content null
//	5 the answer to it, content null
//
// In JSON a question is 00 00 00 0f and then [4, null, null].
//
// # Transports
//
// tcp://, tls:// (both sides show certificates; see [TLS]), ipc:// (a Unix
// socket) and local:// (the memory of this process, byte for byte as over a
// socket, under testing/synctest too).
//
// # Guarantees
//
// Replies may come in any order. Requests of one goroutine leave in the order of
// its calls. A call whose context ends does not disturb the connection; its
// reply is dropped when it comes.
//
// A connection ends once, for one reason: everybody who waits gets it, and Err
// reports it. Reasons are [ErrClosed], [ErrPeerClosed] (also when the peer's
// end was reset), a [*ProtocolError], a write that timed out, or what was given
// to Abort. After Close, no goroutine of the connection is left.
//
// Frames, requests that are not answered (their number and their bytes), open calls and bytes waiting to be
// written are bounded; see Config and the constants. A request counts until it is
// answered and its answer is not among too much that waits to be written. While the bound on requests
// is reached nothing is read, so the peer is slowed down; if this side then
// waits for replies itself, further requests are refused with a failure
// instead, so that two busy peers never wait for each other.
//
// All methods may be called concurrently.
package channel
