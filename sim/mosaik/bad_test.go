package mosaik_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// badCase is what must come of a program that misbehaves in the given mode of
// testdata/rawsim.py.
type badCase struct {
	mode   string
	err    string   // part of the one error; "": the run is complete
	values string   // of entity e0
	close  string   // part of the error of Close
	warn   []string // parts of the warnings
	change func(*mosaik.Config)
}

const (
	good  = "0s:0.0 1s:1.0 2s:2.0 3s:3.0"
	first = "0s:0.0" // recorded before step 1 went wrong
)

func impatient(c *mosaik.Config) { c.StepTimeout = 5 * time.Second }

var badCases = []badCase{
	{mode: "exit_at_start", err: `simulator "raw": init: it exited before it connected; the command is: `},
	{mode: "exit_at_start", err: "exited with status 3)\n  its last output:\n    rawsim: cannot open licence file /nowhere/licence.txt\n  its log: "},
	{mode: "never_connect", err: "within 500ms (start timeout); the command is: ", change: func(c *mosaik.Config) { c.StartTimeout = 500 * time.Millisecond }},
	{mode: "silent", err: "no answer within 10s; if it needs longer, raise its start timeout", change: func(c *mosaik.Config) { c.StartTimeout = 10 * time.Second }},
	{mode: "disconnect", err: "it gave no reason; run the program by hand to see more (process "},
	{mode: "die_in_init", err: "its last output may tell why"},
	{mode: "die_in_init", err: "exited with status 1)\n  its last output:\n    Traceback"},

	{mode: "api_4", err: "the API version 4.0 is not supported; versions 1 to 3 are; use a release of the program that speaks one of them"},
	{mode: "api_words", err: `the API version "three" is not a version such as 3.0`},
	{mode: "api_number", values: good},
	{mode: "api_missing", values: good},
	{mode: "api_2", values: good},
	{mode: "api_2", err: "it speaks API version 2.2, but is expected to speak 3", change: func(c *mosaik.Config) { c.API = "3" }},
	{mode: "api_2_strict", values: good},
	{mode: "api_2_strict", values: good, change: func(c *mosaik.Config) { c.API = "2.2" }},
	{mode: "meta_list", err: "it answered init with an array instead of an object, its meta data: []"},
	{mode: "init_failure", err: "init: it answered with a failure: ValueError: no such licence"},
	{mode: "create_few", err: "create M: it made 1 entities instead of 2"},
	{mode: "create_type", err: `create M: it made an entity "e0" of model "Other"`},
	{mode: "create_twice", err: `two entities with ID "e0"`},
	{mode: "create_failure", err: `simulator "raw": create M: it answered with a failure: ValueError: no room for M`},

	{mode: "create_exit", err: "exited with status 3)\n  its last output:\n    rawsim: out of memory in create\n  its log: "},
	{mode: "create_hang", err: "create M: no answer within 5s; if it needs longer, raise its step timeout", change: impatient},
	{mode: "setup_failure", err: `simulator "raw": setup_done: it answered with a failure: ValueError: no database (process `},
	{mode: "setup_exit", err: "exited with status 3)\n  its last output:\n    rawsim: out of memory in setup_done\n  its log: "},
	{mode: "setup_hang", err: `simulator "raw": setup_done: no answer within 5s; if it needs longer, raise its step timeout`, change: impatient},

	{mode: "garbage", err: "a frame of 3735928559 bytes exceeds the limit"},
	{mode: "bad_json", err: `the peer sent "[1, 0, {\"models\": "; is the program a simulator that speaks the mosaik API over TCP?`},
	{mode: "bad_utf8", err: "invalid UTF-8"},
	{mode: "huge_frame", err: "a frame of 4294967295 bytes exceeds the limit of 67108864 bytes"},
	{mode: "short_frame", err: "in the middle of a frame (10 of 100 bytes of its payload)"},
	{mode: "empty_frame", err: "protocol error"},
	{mode: "not_a_message", err: "found an object instead of an array"},
	{mode: "message_type", err: `the message type is "7" instead of 0, 1 or 2`},
	{mode: "unknown_id", err: "a reply to request 4711, which is unknown"},

	{mode: "step_garbage", err: `t=1s: simulator "raw": step: `, values: first},
	{mode: "step_bad_json", err: "protocol error", values: first},
	{mode: "step_bad_utf8", err: "invalid UTF-8", values: first},
	{mode: "step_huge_frame", err: "a frame of 4294967295 bytes exceeds the limit", values: first},
	{mode: "step_short_frame", err: "in the middle of a frame", values: first},
	{mode: "step_empty_frame", err: "protocol error", values: first},
	{mode: "step_not_a_message", err: "found an object instead of an array", values: first},
	{mode: "step_message_type", err: "the message type", values: first},
	{mode: "step_unknown_id", err: "a reply to request 4711", values: first},

	{mode: "bytewise", values: good},
	{mode: "flood_stderr", values: good},

	{mode: "next_past", err: `t=1s: simulator "raw": step: its next step, 0, is not after the present step, 1; it must return a later time (process `, values: first},
	{mode: "next_same", err: "its next step, 1, is not after the present step, 1", values: first},
	{mode: "next_negative", err: "its next step is negative: -1", values: first},
	{mode: "next_float", err: "its next step is a float, 1.5; it must be an integer", values: first},
	{mode: "next_whole_float", err: "its next step is a float, 2.0", values: first},
	{mode: "next_string", err: `its next step is a string, "soon"`, values: first},
	{mode: "next_bool", err: "its next step, true, is not after the present step, 1", values: first},
	{mode: "next_null", err: "it answered null for its next step, but is time-based", values: first},
	{mode: "next_list", err: "its next step is an array, [2]", values: first},
	{mode: "next_huge", values: "0s:0.0 1s:1.0"},

	{mode: "nan", values: "0s:0.0 1s:NaN 2s:NaN 3s:NaN"},
	{mode: "infinity", values: "0s:0.0 1s:Infinity 2s:Infinity 3s:Infinity"},
	{mode: "minus_infinity", values: "0s:0.0 1s:-Infinity 2s:-Infinity 3s:-Infinity"},
	{mode: "extra_attr", values: good, warn: []string{`gives data for "unasked" of e0, which its model M does not have; they are dropped`}},
	{mode: "extra_entity", values: good, warn: []string{`gives data for an entity "stranger" that it has not created (attribute "out"); they are dropped`}},
	{mode: "missing_attr", values: "0s:0.0 1s:null 2s:null 3s:null", warn: []string{"no value for out of e0", "no value for out of e1"}},
	{mode: "missing_entity", values: "0s:0.0 1s:null 2s:null 3s:null", warn: []string{"no value for out of e0", "no value for out of e1"}},
	{mode: "data_null", err: "it answered get_data with null instead of an object", values: first},
	{mode: "data_list", err: "it answered get_data with an array instead of an object", values: first},
	{mode: "data_flat", err: `its data for entity "e0" are a float instead of an object of attributes: 1.0`, values: first},
	{mode: "time_past", err: "output time 0s is before the step's time 1s", values: first},
	{mode: "time_string", err: `the output time is a string, "now"`, values: first},

	{mode: "fail_step", err: `t=1s: simulator "raw": step: it answered with a failure: ValueError: no convergence in step 1 (process `, values: first},
	{mode: "fail_step", err: "\n  its traceback:\n    Traceback (most recent call last):\n", values: first},
	{mode: "fail_step", err: "ValueError: no convergence in step 1", values: first, change: func(c *mosaik.Config) { c.SeparateGetData = true }},
	{mode: "fail_string", err: "it answered with a failure: no convergence in step 1", values: first},
	{mode: "fail_list", err: "it answered with a failure: no convergence in step 1", values: first},
	{mode: "fail_object", err: `it answered with a failure: {"error": "no convergence in step 1"}`, values: first},
	{mode: "fail_null", err: "it answered with a failure: null", values: first},
	{mode: "fail_numpy", err: "TypeError: Object of type int64 is not JSON serializable; a process of its own can give numbers, texts,", values: first},
	{mode: "fail_get_data", err: "get_data: it answered with a failure: KeyError: 'out'", values: first},

	{mode: "request_unknown", values: good},
	{mode: "request_denied", values: good},
	{mode: "request_malformed", values: good},

	{mode: "exit", err: "exited with status 3)\n  its last output:\n    rawsim: out of memory in step 1\n  its log: ", values: first},
	{mode: "exit_0", err: "exited with status 0)", values: first},
	{mode: "kill", err: "was ended by a signal: killed)", values: first},
	{mode: "reset", err: "the peer closed the connection", values: first},
	{mode: "close", err: "the peer closed the connection; it gave no reason", values: first},
	{mode: "hang", err: "no answer within 5s; if it needs longer, raise its step timeout", values: first, change: impatient},

	{mode: "ignore_stop", values: good, warn: []string{"did not exit within 200ms after stop (stop timeout) and was ended; process "},
		change: func(c *mosaik.Config) { c.StopTimeout = 200 * time.Millisecond }},
	{mode: "slow_stop", values: good},
	{mode: "stop_status", values: good, close: "it was asked to stop, and failed: process "},
}

