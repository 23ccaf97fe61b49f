package blosc_test

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/internal/blosc"
)

// A vector is a chunk by the real Blosc; see testdata/README.md.
type vector struct{ Name, Rule, Raw, Chunk string }

func vectors(t testing.TB, file string) []vector {
	t.Helper()
	data, err := os.ReadFile("testdata/" + file)
	require.NoError(t, err)
	var all []vector
	require.NoError(t, json.Unmarshal(data, &all))
	return all
}

func unhex(t testing.TB, s string) []byte {
	t.Helper()
	data, err := hex.DecodeString(s)
	require.NoError(t, err)
	return data
}

// raw returns what is in the chunk of v, or what is known of it.
func (v vector) raw(t testing.TB) []byte {
	t.Helper()
	i := strings.LastIndexByte(v.Rule, ' ')
	n, err := strconv.Atoi(v.Rule[i+1:])
	require.NoError(t, err)
	out := make([]byte, 0, n+8)
	switch v.Rule[:i] {
	case "zeros":
		return make([]byte, n)
	case "count":
		for i := range n {
			out = append(out, byte(i))
		}
	case "ramp", "float64 ramp":
		for i := 0; len(out) < n; i++ {
			out = binary.LittleEndian.AppendUint64(out, math.Float64bits(float64(i)/10))
		}
	case "text":
		out = bytes.Repeat([]byte("the quick brown fox jumps over the lazy dog. "), n/45+1)
	case "lcg":
		if v.Raw == "" { // too long for testdata; it is stored
			return unhex(t, v.Chunk)[16:]
		}
		return unhex(t, v.Raw)
	default:
		t.Fatalf("unknown rule %q", v.Rule)
	}
	return out[:n]
}

func TestDecompressRealChunks(t *testing.T) {
	for file, want := range map[string]int{"vectors_1.5.json": 41, "vectors_1.21.json": 105} {
		all := vectors(t, file)
		require.Len(t, all, want)
		for _, v := range all {
			raw, chunk := v.raw(t), unhex(t, v.Chunk)
			got, err := blosc.Decompress([]byte("before"), chunk, len(raw))
			if assert.NoError(t, err, v.Name) {
				assert.True(t, string(got) == "before"+string(raw), "%s: other bytes", v.Name)
			}
			_, err = blosc.Decompress(nil, chunk, len(raw)-1)
			assert.ErrorContains(t, err, "more than the limit of", v.Name)
		}
	}
}

func TestCompress(t *testing.T) {
	for _, tt := range []struct {
		title string
		data  []byte
		most  int // bytes of the chunk
	}{
		{"nothing", nil, 16},
		{"a little", []byte("abc"), 19},
		{"zeros", make([]byte, 1<<20), 18000},
		{"text", vector{Rule: "text 100000"}.raw(t), 2000},
		{"random", randomBytes(300000), 300016},
		{"random, then zeros", append(randomBytes(1<<18), make([]byte, 1<<18)...), 1<<18 + 6000},
		{"far matches", append(randomBytes(60000), randomBytes(60000)...), 62500},
	} {
		chunk := blosc.Compress([]byte("before"), tt.data)[6:]
		assert.LessOrEqual(t, len(chunk), tt.most, tt.title)
		got, err := blosc.Decompress(nil, chunk, len(tt.data))
		require.NoError(t, err, tt.title)
		require.True(t, bytes.Equal(tt.data, got), tt.title)
		require.Equal(t, chunk, blosc.Compress(nil, tt.data), "not the same twice")
	}
	require.Equal(t, "02010208030000000300000013000000616263", hex.EncodeToString(blosc.Compress(nil, []byte("abc"))))
}

// randomBytes are bytes that do not compress, the same every time.
func randomBytes(n int) []byte {
	out := make([]byte, n)
	state := uint64(1)
	for i := range out {
		state = state*6364136223846793005 + 1442695040888963407
		out[i] = byte(state >> 56)
	}
	return out
}

func TestDecompressIsTheInverseOfCompress(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		words := rapid.SliceOfN(rapid.SliceOfN(rapid.Byte(), 0, 30), 1, 10).Draw(t, "words")
		var data []byte
		for _, i := range rapid.SliceOf(rapid.IntRange(0, len(words)-1)).Draw(t, "order") {
			data = append(data, words[i]...)
		}
		data = bytes.Repeat(data, rapid.IntRange(1, 50).Draw(t, "times"))
		chunk := blosc.Compress(nil, data)
		require.LessOrEqual(t, len(chunk), len(data)+16)
		got, err := blosc.Decompress(nil, chunk, len(data))
		require.NoError(t, err)
		require.True(t, bytes.Equal(data, got))
	})
}

