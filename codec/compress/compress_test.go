package compress_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/internal/recordings"
)

var packers = []codec.Packer{
	compress.LZ4(codec.JSON), compress.LZ4(codec.MsgPack), compress.Blosc(codec.JSON), compress.Blosc(codec.MsgPack),
}

func TestNames(t *testing.T) {
	var names []string
	for _, p := range packers {
		names = append(names, p.Name())
	}
	require.Equal(t, []string{"json-lz4", "msgpack-lz4", "json-blosc", "msgpack-blosc"}, names)
}

// What a packer encodes is what its codec encodes; only Pack changes it.
func TestPackersAreTheirCodecs(t *testing.T) {
	types, err := codec.NewTypes(codec.Date())
	require.NoError(t, err)
	for _, p := range packers {
		plain := codec.Codec(codec.JSON)
		if strings.HasPrefix(p.Name(), "msgpack") {
			plain = codec.MsgPack
		}
		bound, ok := p.WithTypes(types).(codec.Packer)
		require.True(t, ok, "%s loses its packing", p.Name())
		require.Equal(t, p.Name(), bound.Name())
		for _, c := range []codec.Codec{p, bound} {
			got, err := c.Append(nil, []any{1, "a", 2.5})
			require.NoError(t, err)
			want, err := plain.Append(nil, []any{1, "a", 2.5})
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
		_, err = bound.Append(nil, codec.Object{{Key: "__type__"}})
		require.Error(t, err, "%s is not bound", p.Name())
	}
}

func TestUnpackIsTheInverseOfPack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		part := rapid.SliceOfN(rapid.Byte(), 0, 700).Draw(t, "part")
		payload := bytes.Repeat(part, rapid.IntRange(1, 20).Draw(t, "times"))
		for _, p := range packers {
			packed, err := p.Pack([]byte("before"), payload)
			require.NoError(t, err)
			require.Equal(t, "before", string(packed[:6]))
			packed = packed[6:]
			require.LessOrEqual(t, len(packed), len(payload)+16)
			again, err := p.Pack(nil, payload)
			require.NoError(t, err)
			require.True(t, bytes.Equal(packed, again), "not the same twice")
			got, err := p.Unpack([]byte("before"), packed, len(payload))
			require.NoError(t, err)
			require.True(t, string(got) == "before"+string(payload))
			if len(payload) > 0 {
				got, err = p.Unpack([]byte("before"), packed, len(payload)-1)
				require.ErrorContains(t, err, "more than the limit")
				require.Equal(t, "before", string(got))
			}
		}
	})
}

func TestLZ4CompressesWhatPays(t *testing.T) {
	for _, tt := range []struct {
		title   string
		payload string
		first   byte
		most    int
	}{
		{"nothing", "", 0, 1},
		{"small", strings.Repeat("a", compress.MinLZ4-1), 0, compress.MinLZ4},
		{"large enough", strings.Repeat("a", compress.MinLZ4), 1, 30},
		{"text", strings.Repeat("the quick brown fox jumps over the lazy dog. ", 1000), 1, 400},
		{"incompressible", noise(10000), 0, 10001},
	} {
		packed, err := compress.LZ4(codec.MsgPack).Pack(nil, []byte(tt.payload))
		require.NoError(t, err)
		require.Equal(t, tt.first, packed[0], tt.title)
		require.LessOrEqual(t, len(packed), tt.most, tt.title)
	}
}

// noise does not compress, and is the same every time.
func noise(n int) string {
	out := make([]byte, n)
	state := uint64(1)
	for i := range out {
		state = state*6364136223846793005 + 1442695040888963407
		out[i] = byte(state >> 56)
	}
	return string(out)
}

func TestUnpackRefuses(t *testing.T) {
	lz4 := compress.LZ4(codec.MsgPack)
	for _, tt := range []struct{ title, packed, want string }{
		{"nothing", "", "msgpack-lz4: the payload is empty"},
		{"something else", "\x93\x00\x00\xc0", "msgpack-lz4: the payload begins with 0x93, which is neither raw nor compressed"},
		{"half a header", "\x01\x00\x00\x00", "msgpack-lz4: the payload ends within its header"},
		{"raw and large", "\x00" + strings.Repeat("x", 1001), "msgpack-lz4: the payload has 1001 bytes, more than the limit of 1000"},
		{"a bomb", "\x01\xff\xff\xff\xff\x00", "msgpack-lz4: the payload has 4294967295 bytes, more than the limit of 1000"},
		{"a small bomb", "\x01\x00\x00\x03\xe8\x00\x00\x00", "msgpack-lz4: 3 compressed bytes cannot hold the 1000 bytes that they claim"},
		{"nothing, compressed", "\x01\x00\x00\x00\x00\x00", "msgpack-lz4: the payload claims to be compressed, but to have 0 bytes"},
		{"shorter than it claims", "\x01\x00\x00\x00\x03\x20ab", "msgpack-lz4: damaged data: it holds 2 bytes instead of 3"},
		{"longer than it claims", "\x01\x00\x00\x00\x01\x20ab", "msgpack-lz4: damaged data: lz4: invalid source or destination buffer too short"},
	} {
		_, err := lz4.Unpack(nil, []byte(tt.packed), 1000)
		assert.EqualError(t, err, tt.want, tt.title)
	}
	_, err := compress.Blosc(codec.MsgPack).Unpack(nil, []byte("\x93\x00\x00\xc0"), 1000)
	require.EqualError(t, err, "msgpack-blosc: blosc: a chunk of 4 bytes is shorter than its header of 16")
}

