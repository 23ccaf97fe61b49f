package cli

import (
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/simrun/simrun/scenarios"
)

// completeScenario completes shipped scenarios and scenario files.
func completeScenario(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	if typed == "" || !strings.HasPrefix(typed, builtin) && !strings.HasPrefix(builtin, typed) {
		return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	return shippedScenarios(), cobra.ShellCompDirectiveNoFileComp
}

// shippedScenarios completes the scenarios that come with simrun.
func shippedScenarios() []cobra.Completion {
	var names []cobra.Completion
	for _, info := range scenarios.Builtin() {
		names = append(names, cobra.CompletionWithDesc(builtin+info.Name, info.Title))
	}
	return names
}

// completeParameter completes the parameters of the scenario that is on the
// command line already.
func (c *command) completeParameter(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) == 0 || strings.Contains(typed, "=") {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var names []cobra.Completion
	if s, err := scenarios.Read(args[0], scenarios.ReadOptions{Registry: c.registry}); err == nil {
		for _, p := range s.Settings() {
			names = append(names, cobra.CompletionWithDesc(p.Name+"=", strings.TrimSpace(p.Value+"  "+p.Comment)))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// plainUsage takes the backquotes out of the usage of options. They mark the name
// of the value for the help, but completion shows the usage as it is.
func plainUsage(cmd *cobra.Command) {
	for _, sub := range cmd.Commands() {
		plainUsage(sub)
	}
	cmd.Flags().VisitAll(func(f *pflag.Flag) { f.Usage = strings.ReplaceAll(f.Usage, "`", "") })
}

// completeFixed completes an option that has few values.
func completeFixed(cmd *cobra.Command, option string, values []string) {
	completeBy(cmd, option, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
}

func completeBy(cmd *cobra.Command, option string, complete cobra.CompletionFunc) {
	if err := cmd.RegisterFlagCompletionFunc(option, complete); err != nil {
		panic(err) // the option is not there, or has been completed already
	}
}
