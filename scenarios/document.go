package scenarios

import (
	"fmt"
	"strings"
	"unicode/utf8"

	yaml "go.yaml.in/yaml/v4"
)

// Limits of a scenario file. They are far above what anybody writes by hand,
// and keep a file that was made to do harm from doing much.
const (
	maxFile  = 4 << 20 // bytes
	maxNodes = 200_000 // keys, values, lists and mappings, aliases written out
	maxDepth = 50      // of nested lists and mappings
)

// parse reads the YAML text. It returns the mapping at the top, nil if there is
// none. Aliases are replaced by what they stand for.
func (s *source) parse(text []byte) *yaml.Node {
	if len(text) > maxFile {
		s.problems = append(s.problems, s.problemAt(0, 0, "keep data in files of their own", "the file is larger than 4 MiB"))
		return nil
	}
	if !utf8.Valid(text) {
		line := 1 + strings.Count(string(text[:invalidAt(text)]), "\n")
		s.problems = append(s.problems, s.problemAt(line, 0, "save it as UTF-8", "the file is not UTF-8 text"))
		return nil
	}
	var doc yaml.Node
	if err := yaml.Load(text, &doc); err != nil {
		s.badYAML(err)
		return nil
	}
	root := doc.Content[0]
	nodes := 0
	if !s.expand(&root, 0, &nodes) {
		return nil
	}
	if root.Kind != yaml.MappingNode {
		s.bad(root, `begin with "simrun: 1"`, "a scenario file is a mapping with sections, this is %s", kindOf(root))
		return nil
	}
	return root
}

func invalidAt(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(text)
}

// expand replaces aliases and checks what every node must hold to, whatever its
// place: limits, and keys that are names and occur once. It reports whether the
// document is within the limits.
func (s *source) expand(at **yaml.Node, depth int, nodes *int) bool {
	n := *at
	for n.Kind == yaml.AliasNode {
		n = n.Alias
		*at = n
	}
	*nodes++
	if *nodes > maxNodes || depth > maxDepth {
		what := fmt.Sprintf("the file holds too much: more than %d values, or %d levels, aliases written out", maxNodes, maxDepth)
		s.problems = append(s.problems, s.problemAt(0, 0, "make it smaller", what))
		return false
	}
	for i := range n.Content {
		if !s.expand(&n.Content[i], depth+1, nodes) {
			return false
		}
	}
	if n.Kind == yaml.MappingNode {
		s.checkKeys(n)
	}
	return true
}

// checkKeys reports keys that are not plain names, or that are there twice, and
// leaves these out.
func (s *source) checkKeys(n *yaml.Node) {
	seen := make(map[string]*yaml.Node)
	kept := n.Content[:0:0]
	for i := 0; i+1 < len(n.Content); i += 2 {
		key := n.Content[i]
		switch first := seen[key.Value]; {
		case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null":
			s.bad(key, "write a name", "a key must be text, this is %s", kindOf(key))
			continue
		case key.ShortTag() == "!!merge":
			s.bad(key, "repeat the keys, or use parameters", `merge keys ("<<") are not supported`)
			continue
		case first != nil && first != key:
			s.bad(key, "remove one or choose another name", "two of the name %q; the first is on line %d", key.Value, first.Line)
			continue
		}
		seen[key.Value] = key
		kept = append(kept, key, n.Content[i+1])
	}
	n.Content = kept
}

// kindOf names a node's kind for an error message.
func kindOf(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	switch n.ShortTag() {
	case "!!int", "!!float":
		return "the number " + n.Value
	case "!!bool":
		return n.Value
	case "!!null":
		return "empty"
	}
	const most = 60
	if len(n.Value) > most {
		return fmt.Sprintf("the text %q", strings.ToValidUTF8(n.Value[:most], "")+"...")
	}
	return fmt.Sprintf("the text %q", n.Value)
}
