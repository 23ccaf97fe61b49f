package channel_test

import (
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
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
	for _, tt := range []struct {
		name                 string
		dial, listen         *channel.TLS
		dialErr, call, serve string
	}{
		{name: "1.3", dial: good, listen: good},
		{name: "as aiomas", dial: with(*good, true, false), listen: with(*good, true, false)},
		{name: "1.2 and 1.3", dial: with(*good, true, false), listen: good, dialErr: "protocol version", serve: "TLS handshake"},
		{name: "common name refused", dial: ip, listen: ip, dialErr: "certificate relies on legacy Common Name field", serve: "TLS handshake"},
		{name: "common name", dial: with(*ip, true, true), listen: ip, dialErr: "protocol version", serve: "TLS handshake"},
		{name: "common name 1.2", dial: with(*ip, true, true), listen: with(*ip, true, false)},
		{name: "another common name", dial: with(*ip, false, true), listen: host, dialErr: `the certificate is for "localhost", not "127.0.0.1"`, serve: "TLS handshake"},
		{name: "common name allowed, not needed", dial: with(*good, false, true), listen: good},
		{name: "a server of another authority", dial: good, listen: rogue, dialErr: "certificate signed by unknown authority", serve: "TLS handshake"},
		{name: "the same, common name allowed", dial: with(*good, false, true), listen: rogue, dialErr: "certificate signed by unknown authority", serve: "TLS handshake"},
		{name: "a client of another authority", dial: rogue, listen: good, call: "connection to ", serve: "certificate signed by unknown authority"},
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
