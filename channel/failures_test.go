package channel_test

import (
	"context"
	"errors"
	"io"
	"net"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// What a peer may do wrong, and how the connection ends: all who wait get the
// same reason, and nothing is answered any more. aiomas drops such frames (on
// Python 3.6) or closes; we always close.
func TestBrokenProtocol(t *testing.T) {
	for _, tt := range []struct {
		name string
		data string // after one request of ours
		want string
	}{
		{"message type 3", string(frame(`[3, 0, "x"]`)), `the message type is "3" instead of 0, 1 or 2; the peer sent "[3, 0, \"x\"]"`},
		{"message type 7, then a good frame", string(frame(`[7, 0, 0]`)) + string(frame(`[0, 3, "x"]`)), `the message type is "7"`},
		{"message type string", string(frame(`["0", 0, "x"]`)), `the message type is "\"0\""`},
		{"message type null", string(frame(`[null, 0, "x"]`)), `the message type is "null"`},
		{"message type 0.0", string(frame(`[0.0, 1, "x"]`)), `the message type is "0.0"`},
		{"message type false", string(frame(`[false, 1, "x"]`)), `the message type is "false"`},
		{"message type negative", string(frame(`[-1, 1, "x"]`)), `the message type is "-1"`},
		{"result for an unknown id", string(frame(`[1, 5, "x"]`)), `a reply to request 5, which is unknown or was answered before`},
		{"failure for an unknown id", string(frame(`[2, 5, "x"]`)), `a reply to request 5, which is unknown`},
		{"result for an id to come", string(frame(`[1, 1, "x"]`)), `a reply to request 1, which is unknown`},
		{"result for a negative id", string(frame(`[1, -1, "x"]`)), `a reply to request -1, which is unknown`},
		{"result without an id", string(frame(`[1, null, "x"]`)), `the id of a reply is not one of this side's requests`},
		{"result for a float", string(frame(`[1, 0.0, "x"]`)), `the id of a reply is not one of this side's requests`},
		{"payload object", string(frame(`{"a": 1}`)), `a payload is not json [type, id, content]: json: at byte 0: found an object instead of an array; does the peer use another codec?; the peer sent`},
		{"payload string", string(frame(`"abc"`)), `found a string instead of an array`},
		{"payload number", string(frame(`42`)), `found an integer instead of an array`},
		{"payload of 2", string(frame(`[0, 1]`)), `a message has 2 items instead of 3`},
		{"payload of 4", string(frame(`[0, 1, 2, 3]`)), `a message has 4 items instead of 3`},
		{"zero length frame", string(frame(``)), `the data end where an array should be; the peer sent ""`},
		{"invalid JSON", string(frame(`[0, 1,`)), `the data end where a value should be; the peer sent "[0, 1,"`},
		{"invalid JSON, then a good frame", string(frame(`oops`)) + string(frame(`[1, 0, "x"]`)), `found "o" instead of an array`},
		{"invalid UTF-8", string(frame("[0, 1, \"\xff\"]")), `invalid UTF-8 in a string: byte 0xff`},
		{"byte order mark", string(frame("\xef\xbb\xbf[0, 1, 2]")), `found "\xef" instead of an array`},
		{"raw control character", string(frame("[0, 1, \"\x01\"]")), `raw control character 0x01`},
		{"trailing bytes", string(frame(`[0, 1, 2] x`)), `bytes follow the value`},
		{"nested 100000 deep", string(frame("[0, 1, " + strings.Repeat("[", 100000) + strings.Repeat("]", 100000) + "]")), `nested deeper than 512 levels`},
		{"header of 4 GiB", "\xff\xff\xff\xff", `a frame of 4294967295 bytes exceeds the limit of 16777216 bytes (MaxFrame)`},
		{"another protocol", "GET / HTTP/1.1\r\n\r\n", `a frame of 1195725856 bytes exceeds the limit`},
		{"end in a header", "\x00\x00", `the peer closed the connection in the middle of a frame (2 of 4 bytes of its header)`},
		{"end after a header", "\x00\x00\x00\x0b", `the peer closed the connection in the middle of a frame (0 of 11 bytes of its payload)`},
		{"end in a payload", "\x00\x00\x00\x0b[1, 0", `the peer closed the connection in the middle of a frame (5 of 11 bytes of its payload)`},
		{"end", "", `the peer closed the connection`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			entered, handled := make(chan bool, 1), make(chan error, 1)
			c, peer := newScripted(t, channel.Config{
				Handler: func(ctx context.Context, _ *channel.Conn, _ codec.Raw) (any, error) {
					entered <- true
					<-ctx.Done()
					handled <- context.Cause(ctx)
					return nil, ctx.Err()
				},
			})
			call := start(t, c, "ours")
			peer.expect(`[0, 0, "ours"]`)
			peer.send(`[0, 0, "a request that is being handled"]`)
			<-entered

			go func() {
				_, _ = peer.nc.Write([]byte(tt.data)) // what is not read is lost
				if !strings.Contains(tt.want, "protocol") {
					_ = peer.nc.Close()
				}
			}()
			<-c.Done()
			reason := c.Err()
			require.ErrorContains(t, reason, "connection to pipe: ")
			require.ErrorContains(t, reason, tt.want)
			_, err := call.Wait(t.Context())
			require.Equal(t, reason, err)
			require.Equal(t, reason, <-handled)
			_, err = c.Call(t.Context(), "later")
			require.Equal(t, reason, err)

			var (
				protocol *channel.ProtocolError
				large    *channel.FrameTooLargeError
			)
			require.True(t, errors.As(err, &protocol) || errors.As(err, &large) || errors.Is(err, channel.ErrPeerClosed), "%v", err)
		})
	}
}

