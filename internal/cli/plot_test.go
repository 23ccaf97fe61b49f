package cli

import (
	"bytes"
	"math"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/scenarios"
)

// simrun runs a command in this process and returns its standard output.
func simrun(t *testing.T, args ...string) string {
	t.Helper()
	var out, messagesText bytes.Buffer
	devNull, err := os.Open(os.DevNull)
	require.NoError(t, err)
	defer devNull.Close()
	c := &command{registry: scenarios.DefaultRegistry(), in: devNull, out: &out, err: &messages{w: &messagesText}, terminal: devNull,
		getenv: func(string) string { return "" }}
	root := c.root()
	root.SetArgs(args)
	require.NoError(t, root.ExecuteContext(t.Context()), "%s", messagesText.String())
	return out.String()
}

// The picture in the README shows the district as it is shipped, and both peaks
// at the transformer drop, as the README says.
func TestPictureInReadme(t *testing.T) {
	dir := t.TempDir()
	run, picture := filepath.Join(dir, "district"), filepath.Join(dir, "district.svg")
	simrun(t, "run", "builtin:district", "--out", run, "--quiet")
	stored, err := results.Open(run)
	require.NoError(t, err)
	all, err := stored.Describe()
	require.NoError(t, err)
	by := make(map[string]results.Description)
	for _, d := range all {
		by[seriesName(d.Series)] = d
	}
	require.Less(t, by["transformer.power"].Max, 0.65*by["unassisted.power"].Max, "import peak, with and without batteries")
	require.Less(t, -by["transformer.power"].Min, 0.85*-by["unassisted.power"].Min, "export peak, with and without batteries")

	simrun(t, "plot", run, "unassisted.power", "transformer.power", "store[*].soc", "--out", picture)
	sameSVG(t, picture, filepath.Join("..", "..", "docs", "img", "district.svg"))
}

var numberInSVG = regexp.MustCompile(`-?[0-9]+(\.[0-9]+)?`)

// sameSVG compares two pictures: the same elements, words and colours, with
// every number within half a point. Processors differ in the last digits.
func sameSVG(t *testing.T, got, want string) {
	t.Helper()
	a, err := os.ReadFile(got)
	require.NoError(t, err)
	b, err := os.ReadFile(want)
	require.NoError(t, err)
	const hint = "look at both; if the new one is right, put it in the place of the other"
	require.Equal(t, string(numberInSVG.ReplaceAll(b, []byte("0"))), string(numberInSVG.ReplaceAll(a, []byte("0"))), hint)
	is, wants := numberInSVG.FindAllString(string(a), -1), numberInSVG.FindAllString(string(b), -1)
	for i := range is {
		x, _ := strconv.ParseFloat(is[i], 64)
		y, _ := strconv.ParseFloat(wants[i], 64)
		if math.Abs(x-y) > 0.5 {
			t.Fatalf("number %d is %s, want %s; %s", i, is[i], wants[i], hint)
		}
	}
}

func TestRunLabels(t *testing.T) {
	assert.Equal(t, []string{"a", "b"}, runLabels([]string{"runs/a", "runs/b"}))
	assert.Equal(t, []string{"x/a", "y/a"}, runLabels([]string{"/runs/x/a", "/runs/y/a/"}))
	assert.Len(t, runLabels([]string{"a", "a"}), 2)
}

func TestSizes(t *testing.T) {
	size, err := parseSize("254x127")
	require.NoError(t, err)
	assert.InDelta(t, 720, size.Width, 1e-9)
	assert.InDelta(t, 360, size.Height, 1e-9)
	for _, bad := range []string{"", "10", "10x10", "axb", "100x", "1e9x100", "NaNx100"} {
		_, err := parseSize(bad)
		assert.ErrorContains(t, err, "write width and height in mm", bad)
	}
}
