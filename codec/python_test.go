package codec_test

import (
	"encoding/hex"
	"encoding/json"
	"math"
	"os"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
)

// pythonVectors is testdata/python/vectors.json; see the README there.
type pythonVectors struct {
	Floats  [][2]string
	Strings [][2]json.RawMessage
	Texts   [][2]*string
}

func loadVectors(t *testing.T) pythonVectors {
	t.Helper()
	data, err := os.ReadFile("testdata/python/vectors.json")
	require.NoError(t, err)
	var v pythonVectors
	require.NoError(t, json.Unmarshal(data, &v))
	return v
}

func TestFloatsAreWrittenAsPythonDoes(t *testing.T) {
	vectors := loadVectors(t).Floats
	require.Greater(t, len(vectors), 3000)
	for _, v := range vectors {
		bits, err := strconv.ParseUint(v[0], 16, 64)
		require.NoError(t, err)
		f := math.Float64frombits(bits)
		require.Equal(t, v[1], string(codec.JSON.AppendFloat(nil, f)), "bits %s", v[0])
		back, err := codec.JSON.Float([]byte(v[1]))
		require.NoError(t, err)
		if math.IsNaN(f) {
			require.True(t, math.IsNaN(back))
			continue
		}
		require.Equal(t, bits, math.Float64bits(back), "reading %s", v[1])
	}
}

func TestStringsAreWrittenAsPythonDoes(t *testing.T) {
	vectors := loadVectors(t).Strings
	require.Greater(t, len(vectors), 500)
	for _, v := range vectors {
		var points []rune
		require.NoError(t, json.Unmarshal(v[0], &points))
		// Go cannot write a lone surrogate into a string; codec can.
		var s []byte
		for _, r := range points {
			if 0xd800 <= r && r <= 0xdfff {
				s = append(s, 0xed, 0x80|byte(r>>6&0x3f), 0x80|byte(r&0x3f))
			} else {
				s = append(s, string(r)...)
			}
		}
		var want string
		require.NoError(t, json.Unmarshal(v[1], &want)) // the JSON of a JSON text
		got, err := codec.JSON.AppendString(nil, string(s))
		require.NoError(t, err)
		require.Equal(t, want, string(got), "code points %x", points)
		back, err := codec.JSON.String(got)
		require.NoError(t, err)
		require.Equal(t, string(s), back)
	}
}

// Every text is accepted or refused as by Python, and an accepted one has the
// value that Python sees in it.
func TestTextsAreReadAsPythonDoes(t *testing.T) {
	for _, v := range loadVectors(t).Texts {
		data, err := hex.DecodeString(*v[0])
		require.NoError(t, err)
		got, err := codec.JSON.Decode(data)
		_, errSplit := codec.JSON.Split(nil, append(append([]byte("["), data...), ']'))
		if v[1] == nil {
			assert.Error(t, err, "%.60q", data)
			var syntax *codec.SyntaxError
			assert.ErrorAs(t, err, &syntax, "%.60q", data)
			continue
		}
		if assert.NoError(t, err, "%.60q", data) {
			again, err := codec.JSON.Append(nil, got)
			assert.NoError(t, err, "%.60q", data)
			assert.Equal(t, *v[1], string(again), "%.60q", data)
			assert.NoError(t, errSplit, "%.60q", data)
		}
	}
}
