package channel_test

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/testcert"
)

// secure tries a call over TLS. The errors are those of both sides; only the side
// that listens learns of a certificate that it refused before the other does.
func secure(t *testing.T, scheme string, dial, listen *channel.TLS) (dialErr, callErr, serverErr error) {
	l, err := channel.Listen(scheme+"127.0.0.1:0", channel.Config{TLS: listen, Handler: echo})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	require.True(t, strings.HasPrefix(l.Addr(), scheme))
	server := make(chan *channel.Conn, 1)
	go func() {
		s, err := l.Accept(t.Context())
		if err != nil {
			s = nil
		}
		server <- s
	}()
	c, dialErr := channel.Dial(t.Context(), l.Addr(), channel.Config{TLS: dial})
	s := <-server
	require.NotNil(t, s)
	defer func() { require.NoError(t, s.Close()) }()
	if dialErr != nil {
		<-s.Done()
		return dialErr, nil, s.Err()
	}
	defer func() { require.NoError(t, c.Close()) }()
	reply, callErr := c.Call(t.Context(), strings.Repeat("x", 100_000))
	if callErr == nil {
		require.Len(t, reply, 100_002)
		return nil, nil, nil
	}
	<-s.Done()
	return nil, callErr, s.Err()
}

func TestTLS(t *testing.T) {
	ca := testcert.New(t)
	good := load(t, ca.Issue("device", true))
	ip, host := load(t, ca.Issue("127.0.0.1", false)), load(t, ca.Issue("localhost", false))
	rogue := load(t, testcert.New(t).Issue("device", true))
	rogue.CA = good.CA // it trusts, but is not trusted
	with := func(t channel.TLS, aiomas, commonName bool) *channel.TLS {
		t.Aiomas, t.CommonName = aiomas, commonName
		return &t
	}
	configs := &channel.TLS{Client: &tls.Config{RootCAs: good.CA, Certificates: []tls.Certificate{good.Certificate}},
		Server: &tls.Config{ClientCAs: good.CA, ClientAuth: tls.RequireAndVerifyClientCert,
			GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return &good.Certificate, nil }}}
	for _, tt := range []struct {
		name                 string
		dial, listen         *channel.TLS
		dialErr, call, serve string
	}{
		{name: "1.3", dial: good, listen: good},
		{name: "own configurations", dial: configs, listen: configs},
		{name: "own configuration of one side", dial: good, listen: configs},
		{name: "own configuration for another host", dial: &channel.TLS{Client: &tls.Config{RootCAs: good.CA, ServerName: "elsewhere"}}, listen: good,
			dialErr: "certificate is valid for", serve: "TLS handshake"},
		{name: "as aiomas", dial: with(*good, true, false), listen: with(*good, true, false)},
		{name: "1.2 and 1.3", dial: with(*good, true, false), listen: good, dialErr: "protocol version", serve: "TLS handshake"},
		{name: "common name refused", dial: ip, listen: ip, dialErr: "certificate relies on legacy Common Name field", serve: "TLS handshake"},
		{name: "common name", dial: with(*ip, true, true), listen: ip, dialErr: "protocol version", serve: "TLS handshake"},
		{name: "common name 1.2", dial: with(*ip, true, true), listen: with(*ip, true, false)},
		{name: "another common name", dial: with(*ip, false, true), listen: host, dialErr: `the certificate is for "localhost", not "127.0.0.1"`, serve: "TLS handshake"},
		{name: "common name allowed, not needed", dial: with(*good, false, true), listen: good},
		{name: "a server of another authority", dial: good, listen: rogue, dialErr: "certificate signed by unknown authority", serve: "TLS handshake"},
		{name: "the same, common name allowed", dial: with(*good, false, true), listen: rogue, dialErr: "certificate signed by unknown authority", serve: "TLS handshake"},
		{name: "a client of another authority", dial: rogue, listen: good, call: "remote error: tls: unknown certificate authority", serve: "certificate signed by unknown authority"},
	} {
		for _, scheme := range []string{"tls://", "tcp://"} {
			t.Run(tt.name+" "+scheme, func(t *testing.T) {
				dialErr, callErr, serverErr := secure(t, scheme, tt.dial, tt.listen)
				check := func(want string, got error) {
					t.Helper()
					if want == "" {
						require.NoError(t, got)
					} else {
						require.ErrorContains(t, got, want)
					}
				}
				check(tt.dialErr, dialErr)
				check(tt.call, callErr)
				check(tt.serve, serverErr)
			})
		}
	}
}

func TestTLSNeedsCertificates(t *testing.T) {
	_, err := channel.Listen("tls://127.0.0.1:0", channel.Config{})
	require.EqualError(t, err, "listen on tls://127.0.0.1:0: tls:// needs certificates; set Config.TLS, for example with LoadTLS")
	_, err = channel.Dial(t.Context(), "tls://127.0.0.1:1", channel.Config{})
	require.EqualError(t, err, "connect to tls://127.0.0.1:1: tls:// needs certificates; set Config.TLS, for example with LoadTLS")
}

