package scenarios_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

// external is a scenario with simulators that are this test binary. command
// gives one.
func external(t *testing.T, simulators, rest string) *scenarios.Scenario {
	t.Helper()
	return read(t, "simrun: 1\nname: external\nuntil: 30m\nsimulators:\n  battery: {model: battery}\n"+simulators+rest)
}

func command(t *testing.T, name, kind, args string) string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	return fmt.Sprintf("  %s: {command: \"'%s' %s {addr}\", env: {TEST_PEER: %s, GORACE: atexit_sleep_ms=0}}\n", name, filepath.ToSlash(self), args, kind)
}

const street = `entities:
  street: {of: house.Street, params: {length: 3}}
  home: {of: street, children: House}
  h: {of: home, id: "h-*"}
  store: {of: battery.Battery, count: 3}
connect:
  - home[*].P -> store[*].setpoint
record:
  - {values: ["home[*].P", "h[1].V"]}
  - {every: 15m, values: [street.x]}
`

// TestExternal checks and runs a scenario with an external simulator, whose
// models are known only when it is started.
func TestExternal(t *testing.T) {
	s := external(t, command(t, "house", "house", ""), street)
	problems, warnings := s.Check(context.Background(), scenarios.CheckOptions{})
	require.Empty(t, problems, "nothing is known of it without a start")
	require.Empty(t, warnings)

	problems, warnings = s.Check(context.Background(), scenarios.CheckOptions{Start: true})
	require.Len(t, problems, 1)
	require.Equal(t, `record: street has no output "x"; there are none`, texts(t, problems)[0])
	require.Empty(t, warnings)

	_, err := s.Build(context.Background(), scenarios.BuildOptions{Sink: func() sim.Sink { return &sim.Memory{} }})
	require.Equal(t, []string{`record: street has no output "x"; there are none`}, texts(t, err))

	s = external(t, command(t, "house", "house", ""), strings.Replace(street, "street.x", `"store[2].soc"`, 1))
	_, sinks := runScenario(t, s)
	require.Len(t, sinks[0].Series, 4)
	require.Equal(t, "house.h-2", sinks[0].Series[3].FullID)
	require.Equal(t, "h[1]", sinks[0].Series[3].Entity)
	_, soc := sinks[1].Floats("store[2]", "soc")
	require.Equal(t, []float64{30, 60}, soc)
}

// TestExternalModelsAreChecked finds wrong names of models, children and IDs
// once the simulator is there.
func TestExternalModelsAreChecked(t *testing.T) {
	s := external(t, command(t, "house", "house", ""), `entities:
  street: {of: house.Street, params: {lenght: 3}}
  hidden: {of: house.House}
  road: {of: house.Road}
  a: {of: street, children: Hous}
  other: {of: house.Street, children: Street}
connect:
  - other[*].P -> other[*].Q
`)
	problems, _ := s.Check(context.Background(), scenarios.CheckOptions{Start: true})
	require.Equal(t, []string{
		`street: Street has no parameter "lenght"; did you mean "length"?`,
		`hidden: house has no model "House"; there is "Street"`,
		`road: house has no model "Road"; there is "Street"`,
		`a: house has no model "Hous" for children; did you mean "House"?`,
		`other: the entities have no children of model Street; choose the model of its children`,
		`connect: other has no output "P"; there are none`,
		`connect: other has no input "Q"; there are none`,
	}, texts(t, problems))
}

// TestIDs finds a pattern that no entity is like.
func TestIDs(t *testing.T) {
	s := external(t, command(t, "house", "house", ""), `entities:
  home: {of: house.Street, children: House}
  none: {of: home, id: h.1}
  one: {of: home, id: "?-3"}
connect:
  - one.P -> battery.setpoint
`)
	problems, _ := s.Check(context.Background(), scenarios.CheckOptions{Start: true})
	require.Equal(t, []string{`none: no ID is like "h.1"; did you mean "h-1"?`}, texts(t, problems))
}

