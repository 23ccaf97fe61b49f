package pattern

import (
	"regexp"
	"strconv"
	"strings"
)

// Pattern means some attributes of entities. The zero value means none. It is immutable.
type Pattern struct {
	text string

	// With a range of entities the text is before + "[" + index + "]" + after, with
	// one index of the range.
	ranged        bool
	first, last   int
	before, after string
}

// rangeForm matches what is before a range of entities, and the range. A dot ends the name of a
// group, so brackets behind it are a part of the attribute.
var rangeForm = regexp.MustCompile(`^([^.\[]*)\[ *([0-9]+) *\.\. *(-?[0-9]+) *\]`)

// New reads a pattern. Every text is one.
func New(text string) Pattern {
	p := Pattern{text: text}
	m := rangeForm.FindStringSubmatch(text)
	if m == nil {
		return p
	}
	var firstErr, lastErr error
	p.first, firstErr = strconv.Atoi(m[2])
	p.last, lastErr = strconv.Atoi(m[3])
	p.ranged = firstErr == nil && lastErr == nil
	p.before, p.after = m[1], text[len(m[0]):]
	return p
}

// Matches reports whether the pattern means an attribute of an entity. The entity is
// called GROUP or GROUP[INDEX], or anything else if it is in no group.
func (p Pattern) Matches(entity, attr string) bool {
	group, index := split(entity)
	text := p.text
	if p.ranged {
		if index < p.first || index > p.last {
			return false
		}
		text = p.before + entity[len(group):] + p.after
	}
	return glob(text, entity+"."+attr) || glob(text, entity) || group != entity && glob(text, group)
}

// Empty reports whether the pattern means nothing because its range is that of no entities, [0..-1].
func (p Pattern) Empty() bool { return p.ranged && p.last == p.first-1 }

// split takes the index off the name of an entity; it is -1 if there is none.
func split(entity string) (group string, index int) {
	at := strings.LastIndexByte(entity, '[')
	if at < 0 || !strings.HasSuffix(entity, "]") {
		return entity, -1
	}
	index, err := strconv.Atoi(entity[at+1 : len(entity)-1])
	if err != nil || index < 0 {
		return entity, -1
	}
	return entity[:at], index
}

// MayMean reports whether the pattern may mean something of a group of which
// nothing is known but its name.
func (p Pattern) MayMean(group string) bool {
	if p.ranged {
		return glob(p.before, group)
	}
	for end := range len(p.text) + 1 {
		begin, rest := p.text[:end], p.text[end:]
		if !glob(begin, group) {
			continue
		}
		if rest == "" || rest[0] == '.' || rest[0] == '[' || strings.HasSuffix(begin, "*") {
			return true
		}
	}
	return false
}

// Match reports whether a text as a whole is like a pattern in which only * has a meaning.
func Match(pattern, text string) bool { return glob(pattern, text) }

// glob is greedy: what a star stands for grows only if the rest does not
// match, and never that of an earlier star, which would gain nothing.
func glob(pattern, text string) bool {
	p, t := 0, 0
	star, from := -1, 0 // the last star, and where the text behind it begins
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, from = p, t
			p++
		case p < len(pattern) && pattern[p] == text[t]:
			p++
			t++
		case star >= 0:
			from++
			p, t = star+1, from
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}
