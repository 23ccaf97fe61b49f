package cli

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/codecs"
	"github.com/simrun/simrun/internal/containers"
	"github.com/simrun/simrun/internal/loglevel"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// maxContainerFrame is the size of the largest message to and from a container,
// in bytes: what its agents have for others in a round is one message.
const maxContainerFrame = 64 << 20

// endOfCalls is how long calls between agents that are under way may take when a
// container ends.
const endOfCalls = time.Second

// containerOptions are the options of simrun container, as given.
type containerOptions struct {
	listen        string
	codec         string
	clock         string
	factor        float64
	ca, cert, key string
	tlsAiomas     bool
	logLevel      string
}

func (c *command) containerCommand() *cobra.Command {
	var o containerOptions
	cmd := &cobra.Command{
		Use:   "container --listen ADDRESS",
		Short: "Host agents of runs in a process of its own",
		Long: `Host agents in a process of its own, here or on another machine. Runs whose scenario
names the address in its section "containers" put agents there, one run at a time. Masters,
programs of aiomas among them, find agent 0, a manager that makes agents, sets their
clock, and ends the process. The first line of the output is the address at which it
listens, with the real port. Ctrl-C or SIGTERM end it, too.

Without TLS whoever can connect can have agents made: listen on a network only if
everybody there may, or give certificates, which both ends then show each other.

Exit codes: 0 it was told to end, 2 bad options, or it cannot listen there, 3 an agent
that a manager has made failed.`,
		Example: `  simrun container --listen ipc:///tmp/north
  simrun container --listen tcp://127.0.0.1:5555 --codec msgpack
  simrun container --listen tls://:5555 --tls-ca ca.pem --tls-cert host.pem --tls-key host.key`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if cmd.Flags().Changed("factor") && o.clock != "real" {
				return fail(BadScenario, errors.New("--factor is how fast a real clock runs; give --clock real, too"))
			}
			return c.container(cmd.Context(), o)
		},
	}
	flags := cmd.Flags()
	flags.SortFlags = false
	flags.StringVar(&o.listen, "listen", "", "`ADDRESS` to listen at: tcp://HOST:PORT, tls://HOST:PORT or ipc://PATH; port 0 is any free one")
	flags.StringVar(&o.codec, "codec", codecs.Default, "`CODEC` of messages, the same at both ends: json, msgpack, msgpack-blosc, json-lz4, msgpack-lz4")
	flags.StringVar(&o.clock, "clock", "external", "`CLOCK` of agents that are not those of a run: external, which others set, or real")
	flags.Float64Var(&o.factor, "factor", 1, "with --clock real: how many seconds of virtual time pass in one of real time")
	flags.StringVar(&o.ca, "tls-ca", "", "PEM `FILE` with the authority of both ends")
	flags.StringVar(&o.cert, "tls-cert", "", "PEM `FILE` with the certificate of this end")
	flags.StringVar(&o.key, "tls-key", "", "PEM `FILE` with its key")
	flags.BoolVar(&o.tlsAiomas, "tls-aiomas", false, "speak TLS 1.2, the only one that aiomas knows; runs cannot connect then")
	flags.StringVar(&o.logLevel, "log-level", "warn", "log to standard error from this `LEVEL` on: debug, info, warn, error, none; of one package as in warn,container=debug")
	completeFixed(cmd, "codec", codecs.Names())
	completeFixed(cmd, "clock", []string{"external", "real"})
	completeFixed(cmd, "listen", []string{"tcp://127.0.0.1:0", "ipc://", "tls://"})
	return cmd
}

