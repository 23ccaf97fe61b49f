package mosaik

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestConfigCheck(t *testing.T) {
	for _, good := range []Config{
		{Connect: "localhost:5555"},
		{Connect: "[::1]:5555", API: "2.2"},
		{Connect: "ipc:///run/sim.sock"},
		{CommandLine: "sim {addr}"},
		{Command: []string{"sim"}, Env: []string{"ADDR={addr}"}},
		{CommandLine: "%(python)s -m sim %(addr)s", API: "3"},
	} {
		require.NoError(t, good.Check(), "%+v", good)
	}
	for want, bad := range map[string]Config{
		"neither a command to start nor an address": {},
		"give only one": {CommandLine: "sim {addr}", Connect: "localhost:5555"},
		`the address "localhost" is not of the form host:port`: {Connect: "localhost"},
		`the address ":" is not`:                               {Connect: ":"},
		`the address "ipc://" is not`:                          {Connect: "ipc://"},
		"the command has no {addr}":                            {CommandLine: "sim"},
		"the command is empty":                                 {CommandLine: " "},
		"has no partner":                                       {CommandLine: "sim '{addr}"},
		`the API version "x" is not a version`:                 {CommandLine: "sim {addr}", API: "x"},
		"the API version 4 is not supported":                   {CommandLine: "sim {addr}", API: "4"},
		"timeouts must not be negative":                        {CommandLine: "sim {addr}", StepTimeout: -time.Second},
		"the largest message must not be negative":             {CommandLine: "sim {addr}", MaxFrame: -1},
	} {
		require.ErrorContains(t, bad.Check(), want, "%+v", bad)
	}
	// All that is wrong at once.
	err := Config{Connect: "x", API: "x"}.Check()
	require.ErrorContains(t, err, "host:port")
	require.ErrorContains(t, err, "is not a version")
}

func TestCommand(t *testing.T) {
	for _, c := range []struct {
		cfg  Config
		want commandLine
	}{
		{Config{CommandLine: `{python} -m "my sim" --to={addr}`}, commandLine{args: []string{"python3", "-m", "my sim", "--to=h:1"}, env: []string{}}},
		{Config{Command: []string{"a b", "{addr}"}, Env: []string{"X={addr}"}}, commandLine{args: []string{"a b", "h:1"}, env: []string{"X=h:1"}}},
		{Config{CommandLine: `%(python)s sim.py -p 5%% %(addr)s`, Python: "py"}, commandLine{args: []string{"py", "sim.py", "-p", "5%", "h:1"}, env: []string{}}},
		{Config{CommandLine: `sim -p 5%% '{"a": {}}' {addr}`}, commandLine{args: []string{"sim", "-p", "5%%", `{"a": {}}`, "h:1"}, env: []string{}}},
	} {
		got, err := c.cfg.withDefaults().command("h:1")
		require.NoError(t, err)
		require.Equal(t, c.want, got)
	}
}
