package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
)

// The commands in docs/agents.md make certificates with which both ends of a connection
// are content, by address and by name.
func TestCertificatesOfDocs(t *testing.T) {
	version, err := exec.CommandContext(t.Context(), "openssl", "version").CombinedOutput()
	if err != nil || !strings.HasPrefix(string(version), "OpenSSL 3.") {
		require.NotEqual(t, "true", os.Getenv("CI"), "the commands need OpenSSL 3; there is %q, %v", version, err)
		t.Skipf("the commands need OpenSSL 3; there is %q, %v", version, err)
	}
	text, err := os.ReadFile(filepath.Join("..", "..", "docs", "agents.md"))
	require.NoError(t, err)
	_, rest, found := strings.Cut(string(text), "\n```sh\n")
	require.True(t, found)
	commands, _, _ := strings.Cut(rest, "```")
	dir := t.TempDir()
	require.Contains(t, shell(t, dir, "set -e\n"+commands), "\nnorth.pem: OK\n")

	file := func(name string) string { return filepath.Join(dir, name) }
	secure, err := channel.LoadTLS(file("ca.pem"), file("north.pem"), file("north.key"))
	require.NoError(t, err)
	p, m := master(t, channel.Config{TLS: secure}, "--listen", "tls://127.0.0.1:0",
		"--tls-ca", file("ca.pem"), "--tls-cert", file("north.pem"), "--tls-key", file("north.key"))
	conn, err := channel.Dial(t.Context(), strings.Replace(strings.TrimSpace(p.out.String()), "127.0.0.1", "localhost", 1), channel.Config{TLS: secure})
	require.NoError(t, err)
	require.NoError(t, conn.Close())
	require.NoError(t, m.Stop(t.Context()))
	require.Equal(t, 0, p.wait(), "%s", &p.out)
}