// Every chunk that aiomas sent holds the payload that it sent with its codec MsgPack
// in the same place, and comes back when it is packed again.
func TestRecordedBloscPayloads(t *testing.T) {
	plain := map[string]recordings.Recording{}
	for _, r := range recordings.MsgPack() {
		plain[r.Name] = r
	}
	c := compress.Blosc(codec.MsgPack)
	const limit = 1 << 24
	frames := 0
	for _, r := range recordings.MsgPackBlosc() {
		for i, line := range r.Lines {
			if line.Payload == "" {
				continue
			}
			frames++
			payload, err := c.Unpack(nil, []byte(line.Payload), limit)
			require.NoError(t, err, r.Name)
			if want := plain[r.Name].Lines[i].Payload; want != string(payload) {
				t.Errorf("%s, line %d: %x instead of %x", r.Name, i+1, payload, want)
			}
			v, err := c.Decode(payload)
			require.NoError(t, err)
			again, err := c.Append(nil, v)
			require.NoError(t, err)
			require.True(t, bytes.Equal(payload, again))
			packed, err := c.Pack(nil, payload)
			require.NoError(t, err)
			back, err := c.Unpack(nil, packed, limit)
			require.NoError(t, err)
			require.True(t, bytes.Equal(payload, back))
		}
	}
	require.Equal(t, 225, frames, "recordings are missing")
}

func FuzzUnpackLZ4(f *testing.F) {
	c := compress.LZ4(codec.MsgPack)
	for _, payload := range []string{"", "abc", strings.Repeat("abcd", 1000), noise(600)} {
		packed, err := c.Pack(nil, []byte(payload))
		require.NoError(f, err)
		f.Add(packed)
	}
	f.Fuzz(func(t *testing.T, packed []byte) {
		// The library decodes in assembly: what lies behind the payload must
		// not change.
		const limit = 1 << 12
		room := bytes.Repeat([]byte{0xa5}, limit+64)
		payload, err := c.Unpack(room[:0], packed, limit)
		if err == nil && bytes.Count(room[len(payload):], []byte{0xa5}) != len(room)-len(payload) {
			t.Fatalf("%x: writes behind its %d bytes", packed, len(payload))
		}
		if bytes.Count(room[limit:], []byte{0xa5}) != len(room)-limit {
			t.Fatalf("%x: writes behind the limit", packed)
		}
		if err != nil {
			return
		}
		again, err := c.Pack(nil, payload)
		if err != nil || len(payload) > limit {
			t.Fatalf("%d bytes: %v", len(payload), err)
		}
		back, err := c.Unpack(nil, again, limit)
		if err != nil || !bytes.Equal(payload, back) {
			t.Fatalf("%x does not come back: %v", payload, err)
		}
	})
}

func BenchmarkPack(b *testing.B) {
	payload := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog. ", 1000))
	for _, c := range []codec.Packer{compress.LZ4(codec.MsgPack), compress.Blosc(codec.MsgPack)} {
		b.Run(c.Name(), func(b *testing.B) {
			buf := make([]byte, 0, 2*len(payload))
			b.SetBytes(int64(len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Pack(buf, payload); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkUnpack(b *testing.B) {
	payload := []byte(strings.Repeat("the quick brown fox jumps over the lazy dog. ", 1000))
	for _, c := range []codec.Packer{compress.LZ4(codec.MsgPack), compress.Blosc(codec.MsgPack)} {
		b.Run(c.Name(), func(b *testing.B) {
			packed, err := c.Pack(nil, payload)
			require.NoError(b, err)
			buf := make([]byte, 0, len(payload))
			b.SetBytes(int64(len(payload)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := c.Unpack(buf, packed, len(payload)); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
