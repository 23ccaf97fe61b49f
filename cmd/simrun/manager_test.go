package main

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/scheduler"
)

// A master elsewhere has agents made in simrun container, sets their clock, and
// ends it.
func TestManager(t *testing.T) {
	p := simrun(t, nil, "container", "--listen", "ipc://"+filepath.Join(t.TempDir(), "s"), "--codec", "msgpack")
	p.start()
	require.Eventually(t, func() bool { return strings.HasSuffix(p.out.String(), "\n") }, 20*time.Second, time.Millisecond)
	addr := strings.TrimSpace(p.out.String())

	loop := scheduler.NewLoop(scheduler.Config{})
	home := container.New(loop, "master")
	defer home.Close()
	clock := container.NewExternal(loop)
	e, err := container.Listen(home, clock, "", container.EndpointConfig{Config: channel.Config{Codec: codec.MsgPack}})
	require.NoError(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	ran := make(chan error)
	go func() { ran <- clock.Run(ctx) }()

	master, err := container.ConnectManager(ctx, e, addr+"/"+container.ManagerName)
	require.NoError(t, err)
	_, err = master.Spawn(ctx, "Coordinator", rpc.Kwargs{"interval": "1h"})
	require.NoError(t, err)
	_, err = master.Spawn(ctx, "Coordinater")
	require.ErrorContains(t, err, `no agent of kind "Coordinater" can be spawned; did you mean "Coordinator"?`)
	_, err = master.Spawn(ctx, "Coordinator", 3)
	require.ErrorContains(t, err, "Coordinator takes its parameters by name only")
	_, err = master.Spawn(ctx, "Coordinator", rpc.Kwargs{"intervall": "1h"})
	require.ErrorContains(t, err, `no parameter "intervall"; did you mean "interval"?`)
	require.NoError(t, master.SetTime(ctx, 2*scheduler.Hour))
	require.NoError(t, master.Stop(ctx))
	require.Equal(t, 0, p.wait(), "%s", &p.out)

	require.NoError(t, e.Shutdown(ctx))
	cancel()
	require.NoError(t, <-ran)
}
