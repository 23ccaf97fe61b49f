package scenarios

import (
	"regexp"
	"slices"
	"strings"
	"time"

	yaml "go.yaml.in/yaml/v4"

	"github.com/simrun/simrun/internal/suggest"
)

// recording is one entry of the section record.
type recording struct {
	at     *yaml.Node
	every  time.Duration // 0: every value
	means  bool          // over every, instead of samples
	values []*recorded
}

// recorded is a pattern in the section record: what of which entities is recorded.
type recorded struct {
	// in are the entities, if all are of one group. The attribute may have stars,
	// and is "" for all outputs. nil: the whole is a pattern.
	in *endpoint

	text string // without spaces around it
	node *yaml.Node
	at   int // byte offset in the node's text
}

var (
	recordKeys = []string{"every", "take", "values"}
	takes      = []string{"sample", "mean"}
)

func (r *reader) record(s *Scenario, n *yaml.Node) {
	if n == nil || isNull(n) {
		return
	}
	s.recordGiven = true
	switch n.Kind {
	case yaml.MappingNode:
		r.recording(s, n)
		return
	case yaml.ScalarNode:
		r.bad(n, `write a list like ["roof[*].power"]`, "record: must be a list or a mapping, this is %s", kindOf(n))
		return
	}
	var every *recording // of the texts in a row
	for _, item := range n.Content {
		if item.Kind != yaml.ScalarNode {
			every = nil
			r.recording(s, item)
			continue
		}
		if every == nil {
			every = &recording{at: item}
			s.recordings = append(s.recordings, every)
		}
		r.recorded(s, every, item)
	}
}

// recording reads an entry that is a mapping.
func (r *reader) recording(s *Scenario, n *yaml.Node) {
	by := r.fields(n, "record", recordKeys)
	if by == nil {
		return
	}
	rec := &recording{at: n}
	s.recordings = append(s.recordings, rec)
	if n := by["every"]; n != nil {
		rec.every, _ = r.positive(n, "record: every")
	}
	if n := by["take"]; n != nil {
		if take, ok := r.text(n, "record: take"); ok {
			if rec.means = take == "mean"; !slices.Contains(takes, take) {
				r.bad(n, suggest.Sentence(take, takes), "record: there is no %q to take", take)
			}
		}
		if by["every"] == nil {
			rec.means = false
			r.bad(n, `add "every:" with a time such as 15m`, "record: take is for recordings with every")
		}
	}
	values := by["values"]
	if values == nil {
		r.bad(n, `add "values:" with a list like ["roof[*].power"]`, "record: values is missing")
		return
	}
	if values.Kind != yaml.SequenceNode {
		r.bad(values, `write a list like ["roof[*].power"]`, "record: values must be a list, this is %s", kindOf(values))
		return
	}
	for _, value := range values.Content {
		r.recorded(s, rec, value)
	}
}

// wholeGroup is a selection of all entities; its star is none of a pattern.
var wholeGroup = regexp.MustCompile(`\[ *\* *\]`)

// recorded reads a pattern, and adds it to a recording.
func (r *reader) recorded(s *Scenario, rec *recording, n *yaml.Node) {
	if n.Kind != yaml.ScalarNode || n.ShortTag() != "!!str" {
		r.bad(n, `write it like roof[*].power, or "*" for everything`, "record: must be a pattern, this is %s", kindOf(n))
		return
	}
	text, ok := r.filled(n, "record")
	if !ok {
		return
	}
	trimmed := strings.Trim(text.Value, " ")
	v := &recorded{text: trimmed, node: text, at: strings.Index(text.Value, trimmed)}
	entities, _, _ := strings.Cut(trimmed, ".")
	if !strings.Contains(wholeGroup.ReplaceAllString(entities, ""), "*") {
		if v.in, ok = r.endpoint(s, text, text.Value, 0, "record", false); !ok {
			return
		}
	}
	rec.values = append(rec.values, v)
}