// What looks odd but is allowed.
func TestToleratedRequests(t *testing.T) {
	for _, tt := range []struct{ name, payload, want string }{
		{"white space around", " \n[0,1,[\"a\",[5],{}]] ", `[1, 1, ["a",[5],{}]]`},
		{"raw UTF-8", `[0, 1, "ü€😀"]`, `[1, 1, "ü€😀"]`},
		{"NaN and infinities", `[0, 1, [NaN, Infinity, -Infinity]]`, `[1, 1, [NaN, Infinity, -Infinity]]`},
		{"id string", `[0, "abc", 5]`, `[1, "abc", 5]`},
		{"id null", `[0, null, 5]`, `[1, null, 5]`},
		{"id list", `[0, [1], 5]`, `[1, [1], 5]`},
		{"id float", `[0, 1.5, 5]`, `[1, 1.5, 5]`},
		{"id negative", `[0, -1, 5]`, `[1, -1, 5]`},
		{"id 2**70", `[0, 1180591620717411303424, 5]`, `[1, 1180591620717411303424, 5]`},
		{"id object", `[0, {"a":1}, 5]`, `[1, {"a":1}, 5]`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, peer := newScripted(t, channel.Config{Handler: echo})
			peer.send(tt.payload)
			peer.expect(tt.want)
			peer.send(tt.payload) // the same id again is a new request
			peer.expect(tt.want)
		})
	}
}

func TestByteByByteAndTogether(t *testing.T) {
	c, peer := newScripted(t, channel.Config{Handler: echo, Workers: 1})
	call := start(t, c, "x")
	peer.expect(`[0, 0, "x"]`)
	data := append(frame(`[0, 0, "bytewise"]`), frame(`[1, 0, "y"]`)...)
	go func() {
		for i := range data {
			_, _ = peer.nc.Write(data[i : i+1]) // an error shows below
		}
	}()
	peer.expect(`[1, 0, "bytewise"]`)
	require.Equal(t, `"y"`, answer(t, call))

	go func() { _, _ = peer.nc.Write(append(frame(`[0, 1, 1]`), frame(`[0, 2, 2]`)...)) }()
	peer.expect(`[1, 1, 1]`)
	peer.expect(`[1, 2, 2]`)
}

func TestRepliesInAnyOrder(t *testing.T) {
	c, peer := newScripted(t, channel.Config{})
	pending, err := c.Start(t.Context(), "a", "b", "c")
	require.NoError(t, err)
	for _, want := range []string{`[0, 0, "a"]`, `[0, 1, "b"]`, `[0, 2, "c"]`} {
		peer.expect(want)
	}
	for _, reply := range []string{`[1, 2, "C"]`, `[1, 0, "A"]`, `[1, 1, "B"]`} {
		peer.send(reply)
	}
	for i, want := range []string{`"A"`, `"B"`, `"C"`} {
		require.Equal(t, want, answer(t, pending[i]))
		require.Equal(t, want, answer(t, pending[i]), "waiting again")
	}
}

func TestSecondReplyIsAnError(t *testing.T) {
	c, peer := newScripted(t, channel.Config{})
	call := start(t, c, "x")
	peer.expect(`[0, 0, "x"]`)
	peer.send(`[1, 0, 1]`)
	require.Equal(t, "1", answer(t, call))
	peer.send(`[1, 0, 1]`)
	<-c.Done()
	require.ErrorContains(t, c.Err(), "protocol error: a reply to request 0, which is unknown or was answered before")
	require.Equal(t, "1", answer(t, call), "the first reply stays")
}

