package mosaikimport_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/mosaikimport"
	"github.com/simrun/simrun/internal/peertest"
)

// Both the script and the simulator that it waits for tell that they run, and
// then wait.
const (
	waitingScript = `
import socket, sys
import mosaik
told = socket.create_connection(("127.0.0.1", int(sys.argv[1])))
mosaik.World({"Simulator": {"cmd": "%(python)s simulator.py %(addr)s " + sys.argv[1]}}).start("Simulator")
`
	waitingSimulator = `
import socket, sys
socket.create_connection(("127.0.0.1", int(sys.argv[2]))).recv(1)
`
)

func TestInterruptedRecordLeavesNothing(t *testing.T) {
	python := peertest.Python(t)
	t.Chdir(t.TempDir())
	temp := t.TempDir()
	t.Setenv("TMPDIR", temp)
	require.NoError(t, os.WriteFile("script.py", []byte(waitingScript), 0o600))
	require.NoError(t, os.WriteFile("simulator.py", []byte(waitingSimulator), 0o600))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()

	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() {
		port := strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
		_, err := mosaikimport.Record(ctx, mosaikimport.Config{Scratch: t.TempDir(), Script: "script.py", Args: []string{port}, Python: python, World: 1})
		done <- err
	}()
	var both []net.Conn
	for range 2 {
		c, err := l.Accept()
		require.NoError(t, err)
		defer c.Close()
		both = append(both, c)
	}
	cancel()
	assert.ErrorIs(t, <-done, context.Canceled)
	for _, c := range both {
		_, err := c.Read(make([]byte, 1)) // only the end of the process ends this
		assert.Error(t, err)
	}
	left, err := os.ReadDir(temp)
	require.NoError(t, err)
	assert.Empty(t, left)
}

// What comes after World.run is not run, unless the script insists on it; then it
// cannot do harm.
func TestRecordEndsWithRun(t *testing.T) {
	python := peertest.Python(t)
	for name, test := range map[string]struct {
		script string
		world  int
		until  int64
	}{
		"the first of two":  {"import mosaik\nfor n in 5, 6:\n    mosaik.World().run(n)", 1, 5},
		"the second of two": {"import mosaik\nfor n in 5, 6:\n    mosaik.World().run(n)", 2, 6},
		"except Exception":  {"import mosaik\ntry:\n    mosaik.World().run(5)\nexcept Exception:\n    raise SystemExit(3)", 1, 5},
		"except":            {"import mosaik\ntry:\n    mosaik.World().run(5)\nexcept:\n    raise ValueError", 1, 5},
		"async":             {"import asyncio, mosaik\nasync def main():\n    async with mosaik.AsyncWorld() as world:\n        await world.run(5)\n    1/0\nasyncio.run(main())", 1, 5},
	} {
		t.Run(name, func(t *testing.T) {
			script := filepath.Join(t.TempDir(), "script.py")
			require.NoError(t, os.WriteFile(script, []byte(test.script), 0o600))
			recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: script, Python: python, World: test.world})
			require.NoError(t, err)
			assert.Equal(t, test.until, recording.Until)
		})
	}
}

// What will differ is told with its line, at the top of the file, too; a
// second World has its own.
func TestRemarks(t *testing.T) {
	python := peertest.Python(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("script.py", []byte(`
import pathlib
import mosaik, mosaik_api_v3, sims
for n in range(2):
    world = mosaik.World({"Sim": {"python": "sims:Sim", "auto_terminate": False}}, time_resolution=0.1, debug=True)
    with world.group("on the left"):
        sim = world.start("Sim", sim_id="a sim", table={1: 2}, path=pathlib.Path("x"))
        with world.group():
            other = world.start("Sim", table={}, path="")
    with world.group("on the left"):
        with world.group():
            third = world.start("Sim", table={}, path="")
    a, b = sim.M(), [s.M() for s in (other, third)]
    mosaik.util.plot_dataflow_graph(world)
    world.run(until=100, rt_factor=0.5, rt_strict=True)
`), 0o600))
	require.NoError(t, os.WriteFile("sims.py", []byte(`
import mosaik_api_v3
class Sim(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__({"type": "hybrid", "models": {"M": {"public": True, "params": [], "attrs": ["a"]}}})
    def init(self, sid, time_resolution, table, path):
        return self.meta
    def create(self, num, model):
        return [{"eid": "e", "type": model}]
`), 0o600))
	for world := range 2 {
		recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: "script.py", Python: python, World: 1 + world})
		require.NoError(t, err)
		result, err := mosaikimport.Translate(recording, mosaikimport.Options{Script: "script.py", Python: "python3", Dir: "."})
		require.NoError(t, err)
		remarks := []string{
			"script.py:5: World(debug=True): there is no execution graph; simrun run --trace and simrun graph show what happens",
			"script.py:7: World.start('Sim'): the parameter 'table' has keys that are not texts; the simulator gets them as texts",
			"script.py:7: World.start('Sim'): the parameter 'path' is a PosixPath; the simulator gets a text",
			"script.py:14: mosaik.util.plot_dataflow_graph draws nothing here; see simrun graph and simrun plot",
			fmt.Sprintf("script.py:15: World.run is in a loop, and this is number %d; choose another one with --world", 1+world),
			"script.py:15: run(rt_strict=True): a run that is behind by more than max_lag, 50ms, which is one step in real time, is ended; choose another max_lag if that is too strict",
			"script.py:7: the simulator \"a sim\" is called a_sim, and so are the sources that others see",
		}
		assert.Equal(t, remarks, result.Remarks)
		assert.Equal(t, `# Made by: simrun import script.py
# What differs from the script:
#   `+strings.Join(remarks, "\n#   ")+`
simrun: 1
name: script
until: 10s
resolution: 100ms
pace: 2   # rt_factor=0.5
max_lag: 50ms   # rt_strict=True

parameters:
  python: python3

simulators:
  a_sim:
    command: ["${python}", -c, "from mosaik_api_v3 import start_simulation; from sims import Sim; start_simulation(Sim())", "{addr}"]
    params: {path: x, table: {"1": 2}}
    group: on_the_left
  Sim-0:
    command: ["${python}", -c, "from mosaik_api_v3 import start_simulation; from sims import Sim; start_simulation(Sim())", "{addr}"]
    params: {path: "", table: {}}
    group: on_the_left/group
  Sim-1:
    command: ["${python}", -c, "from mosaik_api_v3 import start_simulation; from sims import Sim; start_simulation(Sim())", "{addr}"]
    params: {path: "", table: {}}
    group: on_the_left/group

entities:
  m: {of: a_sim.M}
  m_2: {of: Sim-0.M}
  m_3: {of: Sim-1.M}
`, result.Text)
	}
}

