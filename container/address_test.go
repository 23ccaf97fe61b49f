package container_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/container"
)

func TestParseAddress(t *testing.T) {
	for _, tt := range []struct{ in, container, agent string }{
		{"tcp://localhost:5555/0", "tcp://localhost:5555", "0"},
		{"tcp://localhost:05555/0", "tcp://localhost:5555", "0"},
		{"tcp://127.0.0.1:1/a/b", "tcp://127.0.0.1:1", "a/b"},
		{"tcp://::1:5555/0", "tcp://[::1]:5555", "0"},
		{"tcp://[::1]:5555/0", "tcp://[::1]:5555", "0"},
		{"tcp://[fe80::1%eth0]:5555/0", "tcp://[fe80::1%eth0]:5555", "0"},
		{"tls://host:65535/seller", "tls://host:65535", "seller"},
		{"ipc://[/tmp/s]/0", "ipc://[/tmp/s]", "0"},
		{"ipc://[s]/a]/b", "ipc://[s]", "a]/b"},
		{"local://town/0", "local://town", "0"},
		{"local://town//", "local://town", "/"},
	} {
		a, err := container.ParseAddress(tt.in)
		require.NoError(t, err, tt.in)
		require.Equal(t, container.Address{Container: tt.container, Agent: tt.agent}, a)
		again, err := container.ParseAddress(a.String())
		require.NoError(t, err, tt.in)
		require.Equal(t, a, again)
	}
}

func TestParseAddressFails(t *testing.T) {
	for in, why := range map[string]string{
		"":                   "the transport is missing",
		"seller":             "the transport is missing",
		"http://host:80/0":   `unknown transport "http"`,
		"tcp://host/0":       "the port is missing",
		"tcp://host:0/0":     `"0" is no port`,
		"tcp://host:-1/0":    `"-1" is no port`,
		"tcp://host:65536/0": `"65536" is no port`,
		"tcp://host:http/0":  `"http" is no port`,
		"tcp://:5555/0":      `"" is no host`,
		"tcp://[]:5555/0":    `"" is no host`,
		"tcp://[::1:5555/0":  `"[::1" is no host`,
		"tcp://host:5555":    "the name of the agent is missing",
		"tcp://host:5555/":   "the name of the agent is missing",
		"ipc:///tmp/s/0":     "the path of the socket has no brackets",
		"ipc://[]/0":         "the path of the socket is missing",
		"ipc://[/tmp/s]":     "the name of the agent is missing",
		"local:///0":         "the name of the container is missing",
		"local://town":       "the name of the agent is missing",
	} {
		_, err := container.ParseAddress(in)
		require.ErrorContains(t, err, why, in)
		require.ErrorContains(t, err, "want tcp://HOST:PORT/AGENT", in)
	}
}

// What is printed is read as the same address, and stays as it is.
func FuzzParseAddress(f *testing.F) {
	for _, s := range []string{"tcp://::1:5555/0", "tcp://[::1]:1/a/b", "ipc://[/tmp/s]/0", "local://town/0", "tls://h:2/x", "tcp://a%:1/0"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		a, err := container.ParseAddress(s)
		if err != nil {
			return
		}
		again, err := container.ParseAddress(a.String())
		require.NoError(t, err)
		require.Equal(t, a, again)
	})
}
