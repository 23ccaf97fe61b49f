package mosaikimport_test

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/mosaikimport"
	"github.com/simrun/simrun/internal/peertest"
)

// fakeSimulator answers on one connection: init, create, and the extra method
// "ask", before whose answer it asks back. It returns what it was asked, and the
// answer to its own question.
func fakeSimulator(l net.Listener) (asked []string, err error) {
	c, err := l.Accept()
	if err != nil {
		return nil, err
	}
	defer c.Close()
	send := func(message string) error {
		_, err := c.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(message))), message...))
		return err
	}
	receive := func() (message []json.RawMessage, err error) {
		var size uint32
		if err := binary.Read(c, binary.BigEndian, &size); err != nil {
			return nil, err
		}
		text := make([]byte, size)
		if _, err := io.ReadFull(c, text); err != nil {
			return nil, err
		}
		return message, json.Unmarshal(text, &message)
	}
	answers := []string{
		`{"api_version": "3.0", "type": "event-based", "models": {"M": {"public": true, "params": ["p"], "attrs": ["a", "b"]}}, "extra_methods": ["ask"]}`,
		`[{"eid": "e", "type": "M", "extra_info": {"x": 1}, "rel": []}]`,
		`"yes"`,
	}
	for id, answer := range answers {
		request, err := receive()
		if err != nil {
			return asked, err
		}
		asked = append(asked, string(request[2]))
		if id == 2 {
			if err := send(`[0, 7, ["get_progress", [], {}]]`); err != nil {
				return asked, err
			}
			reply, err := receive()
			if err != nil {
				return asked, err
			}
			asked = append(asked, fmt.Sprintf("%s %s %s", reply[0], reply[1], reply[2]))
		}
		if err := send(fmt.Sprintf("[1, %d, %s]", id, answer)); err != nil {
			return asked, err
		}
	}
	_, err = receive()
	return append(asked, fmt.Sprint(err)), nil
}

func TestConnectedSimulator(t *testing.T) {
	python := peertest.Python(t)
	t.Chdir(t.TempDir())
	l, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer l.Close()
	type outcome struct {
		asked []string
		err   error
	}
	ended := make(chan outcome, 1)
	go func() {
		asked, err := fakeSimulator(l)
		ended <- outcome{asked, err}
	}()
	require.NoError(t, os.WriteFile("script.py", fmt.Appendf(nil, `
import mosaik
world = mosaik.World({"Far": {"connect": %q}}, time_resolution=2, mosaik_config={"start_timeout": 5})
far = world.start("Far", option=[1, None])
entity = far.M(p=1.5)
assert entity.extra_info == {"x": 1} and far.ask("what", why=True) == "yes"
assert entity.triggered_by("a") and not entity.is_persistent("b")
world.run(10)
`, l.Addr().String()), 0o600))
	recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: "script.py", Python: python, World: 1})
	require.NoError(t, err)
	assert.True(t, recording.Connects())
	got := <-ended
	require.NoError(t, got.err)
	assert.Equal(t, []string{
		`["init", ["Far-0"], {"option": [1, null], "time_resolution": 2}]`,
		`["create", [1, "M"], {"p": 1.5}]`,
		`["ask", ["what"], {"why": true}]`,
		`2 7 ["ScenarioError", "requests are answered during a run only, and simrun import makes none"]`,
		"EOF",
	}, got.asked)
	result, err := mosaikimport.Translate(recording, mosaikimport.Options{Script: "script.py", Python: "python3", Dir: "."})
	require.NoError(t, err)
	assert.Equal(t, []string{
		"script.py:4: simulator Far-0 at " + l.Addr().String() + " was asked what it offers; most simulators end when the connection does, so start it again before the run",
		"script.py:6: Far-0.ask(): extra methods cannot be called from a scenario file; what it does to the simulator is not done in a run",
	}, result.Remarks)
	assert.Contains(t, result.Text, fmt.Sprintf(`
until: 20s
resolution: 2s

simulators:
  Far-0:
    connect: %q
    params: {option: [1, null]}
    timeouts: {start: 5s}

entities:
  entity: {of: Far-0.M, params: {p: 1.5}}
`, l.Addr().String()))
}
