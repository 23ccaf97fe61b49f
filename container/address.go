package container

import (
	"fmt"
	"net"
	"strconv"
	"strings"
)

// An Address says where an agent is, in the form of aiomas 2.0.1:
//
//	tcp://HOST:PORT/AGENT    tls://HOST:PORT/AGENT
//	ipc://[PATH]/AGENT       the path of a Unix socket
//	local://NAME/AGENT       in the memory of this process
type Address struct {
	Container string // where its container listens, as channel.Dial takes it
	Agent     string // its name there, which may contain slashes
}

// ParseAddress reads an address. The brackets of an IPv6 host may be missing.
func ParseAddress(s string) (Address, error) {
	bad := func(why string) (Address, error) {
		return Address{}, fmt.Errorf("address %q of an agent: %s; want tcp://HOST:PORT/AGENT, tls://HOST:PORT/AGENT, ipc://[PATH]/AGENT or local://NAME/AGENT", s, why)
	}
	transport, rest, found := strings.Cut(s, "://")
	if !found {
		return bad("the transport is missing")
	}
	var where, agent string
	switch transport {
	case "tcp", "tls":
		where, agent, found = strings.Cut(rest, "/")
		var err error
		if where, err = hostPort(where); err != nil {
			return bad(err.Error())
		}
	case "ipc":
		if rest, found = strings.CutPrefix(rest, "["); !found {
			return bad("the path of the socket has no brackets")
		}
		where, agent, found = strings.Cut(rest, "]/")
		if where == "" {
			return bad("the path of the socket is missing")
		}
		where = "[" + where + "]"
	case "local":
		where, agent, found = strings.Cut(rest, "/")
		if where == "" {
			return bad("the name of the container is missing")
		}
	default:
		return bad("unknown transport " + strconv.Quote(transport))
	}
	if !found || agent == "" {
		return bad("the name of the agent is missing")
	}
	return Address{Container: transport + "://" + where, Agent: agent}, nil
}

// hostPort checks a host and a port, and gives an IPv6 host its brackets.
func hostPort(s string) (string, error) {
	i := strings.LastIndexByte(s, ':')
	if i < 0 {
		return "", fmt.Errorf("the port is missing")
	}
	host, port := s[:i], s[i+1:]
	if strings.HasPrefix(host, "[") && strings.HasSuffix(host, "]") {
		host = host[1 : len(host)-1]
	}
	if host == "" || strings.ContainsAny(host, "[]") {
		return "", fmt.Errorf("%q is no host", host)
	}
	n, err := strconv.ParseUint(port, 10, 16)
	if err != nil || n == 0 {
		return "", fmt.Errorf("%q is no port", port)
	}
	return net.JoinHostPort(host, strconv.FormatUint(n, 10)), nil
}

// String returns the address in the form that ParseAddress reads.
func (a Address) String() string { return a.Container + "/" + a.Agent }

// splitAddress takes an address apart without a look at its parts.
func splitAddress(s string) (container, agent string) {
	begin := strings.Index(s, "://") + len("://")
	if strings.HasPrefix(s, "ipc://[") {
		if i := strings.Index(s, "]/"); i >= 0 {
			return s[:i+1], s[i+2:]
		}
	}
	if i := strings.IndexByte(s[begin:], '/'); i >= 0 {
		return s[:begin+i], s[begin+i+1:]
	}
	return s, ""
}
