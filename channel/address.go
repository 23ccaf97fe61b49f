package channel

import (
	"fmt"
	"net"
	"strings"
)

// parseAddress reads an address:
//
//	tcp://host:port, host:port   TCP; the host may be empty, or an IPv6 address in brackets
//	ipc://path, ipc://[path]     a Unix socket; aiomas writes the brackets
func parseAddress(addr string) (network, address string, err error) {
	scheme, rest, found := strings.Cut(addr, "://")
	if !found {
		scheme, rest = "tcp", addr
	}
	switch scheme {
	case "tcp":
		if _, _, err := net.SplitHostPort(rest); err != nil {
			return "", "", fmt.Errorf("address %q: want tcp://host:port or host:port: %w", addr, err)
		}
		return "tcp", rest, nil
	case "ipc":
		if strings.HasPrefix(rest, "[") && strings.HasSuffix(rest, "]") {
			rest = rest[1 : len(rest)-1]
		}
		if rest == "" {
			return "", "", fmt.Errorf("address %q: the path of the socket is missing; want ipc://path", addr)
		}
		return "unix", rest, nil
	}
	return "", "", fmt.Errorf("address %q: unknown transport %q; want tcp:// or ipc://", addr, scheme)
}

// formatAddress is the address, in our form, of a listening or connected end.
func formatAddress(a net.Addr) string {
	if a.Network() == "unix" {
		return "ipc://[" + a.String() + "]"
	}
	return a.Network() + "://" + a.String()
}