// TestStartFailure reports all simulators that do not start, with what they
// said, and keeps the failures in the chain.
func TestStartFailure(t *testing.T) {
	logs := t.TempDir()
	s := external(t, command(t, "house", "broken", "")+"  missing: {command: \"no-such-program {addr}\"}\n"+command(t, "well", "house", ""), "")
	_, err := s.Build(context.Background(), scenarios.BuildOptions{LogDir: logs})
	var list diag.List
	require.True(t, errors.As(err, &list))
	require.Len(t, list, 2)
	require.Contains(t, list[0].What, `simulator "house"`)
	require.Contains(t, list[0].What, "no licence found")
	require.Equal(t, 6, list[0].Line)
	require.Contains(t, list[1].What, "no-such-program")
	var failed *sim.SimulatorError
	require.True(t, errors.As(err, &failed))
	require.Equal(t, "house", failed.Sim)
	log, err := os.ReadFile(filepath.Join(logs, "house.log"))
	require.NoError(t, err)
	require.Contains(t, string(log), "no licence found")
}

// TestCheckStartsNothing has a command that would leave a trace.
func TestCheckStartsNothing(t *testing.T) {
	trace := filepath.Join(t.TempDir(), "trace")
	s := external(t, fmt.Sprintf("  house: {command: [touch, '%s', '{addr}']}\n", trace), "connect:\n  - battery.sok -> battery.setpoint\n")
	problems, _ := s.Check(context.Background(), scenarios.CheckOptions{})
	require.Len(t, problems, 1)
	_, err := s.Build(context.Background(), scenarios.BuildOptions{})
	require.Equal(t, texts(t, problems), texts(t, err), "what is wrong with the file is found before anything is started")
	require.NoFileExists(t, trace)
}

// TestCommandGetsEverything: arguments, folder, environment, parameters and
// resolution arrive at the program.
func TestCommandGetsEverything(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	path := write(t, fmt.Sprintf(`simrun: 1
name: echo
until: 1s
parameters: {level: 3}
simulators:
  house:
    command: ['%s', a b, "${level}", '{addr}']
    dir: sub
    env: {TEST_PEER: echo, GORACE: atexit_sleep_ms=0, LEVEL: "${level}"}
    params: {x: [1, 2.5, null], y: {z: "${level > 2}"}}
    resolution: 500ms
    api: 3
    separate_get_data: true
    timeouts: {start: 30s, step: 1h, stop: 1s}
`, self))
	require.NoError(t, os.Mkdir(filepath.Join(filepath.Dir(path), "sub"), 0o777))
	s, err := scenarios.Read(path, scenarios.ReadOptions{})
	require.NoError(t, err)
	_, err = s.Build(t.Context(), scenarios.BuildOptions{})
	require.ErrorContains(t, err, `dir=sub args=["a b" "3"] env=3 time_resolution=0.5 x=[1, 2.5, null] y={"z": true} <nil>`)
}

// TestTimeoutOfConnect: a program that is connected to and says nothing.
func TestTimeoutOfConnect(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	s := external(t, fmt.Sprintf("  house: {connect: '%s', timeouts: {start: 1s}}\n", l.Addr()), "")
	_, err = s.Build(t.Context(), scenarios.BuildOptions{})
	require.ErrorContains(t, err, "no answer within 1s")
	require.ErrorAs(t, err, new(*sim.SimulatorError))
}

// Programs that share processors have longer to start, so that a file with many of them
// starts on a small machine, too.
func TestStartTimeoutOfManyPrograms(t *testing.T) {
	for _, tt := range []struct {
		programs, processors int
		want                 time.Duration
	}{{1, 8, 10 * time.Second}, {8, 8, 10 * time.Second}, {9, 8, 20 * time.Second}, {12, 2, time.Minute}} {
		require.Equal(t, tt.want, scenarios.StartTimeout(tt.programs, tt.processors), "%d on %d", tt.programs, tt.processors)
	}
}
