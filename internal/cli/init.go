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

// firstScenario is the shipped scenario that simrun init writes, under the name
// that the user has chosen.
const firstScenario = "minimal"

func (c *command) initCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [NAME]",
		Short: "Write a small scenario to begin with",
		Long:  `Write a small commented scenario that runs to NAME.yaml, or to scenario.yaml.`,
		Example: `  simrun init
  simrun init first && simrun run first.yaml`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s takes one name, got %d: %s", cmd.CommandPath(), len(args), strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			name := "scenario"
			if len(args) == 1 {
				name = args[0]
			}
			return c.init(name)
		},
	}
}

// scenarioName is what a scenario can be called.
var scenarioName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// init is simrun init.
func (c *command) init(name string) error {
	path := name
	if ext := filepath.Ext(path); ext != ".yaml" && ext != ".yml" {
		path += ".yaml"
	}
	name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	if !scenarioName.MatchString(name) {
		return fail(BadScenario, fmt.Errorf("init: %q cannot be the name of a scenario; use letters, digits, _ and -, and begin with a letter", name))
	}
	shipped, err := scenarios.Source("builtin:" + firstScenario)
	if err != nil {
		return fail(InternalError, err)
	}
	text := strings.NewReplacer("name: "+firstScenario+"\n", "name: "+name+"\n", " FILE", " "+filepath.Base(path)).Replace(string(shipped))
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if errors.Is(err, fs.ErrExist) {
		return fail(BadScenario, fmt.Errorf("init: %s is there already; choose another name", path))
	}
	if err == nil {
		_, err = f.WriteString(text)
		err = errors.Join(err, f.Close())
	}
	if err != nil {
		return fail(ResultsFailed, fmt.Errorf("init: %w", err))
	}
	return c.print(fmt.Sprintf("Wrote %s. Run it:\n\n  simrun run %[1]s\n", path))
}
