package rpc

import (
	"context"
	"errors"
)

// A Reference says where a service is, so that it can be handed on to others,
// between Extended ends.
type Reference struct {
	Address string `codec:"address"` // for Dial
	Path    string `codec:"path"`    // from the root of what is served there
}

// Reference returns where the service is. It fails if the peer has made the
// connection: its address is then not known.
func (p Proxy) Reference() (Reference, error) {
	switch {
	case p.conn == nil:
		return Reference{}, errZeroProxy
	case p.conn.addr == "":
		return Reference{}, errors.New("the peer has made this connection, so its address is not known; let it pass a Reference of its own")
	}
	return Reference{Address: p.conn.addr, Path: p.path}, nil
}

// Dial connects to where the service is. Closing the proxy's Conn is up to the
// caller.
func (r Reference) Dial(ctx context.Context, cfg Config) (Proxy, error) {
	c, err := Dial(ctx, r.Address, cfg)
	if err != nil {
		return Proxy{}, err
	}
	return c.Remote().Get(r.Path), nil
}
