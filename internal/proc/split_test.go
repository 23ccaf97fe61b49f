package proc_test

import (
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/proc"
)

func TestSplit(t *testing.T) {
	for line, want := range map[string][]string{
		``:                            nil,
		`  `:                          nil,
		`a`:                           {"a"},
		`a b  c` + "\t\nd":            {"a", "b", "c", "d"},
		`python -m sim {addr}`:        {"python", "-m", "sim", "{addr}"},
		`'a b' "c d"`:                 {"a b", "c d"},
		`a''b ""`:                     {"ab", ""},
		`--x='1 2'"3 4"5`:             {"--x=1 23 45"},
		`"a\"b\\c\d$"`:                {`a"b\c\d$`},
		`'a\b'`:                       {`a\b`},
		`a\ b \' \\`:                  {"a b", "'", `\`},
		"a\\\nb":                      {"ab"},
		`sim.py --cfg '{"a": "b c"}'`: {"sim.py", "--cfg", `{"a": "b c"}`},
		`ä "ö ü"`:                     {"ä", "ö ü"},
	} {
		got, err := proc.Split(line)
		require.NoError(t, err, line)
		require.Equal(t, want, got, line)
	}
	for line, want := range map[string]string{
		`a 'b`: "the quote ' at character 3 of the command has no partner: 'b",
		`a "b`: `the quote " at character 3`,
		`a \`:  "ends with a backslash",
	} {
		_, err := proc.Split(line)
		require.ErrorContains(t, err, want, line)
	}
}

func TestQuote(t *testing.T) {
	for want, words := range map[string][]string{
		"":                                  nil,
		"./sim.py --a=b/c 127.0.0.1:5555":   {"./sim.py", "--a=b/c", "127.0.0.1:5555"},
		`python -c 'import a; a.main()' ''`: {"python", "-c", "import a; a.main()", ""},
		`'it'\''s' '$HOME' 'ä'`:             {"it's", "$HOME", "ä"},
	} {
		require.Equal(t, want, proc.Quote(words))
	}
}

// FuzzSplit: words that are quoted and joined are split again into themselves.
func FuzzSplit(f *testing.F) {
	f.Add("a b", "it's")
	f.Add("", `\"`)
	f.Fuzz(func(t *testing.T, a, b string) {
		_, _ = proc.Split(a) // must not panic
		got, err := proc.Split(proc.Quote([]string{a, b}))
		require.NoError(t, err)
		require.Equal(t, []string{a, b}, got, strconv.Quote(a+" "+b))
	})
}