// aiomas closes the connection on the late reply to a call that was cancelled.
func TestCancelledCallThenLateReply(t *testing.T) {
	gaveUp := errors.New("the user pressed a key")
	for _, reply := range []string{`[1, 0, "late"]`, `[2, 0, "late failure"]`} {
		c, peer := newScripted(t, channel.Config{})
		ctx, cancel := context.WithCancelCause(t.Context())
		call, err := c.Start(ctx, "slow")
		require.NoError(t, err)
		peer.expect(`[0, 0, "slow"]`)
		cancel(gaveUp)
		_, err = call[0].Wait(ctx)
		require.Equal(t, gaveUp, err)

		other := start(t, c, "other")
		peer.expect(`[0, 1, "other"]`)
		peer.send(reply)
		peer.send(`[1, 1, "fine"]`)
		require.Equal(t, `"fine"`, answer(t, other))
		_, err = call[0].Wait(t.Context())
		require.Equal(t, gaveUp, err, "given up is given up")

		peer.send(reply)
		<-c.Done()
		require.ErrorContains(t, c.Err(), "which is unknown or was answered before")
	}
}

func TestReplyOfACallNobodyWaitsForIsDropped(t *testing.T) {
	c, peer := newScripted(t, channel.Config{})
	pending, err := c.Start(t.Context(), "step", "get_data")
	require.NoError(t, err)
	peer.expect(`[0, 0, "step"]`)
	peer.expect(`[0, 1, "get_data"]`)
	peer.send(`[2, 0, ["ValueError", "1"]]`)
	_, err = pending[0].Wait(t.Context())
	require.EqualError(t, err, "ValueError: 1")
	next := start(t, c, "stop")
	peer.expect(`[0, 2, "stop"]`)
	peer.send(`[1, 1, {}]`)
	peer.send(`[1, 2, null]`)
	require.Equal(t, "null", answer(t, next))
}

// A header makes no memory; only bytes that have come do.
func TestLargeFrameTakesMemoryAsItArrives(t *testing.T) {
	c, peer := newScripted(t, channel.Config{MaxFrame: 1 << 30})
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	peer.write([]byte("\x3f\xff\xff\xff[1, 0, "))
	_ = peer.nc.Close()
	<-c.Done()
	runtime.ReadMemStats(&after)
	require.Less(t, after.TotalAlloc-before.TotalAlloc, uint64(1<<20))
	require.ErrorContains(t, c.Err(), "(7 of 1073741823 bytes of its payload)")
}

func TestLargeFrames(t *testing.T) {
	a, b := net.Pipe()
	left, right := channel.New(a, channel.Config{}), channel.New(b, channel.Config{Handler: echo})
	defer func() {
		require.NoError(t, left.Close())
		require.NoError(t, right.Close())
	}()
	for _, size := range []int{1 << 10, 64<<10 - 12, 64 << 10, 64<<10 + 1, 1 << 20, 10 << 20} {
		text := strings.Repeat("x", size)
		reply, err := left.Call(t.Context(), text)
		require.NoError(t, err)
		require.Equal(t, size+2, len(reply))
		require.True(t, string(reply[1:size+1]) == text)
	}
}

func TestWhatIsTooLargeIsNotSent(t *testing.T) {
	big := strings.Repeat("x", 200)
	c, peer := newScripted(t, channel.Config{MaxFrame: 100, Handler: func(context.Context, *channel.Conn, codec.Raw) (any, error) {
		return big, nil
	}})
	_, err := c.Call(t.Context(), big)
	var tooLarge *channel.FrameTooLargeError
	require.ErrorAs(t, err, &tooLarge)
	require.EqualError(t, err, "a frame of 210 bytes exceeds the limit of 100 bytes (MaxFrame)")
	_, err = c.Start(t.Context(), "good", big)
	require.ErrorAs(t, err, &tooLarge)
	start(t, c, "good")
	peer.expect(`[0, 0, "good"]`) // nothing of the others was sent, not even an id is missing

	peer.send(`[0, 0, "give me much"]`)
	peer.expect(`[2, 0, "Error: a frame of 210 bytes exceeds the limit of 100 bytes (MaxFrame)\n"]`)
}

func TestWhatCannotBeEncoded(t *testing.T) {
	c, peer := newScripted(t, channel.Config{
		Handler: func(_ context.Context, _ *channel.Conn, content codec.Raw) (any, error) {
			if string(content) == `"bad failure"` {
				return nil, errors.New("\xff")
			}
			return make(chan int), nil
		},
	})
	_, err := c.Call(t.Context(), []any{1, func() {}})
	require.EqualError(t, err, "json: cannot encode $[1]: the Go type func() has no JSON form")
	peer.send(`[0, 0, null]`)
	peer.expect(`[2, 0, "SerializationError: its result: json: cannot encode $: the Go type chan int has no JSON form\n"]`)
	peer.send(`[0, 1, "bad failure"]`)
	peer.expect(`[2, 1, "SerializationError: the failure cannot be sent\n"]`)
}

