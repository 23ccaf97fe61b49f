package containers_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/codecs"
	"github.com/simrun/simrun/internal/containers"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/rpc"
)

// TestMain runs the tests, or, when it is started as a program by one of them,
// plays a container.
func TestMain(m *testing.M) {
	if role := os.Getenv("ROLE"); role != "" {
		if err := play(role, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "test container:", err)
			os.Exit(3)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m)
}

func play(role string, args []string) error {
	switch role {
	case "broken":
		return errors.New("cannot find my agents")
	case "mute":
		select {}
	case "liar":
		fmt.Println("ipc:///nowhere/at/all")
		select {}
	}
	flags := flag.NewFlagSet("container", flag.ContinueOnError)
	addr, codec := flags.String("listen", "", ""), flags.String("codec", "", "")
	ca, cert, key := flags.String("tls-ca", "", ""), flags.String("tls-cert", "", ""), flags.String("tls-key", "", "")
	if err := flags.Parse(args); err != nil {
		return err
	}
	cfg := rpc.Config{Service: &rpc.Router{}}
	cfg.Service.Expose("pid", func(context.Context) (int, error) { return os.Getpid(), nil })
	if role != "stranger" {
		cfg.Service.Mount("federation", agents())
	}
	if role == "tied" {
		cfg.Service.Handle(containers.Leash, func(_ context.Context, in *rpc.Invocation) (any, error) {
			ended := in.Conn.Done()
			go func() {
				<-ended
				os.Exit(0)
			}()
			return nil, nil
		})
	}
	cfg.Service.Expose("die", func(context.Context) error {
		fmt.Println("out of memory")
		os.Exit(7)
		return nil
	})
	var err error
	if cfg.Codec, err = codecs.Named(*codec); err != nil {
		return err
	}
	if *ca != "" {
		if cfg.TLS, err = channel.LoadTLS(*ca, *cert, *key); err != nil {
			return err
		}
	}
	l, err := rpc.Listen(*addr, cfg)
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	return l.Serve(context.Background(), nil)
}

// host is a container that is this program.
func host(t *testing.T, role string) containers.Config {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return containers.Config{Name: "north", Host: []string{self}, Env: []string{"ROLE=" + role, "GORACE=atexit_sleep_ms=0"},
		Log: filepath.Join(t.TempDir(), "north.log")}
}

// ways are how a started container can be reached.
func ways(t *testing.T) map[string]func(*containers.Config) {
	files := testcert.New(t).Issue("simrun", true)
	return map[string]func(*containers.Config){
		"default":      func(*containers.Config) {},
		"unix msgpack": func(c *containers.Config) { c.Transport, c.Codec = containers.Unix, "msgpack" },
		"tcp blosc":    func(c *containers.Config) { c.Transport, c.Codec = containers.TCP, "msgpack-blosc" },
		"tcp TLS json-lz4": func(c *containers.Config) {
			c.Transport, c.Codec, c.TLS = containers.TCP, "json-lz4", containers.TLS(files)
		},
		"command": func(c *containers.Config) {
			c.Command, c.Host = []string{c.Host[0], "--listen", "{addr}"}, nil
		},
		"command line": func(c *containers.Config) {
			c.CommandLine, c.Host = "'"+c.Host[0]+"' --codec msgpack --listen {addr}", nil
			c.Codec = "msgpack"
		},
	}
}

func TestOpen(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // where the sockets are
	for name, set := range ways(t) {
		t.Run(name, func(t *testing.T) {
			cfg := host(t, "good")
			set(&cfg)
			require.NoError(t, cfg.Check())
			require.NoError(t, cfg.FindProgram())
			c, err := containers.Open(t.Context(), cfg)
			require.NoError(t, err)
			pid, err := rpc.Call[int](t.Context(), c.Conn().Remote(), "pid")
			require.NoError(t, err)
			assert.NotEqual(t, os.Getpid(), pid)

			// A second run shares it.
			log, err := os.ReadFile(cfg.Log)
			require.NoError(t, err)
			addr := strings.TrimSpace(string(log))
			again, err := containers.Open(t.Context(), containers.Config{Name: "again", Connect: addr, Codec: cfg.Codec, TLS: cfg.TLS})
			require.NoError(t, err)
			same, err := rpc.Call[int](t.Context(), again.Conn().Remote(), "pid")
			require.NoError(t, err)
			assert.Equal(t, pid, same)
			again.Close()
			same, err = rpc.Call[int](t.Context(), c.Conn().Remote(), "pid")
			require.NoError(t, err)
			assert.Equal(t, pid, same)
			assert.EqualError(t, c.Explain(errors.New("no agent x")), `container "north": no agent x`)

			c.Close()
			_, err = containers.Open(t.Context(), containers.Config{Name: "again", Connect: addr, Codec: cfg.Codec, TLS: cfg.TLS})
			require.Error(t, err, "it is gone")
			left, err := filepath.Glob(filepath.Join(os.Getenv("TMPDIR"), "simrun-*"))
			require.NoError(t, err)
			assert.Empty(t, left)
		})
	}
}

// A container that has a leash is not asked to stop: it ends by itself.
func TestLeash(t *testing.T) {
	c, err := containers.Open(t.Context(), host(t, "tied"))
	require.NoError(t, err)
	c.Close()
	assert.Contains(t, c.Explain(errors.New("closed")).Error(), "exited with status 0")

	c, err = containers.Open(t.Context(), host(t, "good"))
	require.NoError(t, err)
	c.Close()
	assert.Contains(t, c.Explain(errors.New("closed")).Error(), "was ended by a signal: terminated")
}

