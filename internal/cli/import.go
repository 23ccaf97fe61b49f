package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/mosaikimport"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

type importOptions struct {
	out    string
	python string
	world  int
}

func (c *command) importCommand() *cobra.Command {
	var o importOptions
	cmd := &cobra.Command{
		Use:   "import SCRIPT.py [ARG...]",
		Short: "Write the scenario file that a script of mosaik amounts to",
		Long: `Run a scenario script of mosaik, with its arguments, up to World.run, and write what it
has composed as a scenario file. Nothing is simulated: simulators are started, because scripts
look at the entities that they create, and ended; then once more from the file, to compare.

The script runs with your rights, in the Python that has its simulators; mosaik itself is
not needed. What cannot be said in a scenario file is a problem, what will differ a warning, each
with the line of the script. See docs/from-mosaik.md.

Exit codes: 0 the file was written, 2 the script failed, or is not one that can be translated,
3 a simulator does not start from the file, 4 interrupted, 5 the file could not be written.`,
		Example: `  simrun import demo.py                      write demo.yaml, then: simrun run demo.yaml
  simrun import demo.py --python .venv/bin/python --out scenarios/demo.yaml
  simrun import sweep.py --world 3 -- --houses 20`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return fmt.Errorf("%s needs the Python script of a mosaik scenario", cmd.CommandPath())
			}
			if o.world < 1 {
				return fmt.Errorf("--world %d: worlds are counted from 1", o.world)
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return []cobra.Completion{"py"}, cobra.ShellCompDirectiveFilterFileExt
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			return c.importScript(cmd.Context(), o, args[0], args[1:])
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVarP(&o.out, "out", "o", "", "scenario `FILE` to write; default: the name of the script, here")
	flags.StringVar(&o.python, "python", "python3", "`PROGRAM` that runs the script, and in the scenario those of its simulators that are classes")
	flags.IntVar(&o.world, "world", 1, "the `NUMBER` of the World.run to take, of a script with several")
	completeFixed(cmd, "world", nil)
	cmd.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; options of the script come after --", flagError(cmd, err))
	})
	return cmd
}

// importScript is simrun import.
func (c *command) importScript(ctx context.Context, o importOptions, script string, args []string) error {
	path := o.out
	if path == "" {
		path = strings.TrimSuffix(filepath.Base(script), filepath.Ext(script)) + ".yaml"
	}
	if _, err := os.Lstat(path); err == nil {
		return fail(BadScenario, fmt.Errorf("import: %s is there already; choose another name with --out", path))
	}
	ctx, stop := c.untilInterrupted(ctx, "")
	defer stop()
	dir, remove, err := c.scratch("simrun-import-*")
	if err != nil {
		return err
	}
	defer remove()
	recording, err := mosaikimport.Record(ctx, mosaikimport.Config{Script: script, Args: args, Python: o.python, World: o.world, Scratch: dir})
	if err != nil {
		if ctx.Err() != nil {
			return fail(Interrupted, errors.New("import: interrupted; nothing was written"))
		}
		return fail(BadScenario, fmt.Errorf("import: %w", err))
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return fail(ResultsFailed, fmt.Errorf("import: %w", err))
	}
	result, err := c.translated(ctx, f, recording, mosaikimport.Options{Script: script, Args: args, Python: o.python, Dir: filepath.Dir(path)})
	if closeErr := f.Close(); closeErr != nil && err == nil {
		err = fail(ResultsFailed, fmt.Errorf("import: %w", closeErr))
	}
	if result == nil {
		return errors.Join(err, os.Remove(path))
	}
	for _, remark := range result.Remarks {
		c.say("%s", remark)
	}
	switch {
	case ctx.Err() != nil:
		return fail(Interrupted, fmt.Errorf("import: interrupted; %s was written, but not checked", path))
	case err != nil:
		c.say("import: %s was written, but it cannot be run as it is:", path)
		return err
	}
	return c.print(fmt.Sprintf("Wrote %s. Run it:\n\n  simrun run %[1]s\n", path))
}

// translated writes the scenario into a file and checks it. If simulators do not
// create the same when they are asked for several entities at once, it is written
// again without that. The result is nil if there is none.
func (c *command) translated(ctx context.Context, f *os.File, recording *mosaikimport.Recording, o mosaikimport.Options) (*mosaikimport.Result, error) {
	for {
		result, err := mosaikimport.Translate(recording, o)
		if err != nil {
			return nil, fail(BadScenario, fmt.Errorf("import: nothing was written:\n%w", err))
		}
		if err := rewrite(f, result.Text); err != nil {
			return nil, fail(ResultsFailed, fmt.Errorf("import: %w", err))
		}
		different, err := c.checkImported(ctx, f.Name(), result, !recording.Connects())
		if (err != nil || len(different) > 0) && ctx.Err() == nil && result.Joined {
			o.Apart = true
			continue
		}
		if len(different) > 0 {
			// As with IDs that are drawn by lot. The file names entities by their place, so it may be right.
			result.Remarks = append(result.Remarks, fmt.Sprintf("simulators that are started again do not create the same entities: %s%s; see that nobody relies on their IDs",
				different[0], more(len(different)-1)))
		}
		return result, err
	}
}

// more says how many others there are.
func more(n int) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprintf(", and %d more", n)
}

func rewrite(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return errors.Join(f.Truncate(int64(len(text))), err)
}

// checkImported checks the scenario that was written, as simrun check does. It returns
// what of its entities and connections is not as in the script.
func (c *command) checkImported(ctx context.Context, path string, result *mosaikimport.Result, start bool) (different []string, err error) {
	scenario, err := scenarios.Read(path, scenarios.ReadOptions{Registry: c.registry})
	if err != nil {
		return nil, fail(BadScenario, err)
	}
	if !start {
		problems, warnings := scenario.Check(ctx, scenarios.CheckOptions{})
		_ = warnings.RenderEach(c.err) // they do not change what the command comes to
		if len(problems) > 0 {
			return nil, atFault(problems)
		}
		return nil, nil
	}
	world, err := scenario.Build(ctx, scenarios.BuildOptions{
		Sink: func() sim.Sink { return &sim.Memory{} },
		Warn: func(text string) { c.say("%s", text) },
	})
	if err != nil {
		return nil, atFault(err)
	}
	different = result.Differences(world)
	if err := world.Close(); err != nil {
		return nil, atFault(err)
	}
	return different, nil
}
