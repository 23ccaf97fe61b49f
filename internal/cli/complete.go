package cli

import (
	"github.com/spf13/cobra"

	"github.com/simrun/simrun/scenarios"
)

// completeScenario completes shipped scenarios and scenario files.
func completeScenario(_ *cobra.Command, args []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	if len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	const scheme = "builtin:"
	if len(typed) == 0 || len(typed) > len(scheme) && typed[:len(scheme)] != scheme || len(typed) <= len(scheme) && scheme[:len(typed)] != typed {
		return []cobra.Completion{"yaml", "yml"}, cobra.ShellCompDirectiveFilterFileExt
	}
	var names []cobra.Completion
	for _, info := range scenarios.Builtin() {
		names = append(names, cobra.CompletionWithDesc(scheme+info.Name, info.Title))
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}

// completeFixed completes an option that has few values.
func completeFixed(cmd *cobra.Command, option string, values []string) {
	err := cmd.RegisterFlagCompletionFunc(option, cobra.FixedCompletions(values, cobra.ShellCompDirectiveNoFileComp))
	if err != nil {
		panic(err) // the option is not there, or has been completed already
	}
}
