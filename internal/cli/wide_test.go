package cli

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// wide writes a scenario in which a simulator sums up what n others give, each with one entity.
func wide(t *testing.T, n int) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("simrun: 1\nname: wide\nuntil: 1h\nsimulators:\n  sum: {model: meter}\n")
	for i := range n {
		fmt.Fprintf(&b, "  source-%d: {model: constant, params: {value: 1}}\n", i)
	}
	b.WriteString("connect:\n")
	for i := range n {
		fmt.Fprintf(&b, "  - source-%d.value -> sum.consumption\n", i)
	}
	b.WriteString("record: {every: 1h, values: [sum.power]}\n")
	path := filepath.Join(t.TempDir(), "wide.yaml")
	require.NoError(t, os.WriteFile(path, []byte(b.String()), 0o644))
	return path
}

// The summary shows those of many simulators that have taken the longest, and all others
// in one line.
func TestSummaryOfManySimulators(t *testing.T) {
	for n, want := range map[int]string{mostSimulators - 1: "", 1000: "... and 971 more"} {
		out := simrun(t, "run", wide(t, n), "--out", filepath.Join(t.TempDir(), "run"), "--profile")
		assert.Contains(t, out, want)
		assert.Regexp(t, `(?m)^  total +[0-9,]+ `, out)
		if want != "" {
			assert.Regexp(t, `(?m)^  \.\.\. and 971 more .* each in manifest.json$`, out)
		}
		// The tables of costs and of the profile, a line for what is recorded, and some words.
		assert.Less(t, strings.Count(out, "\n"), 2*mostSimulators+20)
		assert.LessOrEqual(t, strings.Count(out, "source-"), 2*mostSimulators+1)
	}
}
