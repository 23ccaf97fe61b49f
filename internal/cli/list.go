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
	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func (c *command) listCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list [MODEL]",
		Short: "List built-in models and scenarios, or what one model takes and gives",
		Long: `List the models and scenarios that come with simrun. With the name of a model, list its
parameters, inputs and outputs, with their units.`,
		Example: `  simrun list
  simrun list battery`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return fmt.Errorf("%s takes one model, got %d: %s", cmd.CommandPath(), len(args), strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
			return modelNames(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return c.list()
			}
			return c.listModel(cmd.Context(), args[0])
		},
	}
}

func modelNames() []string {
	var names []string
	for _, m := range models.Builtin() {
		names = append(names, m.Name)
	}
	return names
}

// list is simrun list.
func (c *command) list() error {
	var w writer
	table := &format.Table{Indent: "  "}
	for _, m := range models.Builtin() {
		table.Row(m.Name, m.Doc)
	}
	w.buf = append(w.buf, "Models, for \"model: NAME\" in a scenario; more about one: simrun list NAME\n\n"...)
	w.table(table)
	table = &format.Table{Indent: "  "}
	for _, s := range scenarios.Builtin() {
		table.Row("builtin:"+s.Name, s.Title)
	}
	w.buf = append(w.buf, "\nScenarios, for simrun run\n\n"...)
	w.table(table)
	return c.print(w.String())
}

// listModel is simrun list MODEL.
func (c *command) listModel(ctx context.Context, name string) error {
	for _, m := range models.Builtin() {
		if m.Name != name {
			continue
		}
		text, err := describe(ctx, &m)
		if err != nil {
			return fail(InternalError, err)
		}
		return c.print(text)
	}
	return fail(BadScenario, fmt.Errorf("list: no model %q; %s", name, suggest.Sentence(name, modelNames())))
}

// describe tells all about a built-in simulator.
func describe(ctx context.Context, entry *models.Entry) (string, error) {
	var w writer
	fmt.Fprintf(&w, "%s: %s\n", entry.Name, entry.Doc)
	simulator := entry.New()
	meta, err := simulator.Init(ctx, &sim.Env{ID: entry.Name})
	if closer, ok := simulator.(io.Closer); ok {
		// What was only looked at has nothing to lose when it is closed.
		defer func() { _ = closer.Close() }()
	}
	if err != nil {
		// Its models depend on parameters, on a file for example.
		fmt.Fprintf(&w, "\nwhat it offers depends on its parameters: %v\n", err)
		return w.String(), nil
	}
	if p, ok := simulator.(interface{ SimulatorParams() []sim.Param }); ok && len(p.SimulatorParams()) > 0 {
		w.buf = append(w.buf, "\nparameters of the simulator\n"...)
		w.table(params(p.SimulatorParams()))
	}
	for _, model := range meta.Models {
		if model.Hidden {
			continue
		}
		fmt.Fprintf(&w, "\n%s: %s (%s)\n", model.Name, model.Doc, meta.Type)
		section(&w, "parameters", params(model.Params))
		section(&w, "inputs", attrs(model.Attrs, true))
		section(&w, "outputs", attrs(model.Attrs, false))
		if model.AnyInputs {
			w.buf = append(w.buf, "  inputs of any name\n"...)
		}
	}
	return w.String(), nil
}

// section writes a table under a title, nothing if the table is empty.
func section(w *writer, title string, table *format.Table) {
	var rows writer
	rows.table(table)
	if len(rows.buf) > 0 {
		fmt.Fprintf(w, "  %s\n%s", title, rows.buf)
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
