package channel

import (
	"cmp"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"os"
	"time"
)

// handshakeTimeout is how long the handshake of a connection may take.
const handshakeTimeout = 10 * time.Second

// TLS secures connections over TCP, with version 1.3. Each side shows the other a
// certificate, and takes only one of the same authority.
type TLS struct {
	// Certificate is this side's certificate with its key.
	Certificate tls.Certificate
	// CA holds the authority of both sides.
	CA *x509.CertPool
	// Aiomas lowers the version to 1.2, with the ciphers that aiomas 2.0.1
	// takes, ECDHE with AES-GCM: it knows no other.
	Aiomas bool
	// CommonName lets the connecting side also take a certificate that gives its
	// host as common name only, without alternative names. The ones in the
	// documentation of aiomas are like that.
	CommonName bool
	// Client and Server, if set, are used as they are in place of all else by the side
	// that connects and by the one that listens, for certificates that change or other
	// rules. A Client without a ServerName gets that of the address.
	Client, Server *tls.Config
}

// LoadTLS reads PEM files: the certificates of the authority, and this side's
// certificate and key.
func LoadTLS(ca, cert, key string) (*TLS, error) {
	authority, err := os.ReadFile(ca)
	if err != nil {
		return nil, fmt.Errorf("TLS authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("TLS authority: %s contains no certificate in PEM form", ca)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("TLS certificate %s with key %s: %w", cert, key, err)
	}
	return &TLS{Certificate: pair, CA: pool}, nil
}

// secured says whether connections to or from an address are secured.
func secured(a address, t *TLS) (bool, error) {
	switch {
	case a.scheme == "tls" && t == nil:
		return false, errors.New("tls:// needs certificates; set Config.TLS, for example with LoadTLS")
	case a.scheme == "tls", a.scheme == "tcp" && t != nil:
		return true, nil
	}
	return false, nil // ipc and local do not leave the machine
}

func (t *TLS) base() *tls.Config {
	cfg := &tls.Config{Certificates: []tls.Certificate{t.Certificate}, RootCAs: t.CA, ClientCAs: t.CA, MinVersion: tls.VersionTLS13}
	if t.Aiomas {
		cfg.MinVersion, cfg.MaxVersion = tls.VersionTLS12, tls.VersionTLS12
		cfg.CipherSuites = []uint16{
			tls.TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, tls.TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384,
			tls.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256, tls.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
		}
	}
	return cfg
}

func (t *TLS) server() *tls.Config {
	if t.Server != nil {
		return t.Server
	}
	cfg := t.base()
	cfg.ClientAuth = tls.RequireAndVerifyClientCert
	return cfg
}

func (t *TLS) client(host string) *tls.Config {
	if t.Client != nil {
		cfg := t.Client.Clone()
		cfg.ServerName = cmp.Or(cfg.ServerName, host)
		return cfg
	}
	cfg := t.base()
	cfg.ServerName = host
	if t.CommonName {
		cfg.InsecureSkipVerify = true // in favour of the same with another look at the name
		cfg.VerifyConnection = func(state tls.ConnectionState) error { return t.verify(state.PeerCertificates, host) }
	}
	return cfg
}

// verify checks a server's certificates and that the first is for host.
func (t *TLS) verify(certs []*x509.Certificate, host string) error {
	if len(certs) == 0 {
		return errors.New("the peer shows no certificate")
	}
	intermediates := x509.NewCertPool()
	for _, cert := range certs[1:] {
		intermediates.AddCert(cert)
	}
	leaf := certs[0]
	if _, err := leaf.Verify(x509.VerifyOptions{Roots: t.CA, Intermediates: intermediates}); err != nil {
		return err
	}
	if len(leaf.DNSNames)+len(leaf.IPAddresses)+len(leaf.URIs)+len(leaf.EmailAddresses) > 0 {
		return leaf.VerifyHostname(host)
	}
	if leaf.Subject.CommonName != host {
		return fmt.Errorf("the certificate is for %q, not %q", leaf.Subject.CommonName, host)
	}
	return nil
}

// handshake makes the TLS handshake of a connection. A peer that does not know what
// TLS is may never say anything.
func handshake(ctx context.Context, t *tls.Conn) error {
	limited, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	err := t.HandshakeContext(limited)
	switch {
	case err == nil:
		return nil
	case ctx.Err() == nil && limited.Err() != nil:
		return fmt.Errorf("TLS handshake: it has not come to an end within %v; does the peer speak TLS?", handshakeTimeout)
	}
	return fmt.Errorf("TLS handshake: %w", plain(err))
}

// handshake finishes the TLS handshake of an accepted connection. There is none,
// or it is done, in others.
func (c *Conn) handshake() error {
	if t, ok := c.nc.(*tls.Conn); ok {
		return handshake(c.ctx, t)
	}
	return nil
}

// TLSState tells what is known of the peer of a connection that is secured, such as the
// certificate that it has shown; ok is false if it is not secured, or not yet. A Handler
// is called only then.
func (c *Conn) TLSState() (state tls.ConnectionState, ok bool) {
	t, ok := c.nc.(*tls.Conn)
	if !ok {
		return tls.ConnectionState{}, false
	}
	state = t.ConnectionState()
	return state, state.HandshakeComplete
}
