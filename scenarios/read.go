package scenarios

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/internal/suggest"
)

// ReadOptions say how to read a scenario. The zero value reads it as it is,
// with what comes with simrun.
type ReadOptions struct {
	// Set overrides parameters: "a.b=3", where the parameter a.b must exist.
	Set []string
	// Seed overrides the scenario's seed, at most 2^53. nil: it is not overridden.
	Seed *uint64
	// Registry is what the file can name. Default: DefaultRegistry.
	Registry *Registry
}

// overrides names all that replaces a value of the file. No parameter can be
// called seed.
func (o *ReadOptions) overrides() []string {
	if o.Seed == nil {
		return o.Set
	}
	return append(slices.Clone(o.Set), fmt.Sprintf("seed=%d", *o.Seed))
}

// Source returns the text of a scenario file, or of a shipped one: builtin:NAME.
func Source(path string) ([]byte, error) {
	if name, ok := strings.CutPrefix(path, builtinPrefix); ok {
		text, err := shipped.ReadFile(name + ".yaml")
		if err != nil {
			return nil, diag.List{{File: path, What: "no such scenario comes with simrun", Do: suggest.Sentence(name, builtinNames())}}
		}
		return text, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, unreadable(path, err)
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, diag.List{{File: path, What: "is a folder", Do: "name a scenario file"}}
	}
	text, err := io.ReadAll(io.LimitReader(f, maxFile+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	return text, nil
}

func unreadable(path string, err error) error {
	p := diag.Problem{File: path, What: "cannot be read", Do: err.Error(), Err: err}
	if os.IsNotExist(err) {
		p.What, p.Do = "no such file", `"simrun init" writes a scenario to begin with, "simrun list" shows those that come with simrun`
		if _, err := os.Stat(path + ".yaml"); err == nil {
			p.Do = fmt.Sprintf("did you mean %q?", path+".yaml")
		}
	}
	return diag.List{p}
}

// Read reads a scenario file, or a shipped scenario: builtin:NAME. It starts
// nothing. The error is a diag.List with all problems that can be known without
// starting a process: those of the file itself and, if there are any, those that
// Check finds too.
func Read(path string, o ReadOptions) (*Scenario, error) {
	text, err := Source(path)
	if err != nil {
		return nil, err
	}
	s := &Scenario{Path: path, dir: filepath.Dir(path)}
	s.open = func(name string) (fs.File, error) {
		if !filepath.IsAbs(name) {
			name = filepath.Join(s.dir, name)
		}
		return os.Open(name)
	}
	if strings.HasPrefix(path, builtinPrefix) {
		s.shipped, s.dir, s.open = true, ".", openShipped
	}
	return s.read(text, o)
}

func (s *Scenario) read(text []byte, o ReadOptions) (*Scenario, error) {
	if o.Registry == nil {
		o.Registry = DefaultRegistry()
	}
	mustBeUnique("models", o.Registry.modelNames())
	mustBeUnique("agent types", o.Registry.agentNames())
	s.text, s.Digest = text, digest(text, o.overrides())
	s.agentTypes = o.Registry.Agents
	s.source = newSource(s.Path, text)
	r := &reader{source: s.source, scope: newScope(), dir: s.dir}
	if root := r.parse(text); root != nil {
		r.decode(s, root, o)
	}
	problems := r.problems
	if len(problems) == 0 {
		return s, nil
	}
	if len(s.groups) > 0 {
		more, _ := s.check(context.Background(), CheckOptions{})
		problems = append(problems, more...)
	}
	problems.Sort()
	return nil, problems
}

// digest is the SHA-256 of the file's length as eight bytes, the file, and each
// override preceded by its length.
func digest(text []byte, set []string) string {
	h := sha256.New()
	for _, part := range append([]string{string(text)}, set...) {
		var length [8]byte
		binary.BigEndian.PutUint64(length[:], uint64(len(part)))
		h.Write(length[:])
		fmt.Fprint(h, part)
	}
	return hex.EncodeToString(h.Sum(nil))
}
