package main

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/testcert"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// master starts simrun container and connects to its manager.
func master(t *testing.T, cfg channel.Config, args ...string) (*program, *container.Master) {
	t.Helper()
	p := simrun(t, nil, append([]string{"container"}, args...)...)
	p.start()
	require.Eventually(t, func() bool { return strings.HasSuffix(p.out.String(), "\n") }, time.Minute, time.Millisecond)
	addr := strings.TrimSpace(p.out.String())

	loop := scheduler.NewLoop(scheduler.Config{})
	home := container.New(loop, "master")
	clock := container.NewExternal(loop)
	e, err := container.Listen(home, clock, "", container.EndpointConfig{Config: cfg})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(context.Background())
	ran := make(chan error)
	go func() { ran <- clock.Run(ctx) }()
	t.Cleanup(func() {
		require.NoError(t, e.Shutdown(ctx))
		cancel()
		require.NoError(t, <-ran)
		require.NoError(t, home.Close())
	})
	m, err := container.ConnectManager(ctx, e, addr+"/"+container.ManagerName)
	require.NoError(t, err)
	return p, m
}

// A master elsewhere has agents made in simrun container, sets their clock, and
// ends it.
func TestManager(t *testing.T) {
	ctx := t.Context()
	p, m := master(t, channel.Config{Codec: codec.MsgPack}, "--listen", "ipc://"+filepath.Join(t.TempDir(), "s"), "--codec", "msgpack")
	_, err := m.Spawn(ctx, "Coordinator", rpc.Kwargs{"interval": "1h"})
	require.NoError(t, err)
	_, err = m.Spawn(ctx, "Coordinater")
	require.ErrorContains(t, err, `no agent of kind "Coordinater" can be spawned; did you mean "Coordinator"?`)
	_, err = m.Spawn(ctx, "Coordinator", 3)
	require.ErrorContains(t, err, "Coordinator takes its parameters by name only")
	_, err = m.Spawn(ctx, "Coordinator", rpc.Kwargs{"intervall": "1h"})
	require.ErrorContains(t, err, `no parameter "intervall"; did you mean "interval"?`)
	require.NoError(t, m.SetTime(ctx, 2*scheduler.Hour))
	require.NoError(t, m.Stop(ctx))
	require.Equal(t, 0, p.wait(), "%s", &p.out)
}

// Masters of aiomas speak TLS 1.2. A clock that follows real time cannot be set.
func TestManagerOverTLS(t *testing.T) {
	files := testcert.New(t).Issue("both ends", true)
	tls, err := channel.LoadTLS(files.CA, files.Cert, files.Key)
	require.NoError(t, err)
	tls.Aiomas = true
	p, m := master(t, channel.Config{TLS: tls}, "--listen", "tcp://127.0.0.1:0", "--clock", "real", "--factor", "10",
		"--tls-ca", files.CA, "--tls-cert", files.Cert, "--tls-key", files.Key, "--tls-aiomas")
	_, err = m.Spawn(t.Context(), "Coordinator", rpc.Kwargs{"interval": "1h"})
	require.NoError(t, err)
	require.ErrorContains(t, m.SetTime(t.Context(), scheduler.Hour), "it cannot be set")
	require.NoError(t, m.Stop(t.Context()))
	require.Equal(t, 0, p.wait(), "%s", &p.out)
}

// What a run has started ends when their connection does, whatever the reason.
func TestContainerOnALeash(t *testing.T) {
	p := simrun(t, nil, "container", "--listen", "tcp://127.0.0.1:0")
	p.start()
	require.Eventually(t, func() bool { return strings.HasSuffix(p.out.String(), "\n") }, time.Minute, time.Millisecond)
	conn, err := rpc.Dial(t.Context(), strings.TrimSpace(p.out.String()), rpc.Config{})
	require.NoError(t, err)
	defer conn.Close()
	_, err = conn.Remote().Call(t.Context(), "leash")
	require.NoError(t, err)
	conn.Channel().Abort(errors.New("the run was killed"))
	require.Equal(t, 0, p.wait(), "%s", &p.out)
}

// An agent that fails ends the process, which says so, and so does the answer to
// whoever waits for agents to be quiet.
func TestManagedAgentFails(t *testing.T) {
	p, m := master(t, channel.Config{}, "--listen", "tcp://127.0.0.1:0")
	_, err := m.Spawn(t.Context(), "Household", rpc.Kwargs{"coordinator": "nobody"}) // whom it calls when it starts
	require.ErrorContains(t, err, `RuntimeError: nobody runs the loop any more: t=0s round 2: "1": Start: agent "nobody": join: LookupError`)
	require.Equal(t, 3, p.wait(), "%s", &p.out)
	require.Contains(t, p.out.String(), "nobody")
}

// masterInPython has a script drive simrun container, and returns what it prints.
func masterInPython(t *testing.T, script string) string {
	t.Helper()
	python := peertest.Python(t)
	p := simrun(t, nil, "container", "--listen", "tcp://127.0.0.1:0")
	p.start()
	require.Eventually(t, func() bool { return strings.HasSuffix(p.out.String(), "\n") }, time.Minute, time.Millisecond)
	cmd := exec.CommandContext(t.Context(), python, filepath.Join("testdata", script), strings.TrimSpace(p.out.String()))
	cmd.Env = append(os.Environ(), "PYTHONPATH="+filepath.Join("..", "..", "peers"))
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	require.Equal(t, 0, p.wait(), "%s", &p.out)
	return string(out)
}

// The master may be the real aiomas.
func TestMasterInPython(t *testing.T) {
	require.Equal(t, `made True
LookupError: no agent of kind "os:getcwd" can be spawned
set 1 None
set 2.5 None
set 7200 None
ValueError: Time must be >= 7200 but is 7199
LookupError: Name "nonsense" not found in "agents/1"
stopped None
`, masterInPython(t, "master.py"))
}

// The master of docs/agents.md.
func TestStorageMaster(t *testing.T) {
	source, err := os.ReadFile(filepath.Join("testdata", "storage_master.py"))
	require.NoError(t, err)
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "agents.md"))
	require.NoError(t, err)
	require.Contains(t, string(text), "\n```python\n"+string(source)+"```\n")
	require.Equal(t, "made 2\n", masterInPython(t, "storage_master.py"))
}
