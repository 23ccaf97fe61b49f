package loglevel

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/simrun/simrun/internal/suggest"
)

// Packages are what logs: loggers that are told to be of one of them, with [For],
// obey its level.
var Packages = []string{"sim", "mosaik", "container", "federation", "scenarios", "results"}

// packageKey is the attribute of a line that says who logs.
const packageKey = "package"

// For returns the logger of a package.
func For(l *slog.Logger, name string) *slog.Logger { return l.With(packageKey, name) }

// none is a level at which nothing is logged.
const none = slog.Level(1 << 20)

var levels = map[string]slog.Level{"debug": slog.LevelDebug, "info": slog.LevelInfo, "warn": slog.LevelWarn, "error": slog.LevelError, "none": none}

// Levels are the levels from which on things are logged.
type Levels struct {
	all       slog.Level
	ofPackage map[string]slog.Level
}

// Names lists the names of levels, from that with most to that with least.
func Names() []string {
	return slices.SortedFunc(maps.Keys(levels), func(a, b string) int { return cmp.Compare(levels[a], levels[b]) })
}

// Parse reads levels as in "info" or "warn,sim=debug"; packages that are not
// named have that without a name, or none.
func Parse(text string) (Levels, error) {
	l := Levels{all: none, ofPackage: make(map[string]slog.Level)}
	for _, part := range strings.Split(text, ",") {
		name, level, named := strings.Cut(strings.TrimSpace(part), "=")
		if !named {
			name, level = "", name
		}
		v, known := levels[strings.ToLower(level)]
		switch {
		case !known:
			return l, fmt.Errorf("no level %q; %s", level, suggest.Sentence(level, Names()))
		case !named:
			l.all = v
		case !slices.Contains(Packages, name):
			return l, fmt.Errorf("no package %q logs; those that do are %s", name, strings.Join(Packages, ", "))
		default:
			l.ofPackage[name] = v
		}
	}
	return l, nil
}

// New returns a logger that writes lines of key=value to w.
func New(w io.Writer, l Levels) *slog.Logger {
	// The handler below decides on levels.
	text := slog.NewTextHandler(w, &slog.HandlerOptions{Level: slog.LevelDebug})
	return slog.New(&handler{Handler: text, levels: l, level: l.all})
}

// handler drops what is below the level of the package.
type handler struct {
	slog.Handler
	levels Levels
	level  slog.Level
}

func (h *handler) Enabled(_ context.Context, level slog.Level) bool { return level >= h.level }

func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	w := &handler{h.Handler.WithAttrs(attrs), h.levels, h.level}
	for _, a := range attrs {
		if level, ok := h.levels.ofPackage[a.Value.String()]; ok && a.Key == packageKey {
			w.level = level
		}
	}
	return w
}

func (h *handler) WithGroup(name string) slog.Handler {
	return &handler{h.Handler.WithGroup(name), h.levels, h.level}
}