func load(t *testing.T, files testcert.Files) *channel.TLS {
	t.Helper()
	loaded, err := channel.LoadTLS(files.CA, files.Cert, files.Key)
	require.NoError(t, err)
	return loaded
}

func TestLoadTLS(t *testing.T) {
	f := testcert.New(t).Issue("device", true)
	_, err := channel.LoadTLS(f.CA+".none", f.Cert, f.Key)
	require.ErrorContains(t, err, "TLS authority: ")
	_, err = channel.LoadTLS(f.Key, f.Cert, f.Key)
	require.ErrorContains(t, err, ".key contains no certificate in PEM form")
	_, err = channel.LoadTLS(f.CA, f.Key, f.Key)
	require.ErrorContains(t, err, "TLS certificate ")
}

// A peer that speaks no TLS, or never says anything, harms nobody.
func TestNoTLS(t *testing.T) {
	good := load(t, testcert.New(t).Issue("device", true))
	l, err := channel.Listen("tls://127.0.0.1:0", channel.Config{TLS: good})
	require.NoError(t, err)
	defer func() { require.NoError(t, l.Close()) }()
	nc, err := net.Dial("tcp", strings.TrimPrefix(l.Addr(), "tls://"))
	require.NoError(t, err)
	s, err := l.Accept(t.Context())
	require.NoError(t, err)
	_, err = nc.Write(frame(`[0, 0, "hello"]`))
	require.NoError(t, err)
	<-s.Done()
	require.ErrorContains(t, s.Err(), "TLS handshake: ")
	require.ErrorAs(t, s.Err(), new(tls.RecordHeaderError))
	require.NoError(t, nc.Close())
	require.NoError(t, s.Close())

	nc, err = net.Dial("tcp", strings.TrimPrefix(l.Addr(), "tls://"))
	require.NoError(t, err)
	s, err = l.Accept(t.Context())
	require.NoError(t, err)
	require.NoError(t, s.Close(), "while the peer is silent")
	require.NoError(t, nc.Close())
}

// A peer that takes what is sent, and says nothing, does not hold up who connects.
func TestHandshakeThatDoesNotEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		near, far := net.Pipe()
		go func() { _, _ = io.Copy(io.Discard, far) }() // until it is closed
		nc := tls.Client(near, &tls.Config{ServerName: "nobody"})
		began := time.Now()
		err := channel.Handshake(t.Context(), nc)
		require.EqualError(t, err, "TLS handshake: it has not come to an end within 10s; does the peer speak TLS?")
		require.Equal(t, 10*time.Second, time.Since(began))
		_ = nc.Close() // the handshake has failed
		require.NoError(t, far.Close())
	})
}

// A handler can tell who calls.
func TestTLSState(t *testing.T) {
	certs := load(t, testcert.New(t).Issue("device", true))
	l, err := channel.Listen("tls://127.0.0.1:0", channel.Config{TLS: certs,
		Handler: func(_ context.Context, conn *channel.Conn, _ codec.Raw) (any, error) {
			state, ok := conn.TLSState()
			if !ok {
				return nil, errors.New("no TLS")
			}
			return state.PeerCertificates[0].Subject.CommonName, nil
		}})
	require.NoError(t, err)
	server := make(chan *channel.Conn)
	go func() {
		s, err := l.Accept(t.Context())
		if err != nil {
			t.Error(err)
		}
		server <- s
	}()
	client, err := channel.Dial(t.Context(), l.Addr(), channel.Config{TLS: certs})
	require.NoError(t, err)
	s := <-server
	name, err := client.Call(t.Context(), nil)
	require.NoError(t, err)
	require.Equal(t, `"device"`, string(name))
	state, ok := client.TLSState()
	require.True(t, ok)
	require.Equal(t, uint16(tls.VersionTLS13), state.Version)
	for _, c := range []interface{ Close() error }{client, s, l} {
		require.NoError(t, c.Close())
	}

	plain, _ := connect(t, "tcp://127.0.0.1:0", channel.Config{}, channel.Config{})
	_, ok = plain.TLSState()
	require.False(t, ok)
}

// Who comes with TLS to an end without is told apart from one that speaks something else.
func TestTLSIsNotExpected(t *testing.T) {
	certs := load(t, testcert.New(t).Issue("device", true))
	l, err := channel.Listen("tcp://127.0.0.1:0", channel.Config{})
	require.NoError(t, err)
	refused := make(chan error, 1)
	go func() {
		s, err := l.Accept(t.Context())
		if err != nil {
			refused <- err
			return
		}
		<-s.Done()
		refused <- s.Err()
		_ = s.Close() // always nil
	}()
	_, err = channel.Dial(t.Context(), l.Addr(), channel.Config{TLS: certs})
	require.ErrorContains(t, err, "TLS handshake: ")
	require.ErrorContains(t, <-refused, "protocol error: the peer begins with a TLS handshake, but this end has no certificates (Config.TLS)")
	require.NoError(t, l.Close())
}