func TestNoHandler(t *testing.T) {
	_, peer := newScripted(t, channel.Config{})
	peer.send(`[0, 0, "anybody there?"]`)
	peer.expect(`[2, 0, "LookupError: this side of the connection serves no requests\n"]`)
}

// A peer that reads nothing ends the connection after WriteTimeout, and until
// then holds up nobody whose context ends.
func TestPeerThatReadsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, _ := newScripted(t, channel.Config{WriteTimeout: 5 * time.Second})
		began := time.Now()
		first := start(t, c, strings.Repeat("x", 1<<20))
		start(t, c, strings.Repeat("x", 1<<20))
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		_, err := c.Call(ctx, "there is no room for this one")
		require.ErrorIs(t, err, context.DeadlineExceeded)
		require.Equal(t, time.Second, time.Since(began))
		require.NoError(t, c.Err())

		_, err = first.Wait(t.Context())
		require.ErrorContains(t, err, "the peer has not read what was sent to it for 5s (WriteTimeout)")
		require.Equal(t, 5*time.Second, time.Since(began))
	})
}

// A peer that is slow is no peer that reads nothing: a large frame may take many times
// the WriteTimeout.
func TestPeerThatReadsSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, peer := newScripted(t, channel.Config{WriteTimeout: 5 * time.Second})
		began := time.Now()
		text := strings.Repeat("x", 1<<20)
		call := start(t, c, text)
		received := make([]byte, 0, 2<<20)
		for len(received) < len(frame(`[0, 0, "`+text+`"]`)) {
			time.Sleep(2 * time.Second)
			n, err := io.ReadAtLeast(peer.nc, received[len(received):cap(received)][:60_000], 1)
			require.NoError(t, err)
			received = received[:len(received)+n]
		}
		require.Greater(t, time.Since(began), 30*time.Second)
		peer.send(`[1, 0, "got it"]`)
		require.Equal(t, `"got it"`, answer(t, call))
	})
}

func TestTooManyOpenCalls(t *testing.T) {
	c, peer := newScripted(t, channel.Config{})
	go func() {
		for {
			if _, err := peer.nc.Read(make([]byte, 1<<16)); err != nil {
				return
			}
		}
	}()
	contents := make([]any, 1<<10)
	for range channel.MaxOpenCalls / len(contents) {
		_, err := c.Start(t.Context(), contents...)
		require.NoError(t, err)
	}
	_, err := c.Call(t.Context(), nil)
	require.Equal(t, channel.ErrTooManyCalls, err)
	peer.send(`[1, 77, null]`)
	peer.send(`[0, 0, null]`) // once this is read, the reply has made room
	next := start(t, c, nil)
	peer.send(`[1, 65536, "ok"]`)
	require.Equal(t, `"ok"`, answer(t, next))
}

// A peer that sends 10,000 requests and never reads fills what is bounded, and is
// then cut off.
func TestPeerThatOnlySends(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		text := strings.Repeat("x", 1000)
		handled := 0
		c, peer := newScripted(t, channel.Config{MaxRequests: 100, Workers: 1, Handler: func(context.Context, *channel.Conn, codec.Raw) (any, error) {
			handled++
			return text, nil
		}})
		sent := 0
		began := time.Now()
		for ; sent < 10_000; sent++ {
			// Between its end and that of the socket a connection takes in what comes, and drops it.
			if _, err := peer.nc.Write(frame(`[0, 0, null]`)); err != nil || c.Err() != nil {
				break
			}
		}
		synctest.Wait()
		require.Less(t, handled, 750, "results for 256 KiB and for 100 requests, twice: those that wait, and those being written")
		require.Less(t, sent, handled+110)
		require.Equal(t, channel.DefaultWriteTimeout, time.Since(began))
		require.ErrorContains(t, c.Err(), "the peer has not read what was sent to it for 30s (WriteTimeout)")
	})
}

// A peer that closes one direction ends the connection; what it asked for before
// cannot be answered any more.
func TestHalfClose(t *testing.T) {
	l, err := channel.Listen("tcp://127.0.0.1:0", channel.Config{Handler: func(ctx context.Context, _ *channel.Conn, _ codec.Raw) (any, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	}})
	require.NoError(t, err)
	nc, err := net.Dial("tcp", strings.TrimPrefix(l.Addr(), "tcp://"))
	require.NoError(t, err)
	s, err := l.Accept(t.Context())
	require.NoError(t, err)
	_, err = nc.Write(frame(`[0, 0, null]`))
	require.NoError(t, err)
	require.NoError(t, nc.(*net.TCPConn).CloseWrite())
	_, err = nc.Read(make([]byte, 1))
	require.ErrorIs(t, err, io.EOF)
	require.ErrorIs(t, s.Err(), channel.ErrPeerClosed)
	require.NoError(t, s.Close())
	require.NoError(t, nc.Close())
	require.NoError(t, l.Close())
}