// Of several Worlds that are not made in a loop the others are named, but for those that are made
// in its place.
func TestRemarkOnOtherWorlds(t *testing.T) {
	python := peertest.Python(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("script.py", []byte(`
import mosaik
if True:
    first = mosaik.World({})
else:
    first = mosaik.World({}, time_resolution=2)
first.run(until=1)
with mosaik.World({}) as second:
    second.run(until=2)
def third():
    mosaik.World({}).run(until=3)
third()
`), 0o600))
	for i, want := range []string{
		"script.py:7: this is the World of line 4, number 1 that is run; another is made in lines 8, 11; choose it with --world",
		"script.py:9: this is the World of line 8, number 2 that is run; another is made in lines 4, 6, 11; choose it with --world",
		"script.py:11: this is the World of line 11, number 3 that is run; another is made in lines 4, 6, 8; choose it with --world",
	} {
		recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: "script.py", Python: python, World: 1 + i})
		require.NoError(t, err)
		require.Len(t, recording.Remarks, 1)
		r := recording.Remarks[0]
		require.Equal(t, want, fmt.Sprintf("%s:%d: %s", filepath.Base(r.File), r.Line, r.Text))
	}
}

func TestScriptErrorNamesTheLine(t *testing.T) {
	python := peertest.Python(t)
	t.Chdir(t.TempDir())
	require.NoError(t, os.WriteFile("broken.py", []byte("x = = 1\n"), 0o600))
	for script, want := range map[string]string{
		"x = = 1":                            `script.py:1: SyntaxError: invalid syntax`,
		"import mosaik, broken":              `script.py:1: SyntaxError: invalid syntax; raised at broken.py:1`,
		"print(1)":                           "script.py: the script makes no mosaik.World; name the script that composes the scenario, or give the arguments with which it does",
		"import mosaik\nmosaik.World()":      "script.py: the script ended without World.run, which would say that the scenario is complete",
		"import sys\nsys.exit('no data')":    "script.py:2: the script ended before World.run, with status no data",
		"import mosaik\n\nmosaik.Wrld()":     `script.py:3: AttributeError: module 'mosaik' has no attribute 'Wrld'`,
		"import json\njson.loads('{')":       `script.py:2: JSONDecodeError: Expecting property name enclosed in double quotes: line 1 column 2 \(char 1\); raised at /.+json/decoder.py:\d+`,
		"import os\nos.kill(os.getpid(), 9)": `script.py: .*python was ended by a signal: killed before anything was recorded`,
		"import mosaik\nmosaik.World({'S': {'cmd': '%(python)s -c 1/0 %(addr)s'}}).start('S')": "script.py:2: simulator S-0 ended with status 1 before it connected; its command is: .+python3? -c 1/0 127.0.0.1:\\d+; its last output:" +
			"\n  Traceback (.|\n)+ZeroDivisionError: division by zero",
	} {
		require.NoError(t, os.WriteFile("script.py", []byte(script), 0o600))
		_, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: "script.py", Python: python, World: 1})
		var scriptError *mosaikimport.ScriptError
		if assert.True(t, errors.As(err, &scriptError), "%s: %v", script, err) {
			assert.Regexp(t, "^"+want+"$", err.Error())
		}
	}
}
