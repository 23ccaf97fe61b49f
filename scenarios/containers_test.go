package scenarios_test

import (
	"context"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/containers"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

const spread = `simrun: 1
name: spread
until: 30m
parameters: {where: north}
containers:
  north: {}
  south: {connect: "tcp://127.0.0.1:1", codec: msgpack, tls: {ca: ca.pem, cert: cert.pem, key: cert.key}}
  east: {command: "no-such-program --listen {addr}", dir: bin}
  west:
agents:
  chief: {type: Clerk, params: {own: 1}, container: "${where}"}
  clerk: {type: Clerk, count: 5, params: {own: "${i}"}, container: "${['north', 'south', 'east'][i % 3]}"}
  twin: {type: Clerk, count: 2, params: {own: 5}, container: south}
  home: {type: Clerk, params: {own: 5}}
`

// Containers lists those in which somebody lives.
func TestContainers(t *testing.T) {
	require.Equal(t, []scenarios.Container{
		{Name: "north", Agents: 3, Codec: "json"},
		{Name: "south", Agents: 4, Codec: "msgpack", Connect: "tcp://127.0.0.1:1", TLS: true},
		{Name: "east", Agents: 1, Codec: "json", Command: []string{"no-such-program", "--listen", "{addr}"}},
	}, read(t, spread).Containers())
	require.Len(t, read(t, spread, "where=west").Containers(), 4)
}

// All containers that cannot be opened are reported, at their places. A check
// opens none.
func TestContainersThatCannotBeOpened(t *testing.T) {
	s := read(t, spread)
	problems, _ := s.Check(t.Context(), scenarios.CheckOptions{})
	require.Empty(t, problems)

	sink := func() sim.Sink { return &sim.Memory{} }
	_, err := s.Build(t.Context(), scenarios.BuildOptions{Sink: sink})
	require.Equal(t, []string{"containers.north: this program does not know how to start it; give it a command, or connect to one that runs"}, texts(t, err))

	dir := filepath.Dir(s.Path)
	_, err = s.Build(t.Context(), scenarios.BuildOptions{Sink: sink, Host: []string{"no-such-host", "container"}})
	said := texts(t, err)
	for i, want := range []string{
		`container "north": there is no program "no-such-host" in PATH; install it, or correct the command; the command is: no-such-host container --listen ipc://`,
		`container "south": TLS authority: open ` + filepath.Join(dir, "ca.pem") + `: no such file or directory`,
		`container "east": working directory ` + filepath.Join(dir, "bin") + `: no such file or directory; make it, or correct its name; the command is: no-such-program --listen ipc://`,
	} {
		require.Greater(t, len(said), i)
		require.True(t, strings.HasPrefix(said[i], `simulator "agents": start: `+want), said[i])
	}
	require.Len(t, said, 3)
	require.ErrorAs(t, err, new(*sim.SimulatorError))
	require.ErrorAs(t, err, new(*containers.Error))

	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = s.Build(ctx, scenarios.BuildOptions{Sink: sink, Host: []string{"no-such-host", "container"}})
	require.ErrorIs(t, err, sim.ErrInterrupted)
}
