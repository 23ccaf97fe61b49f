package scenarios

import (
	"errors"
	"regexp"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"
)

// badYAML reports what the YAML parser did not understand. The parser says where
// it had to give up; where there is a likelier place for the mistake, that is
// reported.
func (s *source) badYAML(err error) {
	// The parser wraps its errors in different ways, by stage.
	var one *yaml.LoadError
	var several *yaml.LoadErrors
	if !errors.As(err, &one) && errors.As(err, &several) && len(several.Errors) > 0 {
		one = several.Errors[0]
	}
	if one == nil {
		s.problems = append(s.problems, s.problemAt(0, 0, "", "not YAML: "+err.Error()))
		return
	}
	switch {
	case strings.Contains(one.Message, "no documents"):
		s.problems = append(s.problems, s.problemAt(0, 0, `begin with "simrun: 1", or let "simrun init" write a scenario`, "the file is empty"))
		return
	case strings.Contains(one.Message, "expected single document"):
		s.problems = append(s.problems, s.problemAt(0, 0, "make one file of each", `the file holds several documents, separated by "---"`))
		return
	}
	m := s.mistake(one.Mark.Line, one.Mark.Column, one.Message)
	s.problems = append(s.problems, s.problemAt(m.line, m.column, m.do, "not YAML: "+m.what))
}

// mistake is what is likely to be wrong with the text of a file that is not YAML.
type mistake struct {
	line, column int
	what, do     string
}

var (
	// flowTrouble matches what must be quoted inside [...] and {...}.
	flowTrouble = regexp.MustCompile(`\w\[|\$\{`)
	// unquotedStar matches what YAML takes for an alias.
	unquotedStar = regexp.MustCompile(`(?:[\[,:]|^ *-) *\*`)
	// openedWithoutColon matches a name and a bracket with no colon between them.
	openedWithoutColon = regexp.MustCompile(`(?:^ *(?:- +)?|[{,] *)([A-Za-z_][\w-]*) +[{\[]`)
	// severalColons matches a value with a colon in it, or two keys on a line.
	severalColons = regexp.MustCompile(`^ *(?:- +)?[\w-]+: +[^"'{\[|>&*#].*?: `)
	keyOfLine     = regexp.MustCompile(`^ *(?:- +)?(?:[^ :#]+|"[^"]*"|'[^']*') *:(?: |$)`)
)

const indentHint = "keys that belong together begin in the same column, and so do the items of a list"

// mistake guesses what is wrong from where the parser gave up, and why.
func (s *source) mistake(line, column int, message string) mistake {
	m := mistake{line: line, column: column, what: message}
	text := s.line(line)
	above := s.before(line)
	switch {
	case strings.Contains(text[:min(len(text), max(0, column))], "\t"):
		m.do = "indent with spaces, not with tabs"
	case strings.Contains(message, "unexpected end of stream"):
		if at, col := s.openQuote(line); at > 0 {
			return mistake{at, col, "a quotation mark that is not closed", "close it"}
		}
	case openedWithoutColon.MatchString(text):
		at := openedWithoutColon.FindStringSubmatchIndex(text)
		name := text[at[2]:at[3]]
		m.column = 1 + utf8.RuneCountInString(text[:at[3]])
		m.what, m.do = "a name without a colon", "write "+name+": and then its value"
	case flowTrouble.MatchString(text) && strings.ContainsAny(text, "{["):
		m.do = "inside [...] and {...}, put text with brackets or braces in quotes"
	case unquotedStar.MatchString(text) && (strings.Contains(message, "anchor") || strings.Contains(message, "alphabetic or numeric")):
		m.do = `put text that begins with a star in quotes, like "*"`
	case strings.Contains(message, "expected ','"):
		if at, col := s.openBracket(line); at > 0 && at < line {
			return mistake{at, col, "a bracket that is not closed", "close it, or look for a comma that is missing"}
		}
		m.do = "look for a comma, a colon or a bracket that is missing"
	case strings.Contains(message, "could not find expected ':'"):
		if above > 0 && !keyOfLine.MatchString(s.line(above)) {
			return s.withoutColon(s.head(above))
		}
		m.do = `write "name: value", with a space after the colon`
	case strings.Contains(message, "mapping values are not allowed"):
		switch {
		case severalColons.MatchString(text):
			m.do = "put a value with a colon in it in quotes, or its keys on lines of their own"
		case above > 0 && indentOf(text) > indentOf(s.line(above)) && !keyOfLine.MatchString(s.line(above)):
			return s.withoutColon(above)
		default:
			m.column = 1 + indentOf(text)
			m.do = "look at its indentation: " + indentHint
		}
	case strings.Contains(message, "expected key") || strings.Contains(message, "expected '-'") || strings.Contains(message, "indent"):
		m.do = "look at its indentation and that of the lines above: " + indentHint
	}
	return m
}

// head is the line that the list with an item in the given line should belong to, but
// which is no key; the given line itself if there is none.
func (s *source) head(line int) int {
	for at := line; isItem(s.line(at)); {
		above := s.before(at)
		switch {
		case above == 0 || keyOfLine.MatchString(s.line(above)) || indentOf(s.line(above)) > indentOf(s.line(at)):
			return line
		case !isItem(s.line(above)):
			return above
		}
		at = above
	}
	return line
}

func isItem(text string) bool { return strings.HasPrefix(strings.TrimLeft(text, " "), "- ") }

// withoutColon is the mistake of a line that is no key.
func (s *source) withoutColon(line int) mistake {
	return mistake{line, 1 + indentOf(s.line(line)), "a line without a colon after its name", `write "name: value", with a space after the colon`}
}

func indentOf(text string) int { return len(text) - len(strings.TrimLeft(text, " ")) }

// before is the line above that is neither empty nor a comment, 0 if there is none.
func (s *source) before(line int) int {
	for line--; line > 0; line-- {
		if text := strings.TrimSpace(s.line(line)); text != "" && text[0] != '#' {
			return line
		}
	}
	return 0
}

// openQuote finds the last line up to the given one whose quotation marks do not
// come in pairs, and the column of the last of these.
func (s *source) openQuote(line int) (at, column int) {
	for at = min(line, len(s.lines)); at > 0; at-- {
		for _, mark := range []string{`"`, `'`} {
			text := s.line(at)
			if strings.Count(text, mark)%2 == 1 {
				return at, 1 + utf8.RuneCountInString(text[:strings.LastIndex(text, mark)])
			}
		}
	}
	return 0, 0
}

// openBracket finds the innermost bracket that is open before the given line.
func (s *source) openBracket(line int) (at, column int) {
	closed := 0
	for at = min(line-1, len(s.lines)); at > 0; at-- {
		text := []rune(s.line(at))
		for i := len(text) - 1; i >= 0; i-- {
			switch text[i] {
			case '}', ']':
				closed++
			case '{', '[':
				if closed--; closed < 0 {
					return at, i + 1
				}
			}
		}
	}
	return 0, 0
}
