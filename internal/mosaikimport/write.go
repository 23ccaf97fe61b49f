package mosaikimport

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/simrun/simrun/internal/proc"
)

// write writes the file.
func (t *translator) write() string {
	var b strings.Builder
	script := filepath.Base(t.Script)
	words := append([]string{"simrun", "import", script}, t.Args...)
	if slices.ContainsFunc(t.Args, func(arg string) bool { return strings.HasPrefix(arg, "-") }) {
		words = slices.Insert(words, 3, "--")
	}
	fmt.Fprintf(&b, "# Made by: %s\n", proc.Quote(words))
	if len(t.remarks) > 0 {
		b.WriteString("# What differs from the script:\n")
		for _, r := range t.remarks {
			fmt.Fprintf(&b, "#   %s\n", strings.ReplaceAll(r, "\n", "\n#     "))
		}
	}
	fmt.Fprintf(&b, "simrun: 1\nname: %s\nuntil: %s\n", make(names).unique("", strings.TrimSuffix(script, filepath.Ext(script))), t.steps(t.Place, "the end of the run", t.Until))
	if t.resolution != time.Second {
		fmt.Fprintf(&b, "resolution: %s\n", duration(t.resolution))
	}
	if t.RTFactor != 0 {
		fmt.Fprintf(&b, "pace: %s   # rt_factor=%v\n", strconv.FormatFloat(1/t.RTFactor, 'g', -1, 64), t.RTFactor)
	}
	if lag := t.maxLag(); lag != 0 {
		fmt.Fprintf(&b, "max_lag: %s   # rt_strict=True\n", duration(lag))
	}
	if t.MaxRounds != defaultRounds {
		fmt.Fprintf(&b, "max_rounds: %d\n", t.MaxRounds)
	}
	b.WriteString(t.parametersText())
	b.WriteString("\nsimulators:\n")
	for _, s := range t.Simulators {
		b.WriteString(t.simulatorText(s))
	}
	b.WriteString("\nentities:\n")
	for _, g := range t.allGroups() {
		if g.inFile {
			b.WriteString(g.text())
		}
	}
	if len(t.lines) > 0 {
		b.WriteString("\nconnect:\n")
		for _, l := range t.lines {
			b.WriteString(l.text())
		}
	}
	b.WriteString(t.recordText())
	return b.String()
}

// recordText records what others are told. What else an entity may be asked for, its
// simulator does not say: attributes may be inputs only.
func (t *translator) recordText() string {
	var b strings.Builder
	seen := make(map[string]bool)
	for _, l := range t.lines {
		if l.output == "" {
			continue
		}
		text := side(l.from, [2]int{0, l.from.size - 1}, l.output)
		if seen[text] {
			continue
		}
		seen[text] = true
		fmt.Fprintf(&b, "  - %s\n", plain(text))
	}
	if b.Len() == 0 {
		return ""
	}
	return "\n# simrun records by itself, without a simulator for it:\nrecord:\n" + b.String()
}

// defaultRounds is the limit on rounds both of mosaik and of simrun.
const defaultRounds = 100

func (t *translator) parametersText() string {
	list := t.parameters
	if slices.ContainsFunc(t.Simulators, needsPython) {
		list = append([]parameter{{"python", scalar(t.Python)}}, list...)
	}
	if len(list) == 0 {
		return ""
	}
	text := "\nparameters:\n"
	for _, p := range list {
		text += fmt.Sprintf("  %s: %s\n", p.name, p.value)
	}
	return text
}

// pythonWord stands for the interpreter in a command of mosaik.
const pythonWord = "{python}"

func needsPython(s simulator) bool {
	return s.Python != nil || slices.ContainsFunc(s.Command, func(word string) bool { return strings.Contains(word, pythonWord) })
}

func (t *translator) simulatorText(s simulator) string {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, "    "+format+"\n", args...) }
	fmt.Fprintf(&b, "  %s:\n", t.simulators[s.ID])
	if s.Connect != "" {
		line("connect: %s", quoted(s.Connect))
	} else {
		line("command: %s", commandText(s))
		if dir := relative(s.Dir, t.Dir); dir != "." {
			line("dir: %s", scalar(dir))
		}
	}
	if env := environment(s); len(env) > 0 {
		line("env: {%s}", strings.Join(env, ", "))
	}
	if len(s.Params) > 0 {
		var parts []string
		for _, name := range sortedKeys(s.Params) {
			parts = append(parts, literal(name)+": "+flow(s.Params[name]))
		}
		line("params: {%s}", strings.Join(parts, ", "))
	}
	if len(s.Groups) > 0 {
		line("group: %s", t.loopGroup(s))
	}
	if s.InitialEvent != nil {
		line("initial_event: %s", t.steps(s.Place, "the initial event of "+s.ID, *s.InitialEvent))
	}
	if s.API != "" {
		line("api: %s", quoted(s.API))
	}
	if t.StartTimeout != defaultStartTimeout {
		line("timeouts: {start: %s}", duration(t.seconds(s.Place, "start_timeout", t.StartTimeout)))
	}
	return b.String()
}

// defaultStartTimeout is that of mosaik and of simrun, in seconds.
const defaultStartTimeout = 10

