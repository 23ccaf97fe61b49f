package cli

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/simrun/simrun/internal/suggest"
)

// builtin begins the name of a scenario that comes with simrun.
const builtin = "builtin:"

func (c *command) root() *cobra.Command {
	var version bool
	root := &cobra.Command{
		Use:   "simrun",
		Short: "Run simulators, models and agents together in one virtual time",
		Long: `simrun runs simulators in any language, models written in Go, and agents together
in one virtual time: one scenario file, one command, one reproducible result.

Exit codes:
` + exitTable(),
		Example: `  simrun run builtin:district     run a scenario that comes with simrun
  simrun init first               write a small scenario to begin with: first.yaml
  simrun check first.yaml         find mistakes without running it
  simrun run first.yaml           run it; results go to a new folder in runs/
  simrun list                     built-in models and scenarios`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if version {
				return c.printVersion()
			}
			return cmd.Help()
		},
		SilenceErrors:     true, // Main reports them
		SilenceUsage:      true,
		DisableAutoGenTag: true,
	}
	root.SetIn(c.in)
	root.SetOut(c.out)
	root.SetErr(c.err)
	root.SetFlagErrorFunc(flagError)
	root.Flags().BoolVar(&version, "version", false, "print the version")
	root.SetHelpCommand(helpCommand())
	root.AddCommand(c.runCommand(), c.checkCommand(), c.resultsCommand(), c.plotCommand(), c.uiCommand(), c.graphCommand(), c.traceCommand(), c.diffCommand(), c.containerCommand(), c.simulatorCommand(), c.initCommand(), c.importCommand(), c.listCommand(), c.schemaCommand(), c.versionCommand())
	root.InitDefaultCompletionCmd("completion")
	for _, cmd := range root.Commands() {
		if cmd.Name() == "completion" {
			// Alone, cobra's command shows its help whatever shell it is asked for.
			cmd.Args = noArgs
			cmd.RunE = func(cmd *cobra.Command, _ []string) error { return cmd.Help() }
		}
	}
	return root
}

// flagError adds to a wrong option what may have been meant.
func flagError(cmd *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	}
	name := unknown.GetSpecifiedName()
	if unknown.GetSpecifiedShortnames() != "" {
		return fmt.Errorf("%s has no option -%s; see %[1]s --help", cmd.CommandPath(), name)
	}
	var known []string
	cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, "--"+f.Name) })
	return fmt.Errorf("%s has no option --%s; %s", cmd.CommandPath(), name, suggest.Sentence("--"+name, known))
}

// helpCommand is simrun help. Cobra's own shows the help of simrun for a command
// that does not exist, as if that had been asked for.
func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [COMMAND]",
		Short:   "Tell about a command",
		Example: `  simrun help run`,
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]cobra.Completion, cobra.ShellCompDirective) {
			var names []cobra.Completion
			if of, rest, err := cmd.Root().Find(args); err == nil && len(rest) == 0 {
				for _, sub := range of.Commands() {
					if sub.IsAvailableCommand() {
						names = append(names, cobra.CompletionWithDesc(sub.Name(), sub.Short))
					}
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			of, rest, err := cmd.Root().Find(args)
			if err == nil {
				err = noArgs(of, rest)
			}
			if err != nil {
				return err
			}
			of.InitDefaultHelpFlag() // which cobra adds only to what it runs
			return of.Help()
		},
	}
}

// noArgs refuses arguments: of the root, they are commands that do not exist.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) == 0 {
		return nil
	}
	if !cmd.HasSubCommands() {
		return fmt.Errorf("%s takes no arguments, got %q; see %[1]s --help", cmd.CommandPath(), strings.Join(args, " "))
	}
	var known []string
	for _, sub := range cmd.Commands() {
		if sub.IsAvailableCommand() {
			known = append(known, sub.Name())
		}
	}
	return fmt.Errorf("unknown command %q; %s", args[0], suggest.Sentence(args[0], known))
}

// oneScenario wants a scenario file.
func oneScenario(cmd *cobra.Command, args []string) error {
	switch len(args) {
	case 1:
		return nil
	case 0:
		return fmt.Errorf("%s needs a scenario: a file, or builtin:NAME (see simrun list)", cmd.CommandPath())
	}
	return fmt.Errorf("%s takes one scenario, got %d: %s", cmd.CommandPath(), len(args), strings.Join(args, " "))
}