func TestDeath(t *testing.T) {
	for name, set := range ways(t) {
		t.Run(name, func(t *testing.T) {
			cfg := host(t, "good")
			set(&cfg)
			c, err := containers.Open(t.Context(), cfg)
			require.NoError(t, err)
			defer c.Close()
			_, err = c.Conn().Remote().Call(t.Context(), "die")
			require.ErrorIs(t, err, channel.ErrPeerClosed)
			err = c.Explain(err)
			require.ErrorIs(t, err, channel.ErrPeerClosed)
			assert.Regexp(t, `(?s)^container "north": .*the peer closed the connection \(process \d+ exited with status 7\)\n`+
				`  its last output:\n    \w+://.*\n    out of memory\n  its log: .*/north.log$`, err.Error())
		})
	}
}

func TestStartFails(t *testing.T) {
	for name, c := range map[string]struct {
		role string
		set  func(*containers.Config)
		want string
	}{
		"it exits":   {"broken", nil, `container "north": it exited before it listened; the command is: .* --listen ipc://.*/s --codec json \(process \d+ exited with status 3\)\n  its last output:\n    test container: cannot find my agents\n  its log: .*`},
		"no address": {"mute", func(c *containers.Config) { c.StartTimeout = 50 * time.Millisecond }, `container "north": it did not print the address at which it listens within 50ms \(start timeout\); the command is: .* \(process \d+ was still running\)\n  its log: .*`},
		"a lie":      {"liar", nil, `container "north": .*ipc:///nowhere/at/all.*no such file or directory \(process \d+ was still running\)(?s:.*)`},
		"no program": {"good", func(c *containers.Config) { c.Host = []string{"no-such-program"} }, `container "north": there is no program "no-such-program" in PATH; .*`},
		"no file": {"good", func(c *containers.Config) { c.Host = []string{"./no-such-file"} },
			`container "north": program "./no-such-file": no such file or directory in .*; correct the command; the command is: ./no-such-file --listen [^;]*`},
		"bad certificate": {"good", func(c *containers.Config) {
			c.Transport, c.TLS = containers.TCP, containers.TLS{CA: "no.pem", Cert: "no.pem", Key: "no.key"}
		}, `container "north": TLS authority: open no.pem: no such file or directory`},
		"nobody there": {"", func(c *containers.Config) { *c = containers.Config{Name: "north", Connect: "ipc:///nowhere/at/all"} },
			`container "north": .*/nowhere/at/all.*; is simrun container running, and does it listen there\?`},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := host(t, c.role)
			if c.set != nil {
				c.set(&cfg)
			}
			_, err := containers.Open(t.Context(), cfg)
			require.Error(t, err)
			assert.Regexp(t, "^"+c.want+"$", err.Error())
			var e *containers.Error
			require.ErrorAs(t, err, &e)
			assert.Equal(t, "north", e.Name)
		})
	}
}

func TestOpenIsInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err := containers.Open(ctx, host(t, "mute"))
	require.ErrorIs(t, err, context.Canceled)
}

func TestCheck(t *testing.T) {
	for _, good := range []containers.Config{
		{}, {Codec: "msgpack-blosc"}, {Connect: "tcp://host:1"}, {Connect: "ipc:///run/it"}, {Connect: "tcp://[::1]:5555"},
		{Transport: "tcp", TLS: containers.TLS{CA: "a", Cert: "b", Key: "c"}}, {CommandLine: "x {addr}"}, {Command: []string{"x"}, Env: []string{"WHERE={addr}"}},
	} {
		assert.NoError(t, good.Check(), "%+v", good)
	}
	for _, bad := range []struct {
		containers.Config
		want string
	}{
		{containers.Config{Connect: "host:1"}, `the address "host:1" is not of the form tcp://HOST:PORT, tls://HOST:PORT or ipc://PATH`},
		{containers.Config{Connect: "tcp://host:0"}, `the address "tcp://host:0" is not of the form tcp://HOST:PORT, tls://HOST:PORT or ipc://PATH`},
		{containers.Config{Connect: "tcp://host:1/0"}, `the address "tcp://host:1/0" is not of the form tcp://HOST:PORT, tls://HOST:PORT or ipc://PATH`},
		{containers.Config{Connect: "local://here"}, `the address "local://here" is not of the form tcp://HOST:PORT, tls://HOST:PORT or ipc://PATH`},
		{containers.Config{Codec: "xml"}, `no codec "xml"; there are "json", "msgpack", "msgpack-blosc", "json-lz4", "msgpack-lz4"`},
		{containers.Config{CommandLine: "x 'y"}, `.*`},
		{containers.Config{Command: []string{"", "{addr}"}}, `the command is empty`},
		{containers.Config{Connect: "tls://host:1"}, `a tls:// address needs certificates; .*`},
		{containers.Config{TLS: containers.TLS{CA: "a", Cert: "b", Key: "c"}}, `a Unix socket does not leave the machine and has no TLS; .*`},
		{containers.Config{Transport: "tcp", TLS: containers.TLS{CA: "a"}}, `TLS needs the files of an authority, a certificate and its key: ca, cert and key`},
	} {
		err := bad.Check()
		require.Error(t, err, "%+v", bad.Config)
		assert.Regexp(t, "^"+bad.want+"$", err.Error())
	}
}