// container is simrun container.
func (c *command) container(ctx context.Context, o containerOptions) error {
	cfg, err := o.config()
	if err != nil {
		return fail(BadScenario, err)
	}
	levels, err := loglevel.Parse(o.logLevel)
	if err != nil {
		return fail(BadScenario, fmt.Errorf("--log-level: %w", err))
	}
	log := loglevel.New(c.err, levels)
	agentLog := loglevel.For(log, "container")
	loop := scheduler.NewLoop(scheduler.Config{})
	clock, run, err := o.clockOf(loop)
	if err != nil {
		return fail(BadScenario, err)
	}
	ctx, stop := c.untilInterrupted(ctx, "")
	defer stop()
	ctx, end := context.WithCancel(ctx)
	var watchers sync.WaitGroup
	defer watchers.Wait()
	defer end()

	host := sim.NewAgentHost(c.registry.Agents...)
	host.Logger, host.AgentLogger = loglevel.For(log, "federation"), agentLog
	cfg.Service = &rpc.Router{}
	cfg.Service.Mount("federation", host.Service())
	cfg.Service.Handle(containers.Leash, func(_ context.Context, in *rpc.Invocation) (any, error) {
		ended := in.Conn.Done()
		watchers.Go(func() { endWith(ctx, end, ended) })
		return nil, nil
	})
	home := container.New(loop, "simrun", container.WithLogger(agentLog))
	closeAll := func() error { return errors.Join(host.Close(), home.Close(), loop.Close()) }
	endpoint, err := container.Listen(home, clock, o.listen, cfg)
	if err != nil {
		return fail(BadScenario, errors.Join(err, closeAll()))
	}
	manager, err := container.AddManager(home, clock, c.spawners())
	if err == nil {
		err = c.print(endpoint.Address() + "\n")
	}
	if err == nil {
		watchers.Go(func() { endWith(ctx, end, manager.Stopped()) })
		if err = run(ctx); err != nil {
			err = fail(SimulatorFailed, err) // an agent did
		}
	}
	end()
	ending, cancel := context.WithTimeout(context.Background(), endOfCalls)
	defer cancel()
	// Calls that are cut off are not worth a word: it was told to end.
	_ = endpoint.Shutdown(ending)
	return classify(errors.Join(err, closeAll()))
}

// endWith ends the command when something is done.
func endWith(ctx context.Context, end func(), done <-chan struct{}) {
	select {
	case <-done:
		end()
	case <-ctx.Done():
	}
}

// spawners make the agents that a master can have made, of the types that
// scenarios can name. Their parameters are arguments by name.
func (c *command) spawners() map[string]container.Spawner {
	made := 0
	spawners := make(map[string]container.Spawner)
	for _, t := range c.registry.Agents {
		spawners[t.Name] = func(args []any, kwargs rpc.Kwargs) (container.Member, error) {
			if len(args) > 0 {
				return nil, &channel.RemoteError{Type: "TypeError", Message: t.Name + " takes its parameters by name only"}
			}
			made++
			return t.New(fmt.Sprintf("%s-%d", t.Name, made-1), sim.Params(kwargs))
		}
	}
	return spawners
}

// clockOf is the clock of the agents that are not those of a run, and how it is
// run.
func (o *containerOptions) clockOf(loop *scheduler.Loop) (container.Clock, func(context.Context) error, error) {
	switch o.clock {
	case "external":
		clock := container.NewExternal(loop)
		return clock, clock.Run, nil
	case "real":
		clock, err := container.NewRealTime(loop, o.factor)
		if err != nil {
			return nil, nil, fmt.Errorf("--factor: %w", err)
		}
		return clock, func(ctx context.Context) error {
			_, err := clock.Run(ctx)
			return err
		}, nil
	}
	return nil, nil, fmt.Errorf("--clock %s: write external or real", o.clock)
}

// containerHost is the command with which a run starts containers: this program,
// nil if the system does not tell where that is. They log as the run does.
func containerHost(logLevel string) []string {
	self, err := os.Executable()
	if err != nil {
		return nil
	}
	return []string{self, "container", "--log-level", logLevel}
}

// config is how to talk to those who connect.
func (o *containerOptions) config() (cfg container.EndpointConfig, err error) {
	if o.listen == "" {
		return cfg, errors.New("simrun container needs --listen ADDRESS, such as tcp://127.0.0.1:0 or ipc:///tmp/north")
	}
	if cfg.Codec, err = codecs.Named(o.codec); err != nil {
		return cfg, fmt.Errorf("--codec: %w", err)
	}
	cfg.MaxFrame = maxContainerFrame
	if scheme, _, found := strings.Cut(o.listen, "://"); found && !slices.Contains([]string{"tcp", "tls", "ipc"}, scheme) {
		return cfg, fmt.Errorf("address %q: unknown transport %q; want tcp://, tls:// or ipc://", o.listen, scheme)
	}
	switch {
	case o.ca != "" && o.cert != "" && o.key != "":
		if cfg.TLS, err = channel.LoadTLS(o.ca, o.cert, o.key); err == nil {
			cfg.TLS.Aiomas = o.tlsAiomas
		}
	case o.ca != "" || o.cert != "" || o.key != "" || o.tlsAiomas:
		err = errors.New("TLS needs all of --tls-ca, --tls-cert and --tls-key")
	case strings.HasPrefix(o.listen, "tls://"):
		err = errors.New("tls:// needs certificates; give --tls-ca, --tls-cert and --tls-key")
	}
	return cfg, err
}
