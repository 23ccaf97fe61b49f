package scenarios

import (
	"fmt"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// Setting is a parameter that --set can replace.
type Setting struct {
	Name    string // a.b for one within another
	Value   string // in the file, as it is written there
	Comment string // on its line, without the #
}

// Settings lists the parameters in the order of the file.
func (s *Scenario) Settings() []Setting {
	var doc struct {
		Parameters yaml.Node `yaml:"parameters"`
	}
	if err := yaml.Unmarshal(s.text, &doc); err != nil {
		panic(fmt.Sprintf("scenarios: %s was read before: %v", s.Path, err))
	}
	var list []Setting
	var walk func(n *yaml.Node, at string)
	walk = func(n *yaml.Node, at string) {
		for key, value := range pairsOf(n) {
			switch value.Kind {
			case yaml.MappingNode:
				walk(value, at+key.Value+".")
			case yaml.ScalarNode:
				list = append(list, Setting{at + key.Value, value.Value, strings.TrimLeft(value.LineComment, "# ")})
			}
		}
	}
	walk(&doc.Parameters, "")
	return list
}
