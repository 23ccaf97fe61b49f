package scenarios

import (
	"fmt"
	"strconv"
	"strings"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/suggest"
)

// endpoint is one side of a connection, or what is recorded: an attribute of
// some entities of a group, written group.attr or group[selection].attr. A connection
// that is for asynchronous requests alone has none; for what is recorded that means all.
type endpoint struct {
	group       *group
	attr        string // "": none
	all         bool   // [*]
	first, last int    // of the selection, if not all; none if last is first-1
	indexed     bool   // there is a selection

	text    string     // in one spelling
	node    *yaml.Node // in which it is written
	groupAt int        // byte offsets in the node's text
	indexAt int
	attrAt  int
}

// endpoint reads one side out of the text of n, which begins at offset.
func (r *reader) endpoint(s *Scenario, n *yaml.Node, text string, offset int, where string, needsAttr bool) (*endpoint, bool) {
	trimmed := strings.TrimLeft(text, " ")
	offset += len(text) - len(trimmed)
	trimmed = strings.TrimRight(trimmed, " ")
	e := &endpoint{node: n, groupAt: offset}
	const form = "write it like roof[*].power, roof[3].power, roof[0..4].power or roof.power"
	end := strings.IndexAny(trimmed, ".[")
	if end < 0 && !needsAttr {
		end = len(trimmed)
	}
	if end <= 0 {
		r.badIn(n, offset, form, "%s: %q is not an attribute of a group of entities", where, trimmed)
		return nil, false
	}
	name, rest := trimmed[:end], trimmed[end:]
	if strings.HasPrefix(rest, "[") {
		e.indexed, e.indexAt = true, offset+end+1
		inside, after, found := strings.Cut(rest[1:], "]")
		if !found || !e.selection(inside) {
			r.badIn(n, e.indexAt, "write [*] for all, [3] for one, [0..4] for five of them", "%s: %q is not a selection", where, inside)
			return nil, false
		}
		rest = after
	}
	if (rest != "" || needsAttr) && (!strings.HasPrefix(rest, ".") || len(rest) == 1) {
		r.badIn(n, offset, form, "%s: %q names no attribute", where, trimmed)
		return nil, false
	}
	e.text = name + e.spelling() + rest
	e.attr = strings.TrimPrefix(rest, ".")
	e.attrAt = offset + len(trimmed) - len(e.attr)
	if e.group = s.groupNamed[name]; e.group == nil {
		r.badIn(n, offset, suggest.Sentence(name, names(s.groupNamed)), "%s: no entities are called %q", where, name)
		return nil, false
	}
	return e, true
}

// selection reads what is between the brackets.
func (e *endpoint) selection(text string) bool {
	if strings.TrimSpace(text) == "*" {
		e.all = true
		return true
	}
	first, last, isRange := strings.Cut(text, "..")
	var err error
	if e.first, err = strconv.Atoi(strings.TrimSpace(first)); err != nil {
		return false
	}
	e.last = e.first
	if isRange {
		if e.last, err = strconv.Atoi(strings.TrimSpace(last)); err != nil {
			return false
		}
	}
	// [0..-1] is none of them, so that [0..${n - 1}] works for all n.
	return e.first >= 0 && e.last >= e.first-1 && e.last < maxCount
}

// spelling writes the selection.
func (e *endpoint) spelling() string {
	switch {
	case !e.indexed:
		return ""
	case e.all:
		return "[*]"
	case e.first == e.last:
		return fmt.Sprintf("[%d]", e.first)
	}
	return fmt.Sprintf("[%d..%d]", e.first, e.last)
}

// entityName is what the file calls entity i of the endpoint's group.
func (e *endpoint) entityName(i int) string {
	if !e.indexed {
		return e.group.name
	}
	return fmt.Sprintf("%s[%d]", e.group.name, i)
}

// unknown is the size of a group of which nothing is known before its
// simulator runs.
const unknown = -1

// size is how many entities the endpoint has, out of a group of the given size.
func (e *endpoint) size(group int) int {
	switch {
	case e.all:
		return group
	case e.indexed:
		return e.last - e.first + 1
	case group == unknown:
		return unknown
	}
	return 1
}

// fits checks the selection against the size of the group.
func (s *source) fits(e *endpoint, size int, where string) bool {
	name := e.group.name
	switch {
	case size == unknown || e.all:
		return true
	case e.indexed && e.last >= size:
		do := "count from 0: the last is " + strconv.Itoa(size-1)
		if size == 0 {
			do = "give it a count above 0, or another selection"
		}
		s.badIn(e.node, e.indexAt, do, "%s: %s has %d entities, there is no %d", where, name, size, e.last)
		return false
	case !e.indexed && size != 1:
		s.badIn(e.node, e.groupAt, "write "+name+"[*] for all of them, "+name+"[0] for the first", "%s: %s has %d entities, not one", where, name, size)
		return false
	}
	return true
}
