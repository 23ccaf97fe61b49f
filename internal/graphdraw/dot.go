package graphdraw

import (
	"fmt"
	"strings"
)

// DOT is the graph for Graphviz.
func (g *Graph) DOT(name string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", quote(name))
	b.WriteString("  rankdir=LR;\n  node [shape=box, style=rounded, fontname=\"Helvetica\", fontsize=10];\n  edge [fontname=\"Helvetica\", fontsize=8];\n")
	ids := make(map[*Row]string)
	for i, box := range g.Boxes {
		fmt.Fprintf(&b, "  subgraph cluster_%d {\n    label=%s;\n", i, quote(box.Name))
		for _, row := range box.Rows {
			ids[row] = fmt.Sprintf("n%d", len(ids))
			fmt.Fprintf(&b, "    %s [label=%s];\n", ids[row], quote(row.Label))
		}
		b.WriteString("  }\n")
	}
	for _, e := range g.Edges {
		style := ""
		label := e.Label()
		if delay := e.Delay(); delay != "" {
			label += "\n" + delay
		}
		switch {
		case e.Weak:
			style = ", style=dotted, constraint=false"
		case e.Late():
			style = ", style=dashed, constraint=false"
		}
		fmt.Fprintf(&b, "  %s -> %s [label=%s%s];\n", ids[e.From], ids[e.To], quote(label), style)
	}
	b.WriteString("}\n")
	return b.String()
}

// quote writes a text as DOT wants it.
func quote(text string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`).Replace(strings.ToValidUTF8(text, "?")) + `"`
}
