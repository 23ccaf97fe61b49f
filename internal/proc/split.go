package proc

import (
	"errors"
	"fmt"
	"strings"
)

// Split splits a command line into words as a POSIX shell does, but expands
// nothing: words are separated by white space; between single quotes everything
// stands for itself; between double quotes a backslash before $, `, ", \ or a
// newline takes away its meaning; elsewhere a backslash does so with any
// character. (Paths of Windows must therefore be quoted, or given in a list.)
func Split(line string) ([]string, error) {
	var words []string
	var word strings.Builder
	inWord := false
	for i := 0; i < len(line); i++ {
		switch c := line[i]; c {
		case ' ', '\t', '\n', '\r':
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		case '\'':
			n := strings.IndexByte(line[i+1:], '\'')
			if n < 0 {
				return nil, unclosed(line, i)
			}
			word.WriteString(line[i+1 : i+1+n])
			i += n + 1
			inWord = true
		case '"':
			end := doubleQuoted(&word, line, i+1)
			if end < 0 {
				return nil, unclosed(line, i)
			}
			i = end
			inWord = true
		case '\\':
			i++
			if i == len(line) {
				return nil, errors.New("the command ends with a backslash; double it if it stands for itself")
			}
			if line[i] != '\n' {
				word.WriteByte(line[i])
				inWord = true
			}
		default:
			word.WriteByte(c)
			inWord = true
		}
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

// Quote joins words to a command line that a POSIX shell, or Split, splits into
// them again.
func Quote(words []string) string {
	quoted := make([]string, len(words))
	for i, word := range words {
		if quoted[i] = word; word == "" || strings.ContainsFunc(word, special) {
			quoted[i] = "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
		}
	}
	return strings.Join(quoted, " ")
}

// special reports whether a shell may see more in a character than itself.
func special(r rune) bool {
	plain := r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("@%+=:,./_-", r)
	return !plain
}

// doubleQuoted reads from i up to the closing quote and returns where that is,
// -1 if nowhere.
func doubleQuoted(word *strings.Builder, line string, i int) int {
	for ; i < len(line); i++ {
		switch c := line[i]; {
		case c == '"':
			return i
		case c == '\\' && i+1 < len(line) && strings.IndexByte("$`\"\\\n", line[i+1]) >= 0:
			i++
			if line[i] != '\n' {
				word.WriteByte(line[i])
			}
		default:
			word.WriteByte(c)
		}
	}
	return -1
}

func unclosed(line string, i int) error {
	return fmt.Errorf("the quote %c at character %d of the command has no partner: %s", line[i], i+1, line[i:])
}
