package channel

import (
	"fmt"
	"net"
	"strings"
)

// An address is a parsed address:
//
//	tcp://host:port, host:port   TCP; the host may be empty, or an IPv6 address in brackets
//	tls://host:port              TLS over TCP
//	ipc://path, ipc://[path]     a Unix socket; aiomas writes the brackets
//	local://name                 the memory of this process
type address struct {
	scheme string // tcp, tls, ipc or local
	rest   string // host:port, path or name
}

func parseAddress(addr string) (address, error) {
	scheme, rest, found := strings.Cut(addr, "://")
	want := scheme + "://host:port"
	if !found {
		scheme, rest, want = "tcp", addr, "tcp://host:port, tls://host:port, ipc://path or host:port"
	}
	switch scheme {
	case "tcp", "tls":
		if _, _, err := net.SplitHostPort(rest); err != nil {
			return address{}, fmt.Errorf("address %q: want %s: %w", addr, want, err)
		}
	case "ipc":
		if strings.HasPrefix(rest, "[") && strings.HasSuffix(rest, "]") {
			rest = rest[1 : len(rest)-1]
		}
		if rest == "" {
			return address{}, fmt.Errorf("address %q: the path of the socket is missing; want ipc://path", addr)
		}
	case "local":
		if rest == "" || strings.Contains(rest, "/") {
			return address{}, fmt.Errorf("address %q: want local://name, the name without a slash", addr)
		}
	default:
		return address{}, fmt.Errorf("address %q: unknown transport %q; want tcp://, tls://, ipc:// or local://", addr, scheme)
	}
	return address{scheme, rest}, nil
}

// host is the host of a tcp or tls address.
func (a address) host() string {
	host, _, _ := net.SplitHostPort(a.rest) // parseAddress has checked it
	return host
}

// formatAddress is the address, in our form, of a listening end.
func formatAddress(scheme string, a net.Addr) string {
	if scheme == "ipc" {
		return "ipc://[" + a.String() + "]"
	}
	return scheme + "://" + a.String()
}
