package trace_test

import (
	"bytes"
	"io"
	"os"
	"runtime"
	"testing"

	"github.com/klauspost/compress/zstd"
	"github.com/stretchr/testify/require"
)

// Equal runs have traces with the same contents, byte by byte, whatever the number of
// processors; when parts of it are written depends on time, and so does their compression.
func TestTracesOfEqualRunsHaveEqualContents(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	contents := func(path string) []byte {
		f, err := os.Open(path)
		require.NoError(t, err)
		defer f.Close()
		z, err := zstd.NewReader(f)
		require.NoError(t, err)
		defer z.Close()
		text, err := io.ReadAll(z)
		require.NoError(t, err)
		return text
	}
	var chains, markets [][]byte
	for i := range 4 {
		runtime.GOMAXPROCS(1 + i%2)
		chains = append(chains, contents(chainRun(t, 1, nil)))
		markets = append(markets, contents(market(t, "5s")))
	}
	for i := range chains {
		require.True(t, bytes.Equal(chains[0], chains[i]))
		require.True(t, bytes.Equal(markets[0], markets[i]))
	}
}
