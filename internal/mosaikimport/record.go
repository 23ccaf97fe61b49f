package mosaikimport

import (
	"context"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/simrun/simrun/internal/proc"
)

//go:embed recorder/*/*.py
var recorder embed.FS

// maxRecording is the size of a recording that is read, in bytes: a hundred
// times what a scenario file may have.
const maxRecording = 400 << 20

// Config says what to record.
type Config struct {
	Script string
	Args   []string // of the script
	Python string   // program; a relative path is looked up from the current folder
	World  int      // which World.run of the script, from 1

	Scratch string // an empty folder for temporary files, which stay there
}

// ScriptError says why a script gave no recording.
type ScriptError struct {
	Script string
	Line   int    // 0: none in particular
	What   string // what is wrong, and what to do
	Output []string
}

// Error gives file:line: what, and the last lines of what the script printed.
func (e *ScriptError) Error() string {
	text := e.Script
	if e.Line > 0 {
		text += ":" + strconv.Itoa(e.Line)
	}
	text += ": " + e.What
	if len(e.Output) > 0 {
		text += "; its last output:\n  " + strings.Join(e.Output, "\n  ")
	}
	return text
}

// Record runs the script and returns what it composes. It fails with a *ScriptError if the
// script does not get as far as World.run, and with the error of ctx if that ends before.
func Record(ctx context.Context, cfg Config) (*Recording, error) {
	if info, err := os.Stat(cfg.Script); err != nil || info.IsDir() {
		return nil, &ScriptError{Script: cfg.Script, What: "there is no such file; name the Python script of a mosaik scenario"}
	}
	if err := unpack(cfg.Scratch); err != nil {
		return nil, fmt.Errorf("files of the recorder: %w", err)
	}
	out := filepath.Join(cfg.Scratch, "recording.json")
	// -B: no compiled files are left beside the modules of the user.
	process, err := proc.Start(proc.Config{
		Args: append([]string{cfg.Python, "-B", filepath.Join(cfg.Scratch, "simrun_recorder", "__main__.py"), out, strconv.Itoa(cfg.World), cfg.Script}, cfg.Args...),
		Log:  filepath.Join(cfg.Scratch, "output.log"),
	})
	if err != nil {
		return nil, fmt.Errorf("python: %w; choose another one with --python", err)
	}
	select {
	case <-process.Done():
	case <-ctx.Done():
	}
	process.Stop(ctx, 0)
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	rec, err := read(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("what the recorder wrote: %w", err)
	}
	if err != nil {
		return nil, &ScriptError{Script: cfg.Script, What: fmt.Sprintf("%s %s before anything was recorded", cfg.Python, process.Status()), Output: process.Tail()}
	}
	if rec.Failure != nil {
		return nil, rec.Failure.explain(cfg, process.Tail())
	}
	return rec, nil
}

// unpack writes the recorder to a folder.
func unpack(dir string) error {
	files, err := fs.Sub(recorder, "recorder")
	if err != nil {
		return err
	}
	return os.CopyFS(dir, files)
}

func read(path string) (*Recording, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	text, err := io.ReadAll(io.LimitReader(f, maxRecording+1))
	if err != nil {
		return nil, err
	}
	if len(text) > maxRecording {
		return nil, errors.New("the recording is too large")
	}
	rec := new(Recording)
	return rec, json.Unmarshal(text, rec)
}

func (f *failure) explain(cfg Config, output []string) error {
	e := &ScriptError{Script: cfg.Script, Line: f.Line}
	switch f.Kind {
	case "no world":
		e.What = "the script makes no mosaik.World; name the script that composes the scenario, or give the arguments with which it does"
	case "no run":
		e.What = "the script ended without World.run, which would say that the scenario is complete"
		if f.Runs > 0 {
			e.What = fmt.Sprintf("the script ended after %d World.run, there is no number %d; see --world", f.Runs, cfg.World)
		}
	case "exited":
		e.What = "the script ended before World.run, with " + f.What
	default:
		e.What = f.What
		if f.Raised != "" && f.Raised != fmt.Sprintf("%s:%d", f.File, f.Line) {
			e.What += "; raised at " + shown(f.Raised)
		}
	}
	if f.Output {
		e.Output = output
	}
	return e
}
