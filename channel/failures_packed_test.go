package channel_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
)

// What TestBrokenProtocol shows for JSON holds for the other codecs.
func TestBrokenProtocolOfOtherCodecs(t *testing.T) {
	blosc := compress.Blosc(codec.MsgPack)
	// chunk is a Blosc chunk that stores its data.
	chunk := func(data string) string {
		n := string([]byte{byte(len(data)), 0, 0, 0})
		return "\x02\x01\x13\x08" + n + n + string([]byte{byte(len(data) + 16), 0, 0, 0}) + data
	}
	for _, tt := range []struct {
		name    string
		codec   codec.Codec
		payload string
		want    string
	}{
		{"message type 7", codec.MsgPack, "\x93\x07\x00\x00", `the message type is "\a" instead of 0, 1 or 2`},
		{"message type 0.0", codec.MsgPack, "\x93\xcb\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00", `the message type is "\xcb`},
		{"message type false", codec.MsgPack, "\x93\xc2\x00\x00", `the message type is "\xc2"`},
		{"result for an unknown id", codec.MsgPack, "\x93\x01\x05\xc0", `a reply to request 5, which is unknown or was answered before`},
		{"failure for an unknown id", codec.MsgPack, "\x93\x02\xcd\x01\x00\xa1x", `a reply to request 256, which is unknown`},
		{"result for a huge id", codec.MsgPack, "\x93\x01\xcf\xff\xff\xff\xff\xff\xff\xff\xff\xc0", `the id of a reply is not one of this side's requests`},
		{"empty frame", codec.MsgPack, "", `the data end where a value should be`},
		{"no list", codec.MsgPack, "\x80", `found an object instead of an array`},
		{"2 items", codec.MsgPack, "\x92\x00\x00", `a message has 2 items instead of 3`},
		{"4 billion items", codec.MsgPack, "\xdd\xff\xff\xff\xff", `an array of at least 4294967295 bytes, but 0 are left`},
		{"bad UTF-8", codec.MsgPack, "\x93\x00\x00\xa1\xff", `is not valid UTF-8`},
		{"cut off", codec.MsgPack, "\x93\x00\x00\xa5abc", `a string of at least 5 bytes, but 3 are left`},
		{"trailing bytes", codec.MsgPack, "\x93\x00\x00\x00\x00", `1 bytes follow the value`},
		{"nested 100000 deep", codec.MsgPack, "\x93\x00\x00" + strings.Repeat("\x91", 100000) + "\xc0", `nested deeper than 512 levels`},
		{"JSON", codec.MsgPack, `[0, 0, null]`, `found an integer instead of an array`},
		{"MsgPack", codec.JSON, "\x93\x00\x00\x00", `instead of an array`},
		{"not packed", blosc, "\x93\x00\x00\x00", `a payload is not packed as by msgpack-blosc`},
		{"packed rubbish", blosc, chunk("\xc1"), `found byte 0xc1, which begins no value`},
		{"packed, 2 items", blosc, chunk("\x92\x00\x00"), `a message has 2 items instead of 3`},
		{"packed, 4 GiB", blosc, "\x02\x01\x13\x08\xff\xff\xff\xff\xff\xff\xff\xff\x10\x00\x00\x00", `a payload is not packed as by msgpack-blosc`},
	} {
		t.Run(tt.codec.Name()+" "+tt.name, func(t *testing.T) {
			c, peer := newScripted(t, channel.Config{Codec: tt.codec, Handler: echo})
			call := start(t, c, "ours")
			peer.receive()
			go func() { _, _ = peer.nc.Write(frame(tt.payload)) }() // what is not read is lost
			<-c.Done()
			require.ErrorContains(t, c.Err(), tt.want)
			require.ErrorAs(t, c.Err(), new(*channel.ProtocolError))
			_, err := call.Wait(t.Context())
			require.Equal(t, c.Err(), err)
		})
	}
}
