package codec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
)

// hotCall is the content of a request as channel and rpc send it: [0, 17, ["agents/5/step", [1.5, "x"], {}]].
var hotCall any = &codec.Call{Path: "agents/5/step", Args: []any{1.5, "x"}}

// appendHot appends the message as package channel does.
func appendHot(dst []byte, c codec.Codec) ([]byte, error) {
	dst = c.AppendListNext(c.AppendInt(c.AppendListStart(dst, 3), 0))
	dst = c.AppendListNext(c.AppendInt(dst, 17))
	dst, err := c.Append(dst, hotCall)
	return c.AppendListEnd(dst), err
}

var hotBytes = []byte("\x93\x00\x11\x93\xadagents/5/step\x92\xcb\x3f\xf8\x00\x00\x00\x00\x00\x00\xa1x\x80")

func TestHotMsgPackDoesNotAllocate(t *testing.T) {
	buf := make([]byte, 0, 1024)
	parts := make([]codec.Raw, 0, 8)
	got, err := appendHot(nil, codec.MsgPack)
	require.NoError(t, err)
	require.Equal(t, hotBytes, got)
	for name, f := range map[string]func() error{
		"encode a call":   func() error { _, err := appendHot(buf, codec.MsgPack); return err },
		"split a message": func() error { _, err := codec.MsgPack.Split(parts, hotBytes); return err },
		"read a scalar":   func() error { _, err := codec.MsgPack.Int(hotBytes[2:3]); return err },
	} {
		require.NoError(t, f())
		require.Zero(t, testing.AllocsPerRun(100, func() { _ = f() }), name)
	}
}

func BenchmarkMsgPackAppendCall(b *testing.B) {
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := appendHot(buf, codec.MsgPack); err != nil {
			b.Fatal(err)
		}
	}
}

// The same message as values, as an application encodes them.
func BenchmarkMsgPackAppendValues(b *testing.B) {
	buf := make([]byte, 0, 1024)
	var message any = []any{int64(0), int64(17), []any{"agents/5/step", []any{1.5, "x"}, codec.Object{}}}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.MsgPack.Append(buf, message); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMsgPackSplitMessage(b *testing.B) {
	parts := make([]codec.Raw, 0, 8)
	b.ReportAllocs()
	b.SetBytes(int64(len(hotBytes)))
	for b.Loop() {
		if _, err := codec.MsgPack.Split(parts, hotBytes); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkMsgPackDecode(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		if _, err := codec.MsgPack.Decode(hotBytes); err != nil {
			b.Fatal(err)
		}
	}
}
