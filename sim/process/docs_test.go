package process_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The programs in docs/tutorial-des.md are the examples of tutorial_test.go, which are run,
// and what they print there is what is said here. Only the first one shows what it imports.
func TestTutorial(t *testing.T) {
	text, err := os.ReadFile("../../docs/tutorial-des.md")
	require.NoError(t, err)
	blocks := regexp.MustCompile("(?s)\n```go\n(.*?)```\n\n```\n(.*?)```\n").FindAllStringSubmatch(string(text), -1)

	source, err := os.ReadFile("tutorial_test.go")
	require.NoError(t, err)
	files := token.NewFileSet()
	file, err := parser.ParseFile(files, "", source, parser.SkipObjectResolution)
	require.NoError(t, err)
	n := 0
	for _, d := range file.Decls {
		f, ok := d.(*ast.FuncDecl)
		if !ok {
			continue
		}
		function := string(source[files.Position(f.Pos()).Offset:files.Position(f.End()).Offset])
		program, output, found := strings.Cut(function, "\t// Output:\n")
		require.True(t, found, f.Name.Name)
		program = strings.Replace(program, "func "+f.Name.Name+"()", "func main()", 1) + "}\n"
		if n == 0 {
			program = header(file, program) + program
		}
		require.Less(t, n, len(blocks), f.Name.Name)
		assert.Equal(t, program, blocks[n][1], f.Name.Name)
		assert.Equal(t, strings.ReplaceAll(strings.TrimSuffix(output, "}"), "\t// ", ""), blocks[n][2], f.Name.Name)
		n++
	}
	assert.Len(t, blocks, n)
}

// header returns the imports that a program needs, in the form of gofmt.
func header(file *ast.File, program string) string {
	var standard, module string
	for _, i := range file.Imports {
		path := strings.Trim(i.Path.Value, `"`)
		switch name := path[strings.LastIndexByte(path, '/')+1:]; {
		case !strings.Contains(program, name+"."):
		case strings.Contains(path, "."):
			module += "\t" + i.Path.Value + "\n"
		default:
			standard += "\t" + i.Path.Value + "\n"
		}
	}
	return "package main\n\nimport (\n" + standard + "\n" + module + ")\n\n"
}
