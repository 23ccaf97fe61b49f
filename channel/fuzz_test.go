package channel_test

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"testing"
	"testing/iotest"

	"github.com/simrun/simrun/channel"
)

var frameSeeds = [][]byte{
	nil, {0}, {0, 0, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 0, 5, 'h', 'a'},
	frame(`[0, 0, "x"]`), append(frame(`[1, 0, null]`), frame(`[2, 0, "ValueError: 1\n"]`)...), []byte("GET / HTTP/1.1\r\n\r\n"),
	{22, 3, 1, 0, 250, 1, 0}, append(frame("1"), 22, 3, 1, 0, 250), frame(`[0, 0, ["step", [0, {}, 10], {}]]`), frame(`[7, 0, 0]`), frame(`{"a": 1}`), append(frame(""), frame("[]")...),
}

// The frames that are read are those in the data, however these arrive; what is
// cut off or too large is an error, and nothing else is.
func FuzzReadFrame(f *testing.F) {
	const limit = 1 << 20
	for _, seed := range frameSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		whole := channel.NewFrameReader(bytes.NewReader(data), limit)
		bytewise := channel.NewFrameReader(iotest.OneByteReader(bytes.NewReader(data)), limit)
		for rest := data; ; {
			got, err := whole.Next()
			got2, err2 := bytewise.Next()
			if !bytes.Equal(got, got2) || (err == nil) != (err2 == nil) || err != nil && err.Error() != err2.Error() {
				t.Fatalf("together: %q, %v; byte by byte: %q, %v", got, err, got2, err2)
			}
			var size uint32
			if len(rest) >= 4 {
				size = binary.BigEndian.Uint32(rest)
			}
			_, tooLarge := errors.AsType[*channel.FrameTooLargeError](err)
			_, protocol := errors.AsType[*channel.ProtocolError](err)
			switch secured := len(rest) == len(data) && size>>16 == 0x1603; { // begins as TLS does
			case len(rest) >= 4 && size > limit:
				if tooLarge == secured || protocol != secured {
					t.Fatalf("a header of %d bytes gives %v", size, err)
				}
				return
			case len(rest) < 4 || len(rest)-4 < int(size):
				if !errors.Is(err, channel.ErrPeerClosed) || (err == channel.ErrPeerClosed) != (len(rest) == 0) {
					t.Fatalf("%d bytes at the end give %v", len(rest), err)
				}
				return
			case err != nil || !bytes.Equal(got, rest[4:4+size]):
				t.Fatalf("got %q, %v for the frame %q", got, err, rest[:4+size])
			}
			rest = rest[4+size:]
		}
	})
}

// Whatever a peer sends, the connection ends with a reason and nothing is left
// behind, whether requests go to a handler or to a receiver.
func FuzzConn(f *testing.F) {
	for _, seed := range frameSeeds {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		hear(t, data, channel.Config{Handler: echo, MaxFrame: 1 << 16, MaxRequests: 4})
		hear(t, data, channel.Config{Receive: func(r *channel.Request) { r.Reply(r.Content()) }, MaxFrame: 1 << 16, MaxRequests: 4})
	})
}

// hear lets a connection with an open call hear data.
func hear(t *testing.T, data []byte, cfg channel.Config) {
	a, b := net.Pipe()
	c := channel.New(a, cfg)
	drained := make(chan struct{})
	go func() {
		_, _ = io.Copy(io.Discard, b) // ends when either side closes
		close(drained)
	}()
	call := start(t, c, "x")
	_, _ = b.Write(data) // c may end before it has read all
	_ = b.Close()
	<-c.Done()
	if _, err := call.Wait(t.Context()); err == nil && !bytes.Contains(data, []byte("0")) {
		t.Fatalf("a call was answered by %q", data)
	}
	if c.Err() == nil {
		t.Fatal("the connection ended without a reason")
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	<-drained
}
