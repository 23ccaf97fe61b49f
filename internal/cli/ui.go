package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/simrun/simrun/internal/results"
	"github.com/simrun/simrun/internal/ui"
	"github.com/simrun/simrun/sim"
)

// uiOptions say where the page of a run is served.
type uiOptions struct {
	show   bool
	listen string
}

// addListen adds the option that says where.
func (o *uiOptions) addListen(flags *pflag.FlagSet) {
	flags.StringVar(&o.listen, "ui-listen", "", "serve the page at `ADDRESS`, such as :8080, not only to this machine; whoever has the printed address can see the run and stop it")
}

func (c *command) uiCommand() *cobra.Command {
	var o uiOptions
	cmd := &cobra.Command{
		Use:   "ui RUN",
		Short: "Show a run that has ended in the browser",
		Long: `Show what a run has recorded, what it cost and what its simulators have printed, on the page
that simrun run --ui shows of a run under way. The page is served to this machine only, at an
address with a token that is printed, until Ctrl-C.`,
		Example:           `  simrun ui runs/first-20260601-120000`,
		Args:              oneRun,
		ValidArgsFunction: completeRuns,
		RunE:              func(cmd *cobra.Command, args []string) error { return c.showRun(cmd.Context(), args[0], o) },
	}
	o.addListen(cmd.Flags())
	return cmd
}

func oneRun(cmd *cobra.Command, args []string) error {
	if len(args) != 1 {
		return fmt.Errorf("%s needs one run folder; see %[1]s --help", cmd.CommandPath())
	}
	return nil
}

// showRun is simrun ui.
func (c *command) showRun(ctx context.Context, dir string, o uiOptions) error {
	run, err := results.Open(dir)
	if err != nil {
		return err
	}
	ctx, stop := c.untilInterrupted(ctx, "")
	defer stop()
	view := ui.NewEnded(run)
	if run.Manifest.Trace != "" {
		if err := showTrace(view, dir); err != nil {
			c.say("messages of agents are not shown: %v", err)
		}
	}
	server, err := c.serve(o, view)
	if err != nil {
		return err
	}
	<-ctx.Done()
	return server.Close()
}

// showTrace shows messages of agents from the trace of a run.
func showTrace(view *ui.Ended, dir string) error {
	r, err := openTrace(dir)
	if err != nil {
		return err
	}
	return errors.Join(view.Trace(r.Next), r.Close())
}

// serve serves a page and prints where.
func (c *command) serve(o uiOptions, view ui.View) (*ui.Server, error) {
	addr := o.listen
	if addr == "" {
		addr = "127.0.0.1"
	} else if strings.HasPrefix(addr, ":") {
		addr = "0.0.0.0" + addr
	}
	server, err := ui.Listen(addr, view)
	if err != nil {
		return nil, fmt.Errorf("--ui-listen %s: %w", o.listen, err)
	}
	_, err = fmt.Fprintf(c.err, "Open %s\n", server.URL())
	return server, err
}

// livePage is the page of a run under way.
type livePage struct {
	*ui.Live
	server  *ui.Server
	control sim.Control
	sink    sim.Sink
}

// showLive serves the page of a run that will begin. stop ends the run.
func (c *command) showLive(o uiOptions, name string, folder *results.Run, stop func()) (*livePage, error) {
	p := &livePage{}
	p.Live = ui.NewLive(ui.LiveConfig{Name: name, Folder: folder.Dir(), LogDir: folder.LogDir(), Control: &p.control, Stop: stop})
	p.sink = p.Live.Sink(folder.Sink())
	var err error
	p.server, err = c.serve(o, p.Live)
	return p, err
}

// over tells how the run has ended and ends the server.
func (p *livePage) over(summary *sim.Summary, failure error) error {
	p.End(summary, failure)
	return p.server.Close()
}

// logging passes text on that people read, and shows it on the page.
type logging struct {
	next io.Writer
	page *livePage
}

func (l logging) Write(text []byte) (int, error) {
	for line := range strings.Lines(string(text)) {
		l.page.Log("simrun", strings.TrimRight(line, "\n"))
	}
	return l.next.Write(text)
}
