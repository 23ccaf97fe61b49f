package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/scenarios"
)

// firstScenario is the shipped scenario that simrun init writes unless it is told
// another.
const firstScenario = builtin + "minimal"

func (c *command) initCommand() *cobra.Command {
	var from string
	cmd := &cobra.Command{
		Use:   "init [NAME]",
		Short: "Write a small scenario to begin with",
		Long: `Write a small commented scenario that runs to NAME.yaml, or to scenario.yaml. With --from
it is one of those that come with simrun (see simrun list), to be changed, and the files
that it reads are written, too. Without a NAME it keeps its own.`,
		Example: `  simrun init
  simrun init first && simrun run first.yaml
  simrun init my-district --from builtin:district`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s takes one name, got %d: %s", cmd.CommandPath(), len(args), strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			name := "scenario"
			switch {
			case len(args) == 1:
				name = args[0]
			case from != firstScenario:
				name = strings.TrimPrefix(from, builtin)
			}
			return c.init(name, from)
		},
	}
	cmd.Flags().StringVar(&from, "from", firstScenario, "the `SCENARIO` to write, one that comes with simrun")
	completeBy(cmd, "from", func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
		return shippedScenarios(), cobra.ShellCompDirectiveNoFileComp
	})
	return cmd
}

// scenarioName is what a scenario can be called.
var scenarioName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// init is simrun init.
func (c *command) init(name, from string) error {
	if !strings.HasPrefix(from, builtin) {
		return fail(BadScenario, fmt.Errorf("init: --from %s: name a scenario that comes with simrun, such as builtin:district; see simrun list", from))
	}
	scenario, err := scenarios.Read(from, scenarios.ReadOptions{Registry: c.registry})
	if err != nil {
		return fail(BadScenario, err)
	}
	path := name
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		path += ".yaml"
	}
	name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if !scenarioName.MatchString(name) {
		return fail(BadScenario, fmt.Errorf("init: %q cannot be the name of a scenario; use letters, digits, _ and -, and begin with a letter", name))
	}
	text := strings.NewReplacer("name: "+scenario.Name+"\n", "name: "+name+"\n", from, filepath.Base(path),
		" FILE", " "+filepath.Base(path)).Replace(string(scenario.Text()))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fail(BadScenario, fmt.Errorf("init: %s is there already; choose another name", path))
	}
	if err == nil {
		err = written(f, []byte(text))
	}
	if err != nil {
		return fail(ResultsFailed, fmt.Errorf("init: %w", err))
	}
	files, err := scenario.Export(filepath.Dir(path))
	if err != nil {
		// Without its files it is of no use.
		return fail(ResultsFailed, fmt.Errorf("init: %w", errors.Join(err, os.Remove(path))))
	}
	what := "Wrote " + path
	if len(files) > 0 {
		what += " and the files that it reads:\n"
		for _, file := range files {
			what += "\n  " + filepath.Join(filepath.Dir(path), filepath.FromSlash(file))
		}
		what += "\n\n"
	} else {
		what += ". "
	}
	return c.print(fmt.Sprintf("%sRun it:\n\n  simrun run %s\n", what, path))
}