// Every way to misbehave ends in one clear error, or in none, with what was
// recorded before kept, and leaves no process.
func TestBadPrograms(t *testing.T) {
	for i, c := range badCases {
		t.Run(fmt.Sprintf("%s-%d", c.mode, i), func(t *testing.T) {
			t.Parallel()
			cfg := peer(t, "rawsim.py", "--mode", c.mode)
			var warnings []string
			cfg.Warn = func(text string) { warnings = append(warnings, text) }
			if c.change != nil {
				c.change(&cfg)
			}
			s := mosaik.New(cfg)
			m, err, closeErr := runAlone(t, s)
			if c.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.err)
				require.ErrorContains(t, err, `simulator "raw"`)
				// That a program makes the wrong entities is found by the World.
				if !slices.Contains([]string{"create_few", "create_type", "create_twice"}, c.mode) {
					require.ErrorAs(t, err, new(*sim.SimulatorError))
				}
			}
			if c.close == "" {
				require.NoError(t, closeErr)
			} else {
				require.ErrorContains(t, closeErr, c.close)
			}
			require.Equal(t, c.values, values(m, "raw.e0", "out"))
			require.Len(t, warnings, len(c.warn), strings.Join(warnings, "\n"))
			for i, want := range c.warn {
				require.Contains(t, warnings[i], want)
			}
			require.True(t, s.Process().Exited())
		})
	}
}

