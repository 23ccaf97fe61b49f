package archtest_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const module = "github.com/simrun/simrun"

// mayImport lists for each package what it may import of the module, tests not
// counted. A name that ends in /... stands for what is below it, too.
// docs/architecture.md shows the same as a picture.
var mayImport = map[string][]string{
	"codec":              {},
	"codec/compress":     {"codec", "internal/blosc"},
	"channel":            {"codec"},
	"rpc":                {"channel", "codec"},
	"scheduler":          {},
	"container":          {"scheduler", "rpc", "channel", "codec", "sim/random", "internal/suggest"},
	"container/topology": {"container", "internal/suggest"},
	"sim":                {"scheduler", "container", "rpc", "codec", "sim/random", "internal/suggest", "internal/unit"},
	"sim/random":         {},
	"sim/stat":           {"scheduler"},
	"sim/process":        {"scheduler", "sim/stat"},
	"sim/mosaik":         {"sim", "rpc", "channel", "codec", "internal/proc", "internal/suggest"},
	"models":             {"sim", "sim/random", "container", "scheduler", "internal/format", "internal/suggest", "internal/unit"},
	"scenarios":          {"sim", "sim/...", "models", "models/...", "container", "scheduler", "rpc", "channel", "codec", "internal/codecs", "internal/containers", "internal/diag", "internal/pattern", "internal/suggest", "internal/unit"},
	"bench/agents":       {"container", "scheduler", "channel", "codec", "internal/bench"},
	"bench/kernel":       {"scheduler", "sim/process", "sim/random", "internal/bench", "internal/shards"},
	"bench/mosaik":       {"sim", "sim/mosaik", "channel", "internal/bench"},
	"cmd/simrun":         {"internal/cli", "scenarios"},
	"command":            {"internal/cli", "scenarios"},
	"internal/cli":       {"sim", "sim/...", "models", "scenarios", "container", "scheduler", "rpc", "channel", "internal/..."},

	"internal/archtest":     {},
	"internal/bars":         {"internal/bench"},
	"internal/bench":        {"internal/format"},
	"internal/blosc":        {},
	"internal/codecs":       {"codec", "codec/compress", "internal/suggest"},
	"internal/containers":   {"rpc", "channel", "internal/codecs", "internal/proc"},
	"internal/diag":         {},
	"internal/format":       {},
	"internal/graphdraw":    {"sim", "internal/format"},
	"internal/mosaikimport": {"sim", "internal/proc"},
	"internal/loglevel":     {"internal/suggest"},
	"internal/pattern":      {},
	"internal/peertest":     {},
	"internal/plot":         {},
	"internal/proc":         {},
	"internal/profile":      {"sim", "internal/format"},
	"internal/progress":     {"sim", "internal/format"},
	"internal/recordings":   {},
	"internal/results":      {"sim", "codec", "internal/suggest"},
	"internal/shards":       {"scheduler"},
	"internal/suggest":      {},
	"internal/testcert":     {},
	"internal/trace":        {"sim", "codec", "container", "scheduler", "internal/format", "internal/graphdraw"},
	"internal/ui":           {"sim", "container", "internal/format", "internal/profile", "internal/progress", "internal/results"},
	"internal/unit":         {},
	"internal/worldtest":    {},
	"scenarios/data":        {},
}

// rulesFor returns what pkg may import. Packages below models, whose number
// grows, follow its rule.
func rulesFor(pkg string) ([]string, bool) {
	for p := pkg; p != "."; p = path.Dir(p) {
		if allowed, ok := mayImport[p]; ok {
			return allowed, p == pkg || p == "models"
		}
	}
	return nil, false
}

// light are the packages that a user imports as a library, and all that they
// bring along from elsewhere.
var light = map[string][]string{
	"sim":        {},
	"container":  {},
	"sim/mosaik": {"golang.org/x/sys"},
}

// timeless are the packages that must give the same results at any wall-clock
// time and with any global random numbers.
var timeless = []string{"codec", "scheduler", "sim/random", "sim/stat", "models", "internal/unit", "internal/diag", "internal/suggest"}

type pkg struct {
	ImportPath string
	Dir        string
	GoFiles    []string
	Imports    []string
	Deps       []string
	Standard   bool
	Error      *struct{ Err string }
}

// list is go list -json.
func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go", append([]string{"list", "-json=ImportPath,Dir,GoFiles,Imports,Deps,Standard,Error"}, args...)...)
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	require.NoError(t, err, "go list")
	var all []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestImports(t *testing.T) {
	for _, p := range list(t, module+"/...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, ok := rulesFor(name)
		if !ok {
			t.Errorf("package %s has no rule; decide what it may import, and add it to mayImport", name)
			continue
		}
		for _, imported := range p.Imports {
			ours, isOurs := strings.CutPrefix(imported, module+"/")
			if isOurs && !covered(ours, allowed) && !strings.HasPrefix(ours, name+"/") {
				t.Errorf("package %s imports %s; it may import %v", name, ours, allowed)
			}
		}
	}
}