// commandText writes the command of a simulator as a list of words.
func commandText(s simulator) string {
	words := make([]string, len(s.Command))
	for i, word := range s.Command {
		words[i] = strings.ReplaceAll(scalar(word), pythonWord, "${python}")
	}
	if c := s.Python; c != nil {
		code := fmt.Sprintf("from %s import start_simulation; from %s import %s; start_simulation(%[3]s(%[4]s))", c.Library, c.Module, c.Class, c.Arguments)
		words = []string{`"$` + pythonWord + `"`, "-c", scalar(code), quoted("{addr}")}
	}
	return "[" + strings.Join(words, ", ") + "]"
}

// environment lists the variables of a simulator. A Python that makes a class
// must find its module.
func environment(s simulator) []string {
	var env []string
	for _, name := range sortedKeys(s.Env) {
		env = append(env, literal(name)+": "+scalar(s.Env[name]))
	}
	if s.Python == nil {
		return env
	}
	var paths []string
	for _, path := range s.Python.Paths {
		if path != s.Dir {
			paths = append(paths, relative(path, s.Dir))
		}
	}
	if len(paths) > 0 {
		env = append(env, "PYTHONPATH: "+scalar(strings.Join(paths, string(filepath.ListSeparator))))
	}
	return env
}

func (g *group) text() string {
	text := "of: " + scalar(g.of)
	if g.selects != "" {
		text += ", children: " + scalar(g.selects)
	} else if g.size > 1 {
		text += fmt.Sprintf(", count: %d", g.size)
	}
	if g.params != "" {
		text += ", params: " + g.params
	}
	return fmt.Sprintf("  %s: {%s}\n", g.name, text)
}

func (l *line) text() string {
	var b strings.Builder
	for _, s := range stretches(l.pairs) {
		text := side(l.from, s.from, l.output) + " -> " + side(l.to, s.to, l.input)
		options := l.options.text(s.pick)
		fmt.Fprintf(&b, "  - %s%s\n", plain(text), options)
	}
	return b.String()
}

var (
	// plainSides are connections, and sides of them, that YAML reads as text without quotes.
	plainSides = regexp.MustCompile(`^[A-Za-z0-9_.*\[\]> /-]+$`)
	// plainScalar are texts that YAML reads as text without quotes, wherever they are.
	plainScalar = regexp.MustCompile(`^[A-Za-z_/][A-Za-z0-9_./-]*$|^--?[A-Za-z][A-Za-z-]*$`)
	// otherwise are words that YAML, or older YAML, takes for something else.
	otherwise = regexp.MustCompile(`(?i)^(y|n|yes|no|on|off|true|false|null)$`)
)

// plain writes a connection, or a side of one, in quotes if need be.
func plain(text string) string {
	if plainSides.MatchString(text) {
		return text
	}
	return quoted(text)
}

// scalar writes a text, in quotes if need be.
func scalar(text string) string {
	if plainScalar.MatchString(text) && !otherwise.MatchString(text) {
		return text
	}
	return quoted(text)
}

// quoted writes a text in double quotes. What JSON escapes YAML reads the same; what
// else cannot be printed, it would change.
func quoted(text string) string {
	var encoded bytes.Buffer
	e := json.NewEncoder(&encoded)
	e.SetEscapeHTML(false)
	if err := e.Encode(strings.ReplaceAll(text, "${", "$${")); err != nil {
		panic(err) // texts can be encoded
	}
	var b strings.Builder
	for _, r := range strings.TrimSuffix(encoded.String(), "\n") {
		if unicode.IsPrint(r) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, `\U%08x`, r)
		}
	}
	return b.String()
}

// literal writes a text of which nothing is computed when a scenario is read: a key, or an expression.
func literal(text string) string {
	if plainScalar.MatchString(text) && !otherwise.MatchString(text) {
		return text
	}
	return strings.ReplaceAll(quoted(text), "$${", "${")
}

// flow writes a value of JSON, numbers with the digits that they have.
func flow(value json.RawMessage) string {
	d := json.NewDecoder(bytes.NewReader(value))
	d.UseNumber()
	var b strings.Builder
	if err := flowNext(&b, d); err != nil {
		panic(fmt.Sprintf("the recorder wrote %q: %v", value, err)) // it is part of what was decoded before
	}
	return b.String()
}

func flowNext(b *strings.Builder, d *json.Decoder) error {
	token, err := d.Token()
	if err != nil {
		return err
	}
	switch v := token.(type) {
	case nil:
		b.WriteString("null")
	case json.Number:
		b.WriteString(v.String())
	case string:
		b.WriteString(scalar(v))
	case bool:
		b.WriteString(strconv.FormatBool(v))
	case json.Delim:
		b.WriteString(v.String())
		for first := true; d.More(); first = false {
			if !first {
				b.WriteString(", ")
			}
			if v == '{' {
				key, err := d.Token()
				if err != nil {
					return err
				}
				b.WriteString(literal(key.(string)) + ": ") // keys of JSON are texts
			}
			if err := flowNext(b, d); err != nil {
				return err
			}
		}
		end, err := d.Token()
		if err != nil {
			return err
		}
		b.WriteString(end.(json.Delim).String()) // what is open is closed
	}
	return nil
}