// runAlone runs a world with one program and two entities of it for four
// seconds.
func runAlone(t *testing.T, s *mosaik.Simulator) (m *sim.Memory, err, closeErr error) {
	w := sim.NewWorld(sim.Config{})
	defer func() { closeErr = w.Close() }()
	m = &sim.Memory{}
	in, err := w.Add(t.Context(), "raw", s, sim.AddOptions{})
	if err != nil {
		return m, err, nil
	}
	es, err := in.Create(t.Context(), "M", 2, nil)
	if err != nil {
		return m, err, nil
	}
	require.NoError(t, w.Record(m, 0, sim.Ref{Entity: es[0], Attr: "out"}, sim.Ref{Entity: es[1], Attr: "out"}))
	_, err = w.Run(t.Context(), sim.RunOptions{Until: seconds(4)})
	return m, err, nil
}

// What the program has started is gone too, although it ignores SIGTERM and
// outlives the program.
func TestGrandchildren(t *testing.T) {
	pidFile := filepath.Join(t.TempDir(), "pid")
	m, err, closeErr := runAlone(t, mosaik.New(peer(t, "rawsim.py", "--mode", "grandchild", "--pid-file", pidFile)))
	require.NoError(t, err)
	require.NoError(t, closeErr)
	require.Equal(t, good, values(m, "raw.e0", "out"))
	pid, err := os.ReadFile(pidFile)
	require.NoError(t, err)
	// It has been killed; that it is also gone may take a moment.
	require.Eventually(t, func() bool { return !alive(string(pid)) }, time.Minute, time.Millisecond)
}

// A missing program is reported with its command.
func TestNoSuchProgram(t *testing.T) {
	w := newWorld(t)
	_, err := w.Add(t.Context(), "house", mosaik.New(mosaik.Config{CommandLine: "no-such-program --fast {addr}"}), sim.AddOptions{})
	require.ErrorContains(t, err, `simulator "house": init: there is no program "no-such-program" in PATH; install it, or correct the command; `)
	require.ErrorContains(t, err, "the command is: no-such-program --fast 127.0.0.1:")
	_, err = w.Add(t.Context(), "other", mosaik.New(mosaik.Config{Connect: "127.0.0.1:1"}), sim.AddOptions{})
	require.ErrorContains(t, err, "is the program running, and does it listen there?")
}

func TestUnwritableLog(t *testing.T) {
	w := newWorld(t)
	_, err := w.Add(t.Context(), "house", mosaik.New(mosaik.Config{CommandLine: "true {addr}", Log: "/dev/null/house.log"}), sim.AddOptions{})
	require.ErrorContains(t, err, "log file: ")
}