func covered(name string, allowed []string) bool {
	return slices.ContainsFunc(allowed, func(a string) bool {
		below, all := strings.CutSuffix(a, "...")
		return name == a || all && strings.HasPrefix(name, below)
	})
}

// Whoever imports simrun as a library does not get what its command needs.
func TestLibrariesStayLight(t *testing.T) {
	for name, allowed := range light {
		if _, err := os.Stat(filepath.Join(root(t), filepath.FromSlash(name), "doc.go")); errors.Is(err, os.ErrNotExist) {
			continue // checked as soon as it exists
		}
		for _, p := range list(t, "-deps", module+"/"+name) {
			ours := strings.HasPrefix(p.ImportPath, module+"/")
			if !p.Standard && !ours && !slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(p.ImportPath, a) }) {
				t.Errorf("importing %s brings in %s", name, p.ImportPath)
			}
		}
	}
}

func TestTimelessPackages(t *testing.T) {
	patterns := make([]string, len(timeless))
	for i, name := range timeless {
		patterns[i] = module + "/" + name
	}
	for _, p := range list(t, patterns...) {
		for _, file := range p.GoFiles {
			for _, found := range wallClock(t, filepath.Join(p.Dir, file), nil) {
				t.Errorf("%s; what this package does must depend on its arguments alone", found)
			}
		}
	}
}

// The scheduler decides; files, sockets and logs are for those who drive it.
func TestSchedulerIsPure(t *testing.T) {
	p := list(t, module+"/scheduler")[0]
	for _, imported := range p.Imports {
		for _, effect := range []string{"os", "net", "log", "io", "syscall", "sync"} {
			if imported == effect || strings.HasPrefix(imported, effect+"/") {
				t.Errorf("scheduler imports %s", imported)
			}
		}
	}
}

// wallClock finds uses of the wall clock and of global random numbers in a
// file, or in src if that is not nil.
func wallClock(t *testing.T, file string, src any) []string {
	t.Helper()
	fset := token.NewFileSet()
	f, err := parser.ParseFile(fset, file, src, parser.SkipObjectResolution)
	require.NoError(t, err)
	forbidden := map[string][]string{
		"time": {"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "Tick", "NewTimer", "NewTicker"},
		// New and the sources are fine: whoever calls them brings a seed.
		"math/rand/v2": {"Int", "IntN", "Int64", "Int64N", "Uint64", "Uint64N", "Float64", "NormFloat64", "ExpFloat64", "Perm", "Shuffle", "N"},
	}
	local := map[string][]string{}
	var found []string
	for _, spec := range f.Imports {
		name, err := strconv.Unquote(spec.Path.Value)
		require.NoError(t, err)
		if name == "math/rand" || name == "crypto/rand" {
			found = append(found, fmt.Sprintf("%s: imports %s", fset.Position(spec.Pos()), name))
		}
		if functions, ok := forbidden[name]; ok {
			short := path.Base(strings.TrimSuffix(name, "/v2"))
			if spec.Name != nil {
				short = spec.Name.Name
			}
			local[short] = functions
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && slices.Contains(local[x.Name], sel.Sel.Name) {
				found = append(found, fmt.Sprintf("%s: uses %s.%s", fset.Position(sel.Pos()), x.Name, sel.Sel.Name))
			}
		}
		return true
	})
	return found
}

func TestWallClockIsFound(t *testing.T) {
	const src = `package p
import ("math/rand/v2"; clock "time"; "math/rand")
func f() { clock.Sleep(1); _ = clock.Second; _ = rand.Float64(); _ = rand.New(nil) }`
	got := wallClock(t, "p.go", src)
	assert.Equal(t, []string{"p.go:2:39: imports math/rand", "p.go:3:12: uses clock.Sleep", "p.go:3:50: uses rand.Float64"}, got)
}

// The command parses, calls, and exits; everything else can be tested without it.
func TestMainIsSmall(t *testing.T) {
	text, err := os.ReadFile(filepath.Join(root(t), "cmd", "simrun", "main.go"))
	require.NoError(t, err)
	assert.Less(t, strings.Count(string(text), "\n"), 60)
}

// root is the folder of the module.
func root(t *testing.T) string {
	t.Helper()
	out, err := exec.Command("go", "env", "GOMOD").Output()
	require.NoError(t, err)
	return filepath.Dir(strings.TrimSpace(string(out)))
}