func TestDecompressRefuses(t *testing.T) {
	// 1000 zeros: header, one offset, one stream of 14 bytes.
	var good []byte
	for _, v := range vectors(t, "vectors_1.5.json") {
		if v.Name == "zeros 1000" {
			good = unhex(t, v.Chunk)
		}
	}
	require.NotNil(t, good)
	with := func(offset int, value ...byte) []byte {
		chunk := bytes.Clone(good)
		copy(chunk[offset:], value)
		return chunk
	}
	for _, tt := range []struct {
		title string
		chunk []byte
		want  string
	}{
		{"nothing", nil, "blosc: a chunk of 0 bytes is shorter than its header of 16"},
		{"Blosc 2", with(0, 5), "blosc: the chunk has version 5.1 instead of 2.1"},
		{"items of no bytes", with(3, 0), "blosc: the header says that an item has 0 bytes"},
		{"blocks of no bytes", with(8, 0, 0), "blosc: the header says that a block of 1000 bytes of data has 0 bytes"},
		{"blocks larger than all", with(8, 0xe9), "blosc: the header says that a block of 1000 bytes of data has 1001 bytes"},
		{"one byte less", good[:len(good)-1], "blosc: the header says that the chunk has 38 bytes, but it has 37"},
		{"3 GiB", with(4, 0, 0, 0, 0xc0), "blosc: the header says that the data have 3221225472 bytes, more than the format can hold"},
		{"a bomb", with(4, 0, 0, 0, 0x70), "blosc: the chunk holds 1879048192 bytes, more than the limit of 1000"},
		{"stored, of another length", with(2, 0x13), "blosc: 22 bytes are stored where the header says 1000"},
		{"too many blocks", with(8, 1, 0), "blosc: a chunk of 38 bytes is too short for 1000 blocks"},
		{"offset behind the end", with(16, 0xff), "blosc: block 1 of 1: the offset 255 lies behind the end of the chunk"},
		{"offset at the end", with(16, 36), "blosc: block 1 of 1: the chunk ends within the length of a stream"},
		{"long stream", with(20, 15), "blosc: block 1 of 1: a stream of 15 bytes, but 14 are left"},
		{"negative stream", with(20, 0, 0, 0, 0x80), "blosc: block 1 of 1: a stream of -2147483648 bytes, but 14 are left"},
		{"short stream", with(20, 13), "blosc: block 1 of 1: damaged data: blosclz: the stream ends too early"},
		{"more than it should hold", with(4, 0xe0, 3, 0, 0, 0xe0, 3), "blosc: block 1 of 1: damaged data: blosclz: the stream holds more than it should"},
		{"snappy", with(2, 0x51), "blosc: block 1 of 1: it is compressed with snappy, which is not supported; let the peer use its default, blosclz"},
		{"unknown compressor", with(2, 0xf1), "blosc: block 1 of 1: it is compressed with an unknown compressor, number 7"},
		{"zlib", with(2, 0x71), "blosc: block 1 of 1: damaged data: zlib: invalid header"},
	} {
		got, err := blosc.Decompress([]byte("before"), tt.chunk, 1000)
		assert.EqualError(t, err, tt.want, tt.title)
		assert.Equal(t, "before", string(got), tt.title)
	}
}

// Many blocks that all point to one stream would be decompressed for hours.
func TestStreamsDoNotOverlap(t *testing.T) {
	const blocks = 1000
	stream := append(make([]byte, 0, 2000), 0)
	for len(stream) < 1999 {
		stream = append(stream, 0, 0)
	}
	chunk := []byte{2, 1, 0x10, 8}
	chunk = binary.LittleEndian.AppendUint32(chunk, blocks*1000)
	chunk = binary.LittleEndian.AppendUint32(chunk, 1000)
	chunk = binary.LittleEndian.AppendUint32(chunk, uint32(16+4*blocks+4+len(stream)))
	for range blocks {
		chunk = binary.LittleEndian.AppendUint32(chunk, 16+4*blocks)
	}
	chunk = binary.LittleEndian.AppendUint32(chunk, uint32(len(stream)))
	chunk = append(chunk, stream...)
	_, err := blosc.Decompress(nil, chunk, 1<<24)
	require.ErrorContains(t, err, "damaged data")
	copy(chunk[16+4*blocks:], []byte{232, 3, 0, 0}) // 1000 bytes as they are
	_, err = blosc.Decompress(nil, chunk, 1<<24)
	require.EqualError(t, err, "blosc: block 7 of 1000: its streams overlap others")
}

func FuzzDecompress(f *testing.F) {
	for _, file := range []string{"vectors_1.5.json", "vectors_1.21.json"} {
		for _, v := range vectors(f, file) {
			if len(v.Chunk) < 4000 {
				f.Add(unhex(f, v.Chunk))
			}
		}
	}
	f.Fuzz(func(t *testing.T, chunk []byte) {
		const limit = 1 << 20
		got, err := blosc.Decompress(nil, chunk, limit)
		if err != nil {
			return
		}
		if len(got) > limit {
			t.Fatalf("%d bytes", len(got))
		}
		back, err := blosc.Decompress(nil, blosc.Compress(nil, got), len(got))
		if err != nil || !bytes.Equal(got, back) {
			t.Fatalf("%x does not come back: %v", got, err)
		}
	})
}

func BenchmarkCompress(b *testing.B) {
	data := vector{Rule: "text 100000"}.raw(b)
	buf := make([]byte, 0, len(data))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		blosc.Compress(buf, data)
	}
}

func BenchmarkDecompress(b *testing.B) {
	var chunk []byte
	for _, v := range vectors(b, "vectors_1.5.json") {
		if v.Name == "float64 ramp 200000" {
			chunk = unhex(b, v.Chunk)
		}
	}
	buf := make([]byte, 0, 200000)
	b.SetBytes(200000)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := blosc.Decompress(buf, chunk, 200000); err != nil {
			b.Fatal(err)
		}
	}
}
