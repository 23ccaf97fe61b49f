package scenarios

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// replaceName replaces a name in a text where it is not a part of a longer one.
func replaceName(text, name, by string) string {
	if !strings.Contains(text, name) {
		return text // as nearly always
	}
	var out strings.Builder
	for {
		at := strings.Index(text, name)
		if at < 0 {
			break
		}
		before, _ := utf8.DecodeLastRuneInString(text[:at])
		after, _ := utf8.DecodeRuneInString(text[at+len(name):])
		out.WriteString(text[:at])
		if at > 0 && inName(before) || inName(after) {
			out.WriteString(name)
		} else {
			out.WriteString(by)
		}
		text = text[at+len(name):]
	}
	out.WriteString(text)
	return out.String()
}

func inName(r rune) bool {
	return r == '_' || r == '-' || unicode.IsLetter(r) || unicode.IsDigit(r)
}
