package cli

import (
	"context"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func (c *command) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list [MODEL|AGENT|SCENARIO]",
		Short: "List built-in models, agents and scenarios, or what one of them takes and gives",
		Long: `List the models, types of agents, and scenarios that come with simrun. With the name of a
model or agent, list its parameters, inputs and outputs, with their units; with the name
of a scenario, its parameters and how to run it.`,
		Example: `  simrun list
  simrun list battery
  simrun list district`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s takes one name, got %d: %s", cmd.CommandPath(), len(args), strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return c.listNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.list()
			}
			return c.listOne(cmd.Context(), args[0])
		},
	}
}

// listNames are the names that simrun list knows.
func (c *command) listNames() []string {
	var names []string
	for _, m := range c.registry.Models {
		names = append(names, m.Name)
	}
	for _, a := range c.registry.Agents {
		names = append(names, a.Name)
	}
	for _, s := range scenarios.Builtin() {
		names = append(names, s.Name)
	}
	return names
}

// list is simrun list.
func (c *command) list() error {
	var w writer
	lines := &format.Table{Indent: "  "}
	for _, m := range c.registry.Models {
		lines.Row(m.Name, m.Doc)
	}
	w.titled("Models, for \"model: NAME\" in a scenario; more about one: simrun list NAME\n\n", lines)
	lines = &format.Table{Indent: "  "}
	for _, a := range c.registry.Agents {
		lines.Row(a.Name, a.Doc)
	}
	w.titled("\nAgents, for \"type: NAME\"; more about one: simrun list NAME\n\n", lines)
	lines = &format.Table{Indent: "  "}
	for _, s := range scenarios.Builtin() {
		lines.Row(builtin+s.Name, s.Title)
	}
	w.titled("\nScenarios, for simrun run; more about one: simrun list NAME\n\n", lines)
	return c.print(w.String())
}

// listOne is simrun list NAME.
func (c *command) listOne(ctx context.Context, name string) error {
	for _, m := range c.registry.Models {
		if m.Name == name {
			simulator := m.New()
			var w writer
			fmt.Fprintf(&w, "%s: %s\n", m.Name, m.Doc)
			if p, ok := simulator.(interface{ SimulatorParams() []sim.Param }); ok {
				w.titled("\nparameters of the simulator\n", params(p.SimulatorParams()))
			}
			return c.print(w.String() + describe(ctx, name, simulator))
		}
	}
	for _, a := range c.registry.Agents {
		if a.Name == name {
			return c.print(strings.TrimPrefix(describe(ctx, name, sim.NewAgents(a)), "\n"))
		}
	}
	for _, s := range scenarios.Builtin() {
		if s.Name == strings.TrimPrefix(name, builtin) {
			return c.listScenario(builtin + s.Name)
		}
	}
	return fail(BadScenario, fmt.Errorf("list: no model, agent or scenario %q; %s", name, suggest.Sentence(name, c.listNames())))
}

// listScenario is simrun list for a shipped scenario.
func (c *command) listScenario(path string) error {
	s, err := scenarios.Read(path, scenarios.ReadOptions{Registry: c.registry})
	if err != nil {
		return fail(InternalError, err)
	}
	var w writer
	fmt.Fprintf(&w, "%s: %s\n\n%s", path, s.Title, format.Exact(time.Duration(s.Until)))
	if !s.Start.IsZero() {
		fmt.Fprintf(&w, " from %s", s.Start.Format(time.RFC3339))
	}
	fmt.Fprintf(&w, ", seed %d\n", s.Seed)
	table := &format.Table{Indent: "  "}
	for _, p := range s.Settings() {
		table.Row(p.Name, p.Value, p.Comment)
	}
	w.titled("\nparameters, for --set NAME=VALUE\n", table)
	fmt.Fprintf(&w, "\nto run it\n  simrun run %s\n\nto change it\n  simrun init my-%s --from %s\n", path, s.Name, path)
	return c.print(w.String())
}

// describe tells what a simulator takes and gives.
func describe(ctx context.Context, name string, simulator sim.Simulator) string {
	var w writer
	meta, err := simulator.Init(ctx, &sim.Env{ID: name})
	if closer, ok := simulator.(io.Closer); ok {
		// What was only looked at has nothing to lose when it is closed.
		defer func() { _ = closer.Close() }()
	}
	if err != nil {
		// Its models depend on parameters, on a file for example.
		fmt.Fprintf(&w, "\nwhat it offers depends on its parameters: %v\n", err)
		return w.String()
	}
	for _, model := range meta.Models {
		if model.Hidden {
			continue
		}
		fmt.Fprintf(&w, "\n%s (%s)\n", strings.TrimSuffix(model.Name+": "+model.Doc, ": "), meta.Type)
		w.titled("  parameters\n", params(model.Params))
		w.titled("  inputs\n", attrs(model.Attrs, true))
		w.titled("  outputs\n", attrs(model.Attrs, false))
		if model.AnyInputs {
			fmt.Fprintln(&w, "  inputs of any name")
		}
	}
	return w.String()
}

// titled writes a table under a title, nothing if the table is empty.
func (w *writer) titled(title string, table *format.Table) {
	var rows writer
	rows.table(table)
	if len(rows.buf) > 0 {
		fmt.Fprintf(w, "%s%s", title, rows.buf)
	}
}

func params(list []sim.Param) *format.Table {
	table := &format.Table{Indent: "    "}
	for _, p := range list {
		fallback := "-"
		if p.Default != "" {
			fallback = shortDuration(p.Default)
		}
		table.Row(p.Name, fallback, p.Unit, p.Doc)
	}
	return table
}

func attrs(list []sim.Attr, inputs bool) *format.Table {
	table := &format.Table{Indent: "    "}
	for _, a := range list {
		if inputs && a.Input || !inputs && a.Output {
			table.Row(a.Name, a.Unit, a.Doc)
		}
	}
	return table
}

// shortDuration shortens what time.Duration.String makes of whole minutes and
// hours, 15m0s, to what one would write: 15m. Other text stays as it is.
func shortDuration(text string) string {
	if _, err := time.ParseDuration(text); err != nil {
		return text
	}
	if short, ok := strings.CutSuffix(text, "m0s"); ok {
		text = short + "m"
	}
	if short, ok := strings.CutSuffix(text, "h0m"); ok {
		text = short + "h"
	}
	return text
}
