package scenarios_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
	"github.com/simrun/simrun/sim"
)

func TestLocate(t *testing.T) {
	s := read(t, "simrun: 1\nname: x\nuntil: 1h\nsimulators:\n  sun: {model: sun, params: {step: 1h}}\n  house: {command: \"house {addr}\"}\n")
	refused := func(name string) error {
		return &sim.SimulatorError{Sim: name, Op: "setup_done", Err: errors.New("no")}
	}
	at := sim.Time(0)
	for _, other := range []error{
		nil,
		errors.New("no"),
		&sim.SimulatorError{Sim: "sun", Op: "step", At: &at, Err: errors.New("no")},
		errors.Join(refused("sun"), errors.New("no")),
		&sim.SimulatorError{Sim: "sun", Op: "setup_done", Err: context.Canceled},
	} {
		require.Equal(t, other, s.Locate(other))
	}
	require.Equal(t, []string{"simulators.sun: no"}, texts(t, s.Locate(refused("sun"))))
	// All of them; that of a process stays what it is.
	err := s.Locate(errors.Join(refused("house"), refused("sun")))
	require.Equal(t, []string{"simulators.sun: no", `simulator "house": setup_done: no`}, texts(t, err))
	require.ErrorAs(t, err, new(*sim.SimulatorError))
	require.ErrorContains(t, err, ":5:29: simulators.sun")
}

// A program that was asked for too much is not all that is to be said.
func TestLocatePatterns(t *testing.T) {
	const text = `simrun: 1
name: x
until: 1h
simulators:
  sun: {model: sun}
  house: {command: "house {addr}"}
entities: {h: {of: house.House}}
record: ["*", h.P, "s*", h, {values: [h.V*]}]
`
	path := write(t, text)
	s, err := scenarios.Read(path, scenarios.ReadOptions{Registry: testRegistry()})
	require.NoError(t, err)
	at := sim.Time(0)
	failure := func(simulator, text string) error {
		return &sim.SimulatorError{Sim: simulator, Op: "step", At: &at, Err: errors.New(text)}
	}
	for _, other := range []error{failure("house", "it died"), failure("sun", "get_data: no"), failure("agents", "get_data: no")} {
		require.Equal(t, other, s.Locate(other))
	}
	asked := failure("house", "get_data: KeyError: 'Q'")
	err = s.Locate(asked)
	require.ErrorIs(t, err, asked)
	at8 := func(column, pattern string) string {
		return path + ":8:" + column + ": record: \"" + pattern + "\" asks house for all attributes like that; name those that it has"
	}
	require.EqualError(t, err, asked.Error()+"\n"+at8("10", "*")+"\n"+at8("26", "h")+"\n"+at8("39", "h.V*"))
}

// The text is the one that was read, whatever becomes of the file.
func TestText(t *testing.T) {
	const text = "simrun: 1\r\nname: x\nuntil: 1h\nsimulators: {sun: {model: sun}}"
	path := filepath.Join(t.TempDir(), "x.yaml")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o666))
	s, err := scenarios.Read(path, scenarios.ReadOptions{Registry: testRegistry()})
	require.NoError(t, err)
	require.NoError(t, os.Remove(path))
	require.Equal(t, text, string(s.Text()))
}
