package container_test

import (
	"os"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The programs in docs/agents.md are the examples in these files, which are run.
func TestDocs(t *testing.T) {
	text, err := os.ReadFile("../docs/agents.md")
	require.NoError(t, err)
	parts := strings.Split(string(text), "\n```go\n")[1:]
	examples := []struct{ file, function, pkg string }{
		{"example_gather_test.go", "Example_gather", "container_test"},
		{"topology/example_gossip_test.go", "Example_gossip", "topology_test"},
	}
	require.Len(t, parts, len(examples)+2) // those after them are a test, see below, and that of TestTradeWithAiomas
	for i, e := range examples {
		source, err := os.ReadFile(e.file)
		require.NoError(t, err)
		program, output, found := strings.Cut(string(source), "\t// Output:\n")
		require.True(t, found)
		program = strings.NewReplacer("package "+e.pkg, "package main", "func "+e.function+"()", "func main()").Replace(program) + "}\n"
		shown, rest, _ := strings.Cut(parts[i], "```")
		assert.Equal(t, program, shown)

		_, rest, found = strings.Cut(rest, "It prints:\n\n```\n")
		require.True(t, found)
		shown, _, _ = strings.Cut(rest, "```")
		assert.Equal(t, strings.ReplaceAll(output, "\t// ", ""), shown+"}\n")
	}

	source, err := os.ReadFile("example_testing_test.go")
	require.NoError(t, err)
	shown, _, _ := strings.Cut(parts[len(examples)], "```")
	assert.Equal(t, strings.Replace(string(source), "package container_test", "package charging", 1), shown)
}
