package compress_test

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"math"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/internal/peertest"
)

// pythonPeer is testdata/peer.py, which see.
type pythonPeer struct {
	in  *bufio.Writer
	out *bufio.Reader
}

func startPython(t *testing.T) *pythonPeer {
	t.Helper()
	cmd := exec.Command(peertest.Python(t), "testdata/peer.py")
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		require.NoError(t, in.Close())
		require.NoError(t, cmd.Wait())
	})
	return &pythonPeer{bufio.NewWriter(in), bufio.NewReader(out)}
}

// ask sends a payload and a chunk, and returns the words of the answer.
func (p *pythonPeer) ask(t require.TestingT, payload, chunk []byte) [][]byte {
	_, err := fmt.Fprintf(p.in, "%x %x\n", payload, chunk)
	require.NoError(t, err)
	require.NoError(t, p.in.Flush())
	line, err := p.out.ReadString('\n')
	require.NoError(t, err)
	var words [][]byte
	for word := range strings.FieldsSeq(line) {
		data, err := hex.DecodeString(word)
		require.NoError(t, err)
		words = append(words, data)
	}
	return words
}

// The real msgpack reads what Go encodes, and writes the same bytes; the real Blosc
// reads what Go compresses, and Go reads what it compresses.
func TestRealPython(t *testing.T) {
	python := startPython(t)
	c := compress.Blosc(codec.MsgPack)
	check := func(t require.TestingT, v any) {
		payload, err := c.Append(nil, v)
		require.NoError(t, err)
		chunk, err := c.Pack(nil, payload)
		require.NoError(t, err)
		words := python.ask(t, payload, chunk)
		require.Equal(t, hex.EncodeToString(payload), hex.EncodeToString(words[0]))
		require.True(t, string(payload) == string(words[1]), "Blosc finds something else in what Go compressed")
		require.Len(t, words[2:], 16)
		for i, packed := range words[2:] {
			got, err := c.Unpack(nil, packed, len(payload))
			require.NoError(t, err)
			require.True(t, string(payload) == string(got), "compressed by Python, variant %d", i)
		}
	}
	numbers := make([]float64, 40000)
	for i := range numbers {
		numbers[i] = float64(i) / 10
	}
	for _, v := range []any{
		[]any{0, 17, []any{"agents/5/step", []any{1.5, "x"}, map[string]any{}}},
		[]any{math.NaN(), math.Inf(-1), math.Copysign(0, -1), uint64(math.MaxUint64), int64(math.MinInt64), nil, true, []byte{0, 255}},
		map[int]string{-1: "a", 300: "ü", 70000: strings.Repeat("z", 300)},
		strings.Repeat("the quick brown fox jumps over the lazy dog. ", 20000),
		[]byte(noise(70000)),
		numbers,
		[]any{codec.Extension{Type: 5, Data: []byte("abc")}},
	} {
		check(t, v)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(t, rapid.SliceOf(rapid.OneOf(
			rapid.Int64().AsAny(), rapid.Uint64().AsAny(), rapid.Float64().AsAny(), rapid.String().AsAny(), rapid.SliceOf(rapid.Byte()).AsAny(),
			rapid.MapOf(rapid.String(), rapid.Int64()).AsAny(), rapid.SliceOfN(rapid.Bool(), 0, 300).AsAny(),
		)).Draw(t, "value"))
	})
}
