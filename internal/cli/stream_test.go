package cli

import (
	"bytes"
	"io"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scenarios"
)

// streamed runs a scenario with far more values than a socket holds back, and says how
// that ended.
func streamed(t *testing.T, stream, out string) (ExitCode, string) {
	t.Helper()
	scenario := filepath.Join(t.TempDir(), "many.yaml")
	require.NoError(t, os.WriteFile(scenario, []byte(`simrun: 1
name: many
until: 4h
simulators: {battery: {model: battery, params: {step: 1s}}}
record: ["*"]
`), 0o600))
	messagesFile, err := os.Create(filepath.Join(t.TempDir(), "stderr"))
	require.NoError(t, err)
	defer messagesFile.Close()
	c := &command{registry: scenarios.DefaultRegistry(), out: io.Discard, err: &messages{w: messagesFile}, terminal: messagesFile, getenv: os.Getenv}
	root := c.root()
	root.SetArgs([]string{"run", scenario, "--quiet", "--format", "jsonl", "--out", out, "--stream", stream})
	code := c.report(root.ExecuteContext(t.Context()))
	text, err := os.ReadFile(messagesFile.Name())
	require.NoError(t, err)
	return code, string(text)
}

// socket listens in a folder with a short name: that of a Unix socket has at most some
// hundred characters.
func socket(t *testing.T) (path string, l net.Listener) {
	t.Helper()
	dir, err := os.MkdirTemp("", "s")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	path = filepath.Join(dir, "v.sock")
	l, err = net.Listen("unix", path)
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, l.Close()) })
	return path, l
}

// What listens at a socket reads what is in the file.
func TestStreamToSocket(t *testing.T) {
	path, unix := socket(t)
	tcp, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, tcp.Close()) })
	for stream, l := range map[string]net.Listener{path: unix, "ipc://" + path: unix, "tcp://" + tcp.Addr().String(): tcp} {
		read := make(chan []byte, 1)
		go func() {
			conn, err := l.Accept()
			if !assert.NoError(t, err) {
				read <- nil
				return
			}
			text, err := io.ReadAll(conn)
			assert.NoError(t, err)
			assert.NoError(t, conn.Close())
			read <- text
		}()
		out := filepath.Join(t.TempDir(), "out")
		code, text := streamed(t, stream, out)
		require.Equal(t, Done, code, "%s: %s", stream, text)
		want, err := os.ReadFile(filepath.Join(out, "results.jsonl"))
		require.NoError(t, err)
		require.Greater(t, len(want), 1<<20)
		require.True(t, bytes.Equal(want, <-read), stream)
	}
}

// A reader that goes away ends the run, as that of a pipe does.
func TestReaderOfSocketGoesAway(t *testing.T) {
	path, l := socket(t)
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		conn, err := l.Accept()
		if assert.NoError(t, err) {
			_, err = io.ReadFull(conn, make([]byte, 100))
			assert.NoError(t, err)
			assert.NoError(t, conn.Close())
		}
	}()
	out := filepath.Join(t.TempDir(), "out")
	code, text := streamed(t, "ipc://"+path, out)
	<-gone
	require.Equal(t, ResultsFailed, code)
	require.Regexp(t, `^simrun: recording: write stream ipc://.*/v\.sock: (broken pipe|connection reset by peer); what reads it must read until the end\n`, text)
}

// Where nobody listens nothing is run.
func TestStreamToNobody(t *testing.T) {
	path, _ := socket(t)
	left := path + "2"
	l, err := net.Listen("unix", left)
	require.NoError(t, err)
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	require.NoError(t, l.Close())
	for stream, want := range map[string]string{
		left:                     `connect: connection refused; start first what listens there`,
		"ipc://" + left:          `connect: connection refused; start first what listens there`,
		"ipc://" + path + "3":    `connect: no such file or directory; start first what listens there`,
		"tcp://127.0.0.1":        `address 127.0.0.1: missing port in address; start first what listens there`,
		"http://127.0.0.1:1/":    `there are tcp://HOST:PORT, ipc://PATH of a Unix socket, and files`,
		filepath.Join(path, "x"): `not a directory`,
	} {
		out := filepath.Join(t.TempDir(), "out")
		code, text := streamed(t, stream, out)
		assert.Equal(t, ResultsFailed, code, stream)
		assert.Contains(t, text, want, stream)
		assert.NoDirExists(t, out)
	}
}
