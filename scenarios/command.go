package scenarios

import (
	"path/filepath"
	"strings"

	yaml "go.yaml.in/yaml/v4"
)

// command reads the command of a program to start: one line, or a list of words.
func (r *reader) command(n *yaml.Node, where string) (words []string, line string, ok bool) {
	v, ok := r.value(n, r.scope)
	if !ok {
		return nil, "", false
	}
	const do = `write "command: python3 -m my_simulator {addr}", or a list of words`
	switch v := v.(type) {
	case string:
		if v == "" {
			r.bad(n, do, "%s: is empty", where)
			return nil, "", false
		}
		return nil, v, true
	case []any:
		for _, word := range v {
			text, err := textOf(word)
			if err != nil {
				r.bad(n, do, "%s: every word must be text", where)
				return nil, "", false
			}
			words = append(words, text)
		}
		if len(v) == 0 {
			r.bad(n, do, "%s: is empty", where)
			return nil, "", false
		}
		return words, "", true
	}
	r.bad(n, do, "%s: must be text or a list, this is %s", where, describe(v))
	return nil, "", false
}

// workingDir reads the working directory of a program; without one it is that of
// the file.
func (r *reader) workingDir(n *yaml.Node, where string) string {
	if n == nil {
		return r.dir
	}
	dir, _ := r.text(n, where)
	return r.beside(dir)
}

// beside is the path of a file or folder as it is written in the scenario file.
func (r *reader) beside(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(r.dir, path)
}

// environment reads what is added to the environment of a program, as NAME=value.
func (r *reader) environment(n *yaml.Node, where string) (env []string) {
	if n == nil {
		return nil
	}
	values, _ := r.params(n, where, r.scope)
	for key, value := range pairsOf(n) {
		text, err := textOf(values[key.Value])
		if err != nil || strings.ContainsAny(key.Value, "=\x00") || strings.ContainsRune(text, 0) {
			r.bad(value, "give text or a number", "%s: %q cannot be a variable of the environment", where, key.Value)
			continue
		}
		env = append(env, key.Value+"="+text)
	}
	return env
}
