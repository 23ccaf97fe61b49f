package diag_test

import (
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/diag"
)

func render(t *testing.T, l diag.List) string {
	var b strings.Builder
	require.NoError(t, l.Render(&b))
	return b.String()
}

func TestRender(t *testing.T) {
	l := diag.List{
		{File: "b.yaml", Line: 2, Column: 3, What: "late", Source: "\tx: höhe"},
		{File: "b.yaml", Line: 1, Column: 5, What: "early", Do: "do this", Source: "Zür\x1bich"},
		{File: "b.yaml", Line: 1, Column: 5, What: "early", Do: "do this", Source: "Zür\x1bich"},
		{File: "--set x=1", What: "no such parameter"},
		{File: "b.yaml", Line: 3, What: "the line as a whole", Source: "abc"},
		{What: "no place"},
	}
	l.Sort()
	require.Equal(t, `no place
--set x=1: no such parameter
b.yaml:1:5: early; do this
    1 | Zür?ich
      |     ^
b.yaml:2:3: late
    2 | `+"\tx: höhe\n      | \t ^"+`
b.yaml:3: the line as a whole
5 problems, nothing was run
`, render(t, l))
}

func TestWarning(t *testing.T) {
	l := diag.List{{File: "a", Line: 3, Column: 1, What: "odd", Do: "look", Source: "x", Warning: true}}
	var b strings.Builder
	require.NoError(t, l.RenderEach(&b))
	require.Equal(t, "a:3:1: warning: odd; look\n    3 | x\n      | ^\n", b.String())
	require.Equal(t, "warning: odd", diag.Problem{What: "odd", Warning: true}.Error())
}

func TestRenderOne(t *testing.T) {
	l := diag.List{{File: "a", Line: 1, Column: 200, What: "far", Source: strings.Repeat("x", 300)}}
	require.Equal(t, "a:1:200: far\n1 problem, nothing was run\n", render(t, l))
	l[0].Column = 2
	require.Contains(t, render(t, l), "x...\n")
}

func TestCauses(t *testing.T) {
	var err error = diag.List{{What: "a"}, {What: "b", Err: io.ErrUnexpectedEOF}}
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	require.Equal(t, "a\nb", err.Error())
	var l diag.List
	require.True(t, errors.As(err, &l))
	require.Len(t, l, 2)
	require.ErrorIs(t, diag.Problem{Err: io.EOF}, io.EOF)
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, io.ErrShortWrite }

func TestRenderToAFullDisk(t *testing.T) {
	require.ErrorIs(t, diag.List{{What: "a"}}.Render(full{}), io.ErrShortWrite)
	require.ErrorIs(t, diag.List{}.Render(full{}), io.ErrShortWrite)
}
