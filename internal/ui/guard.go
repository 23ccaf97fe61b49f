package ui

import (
	"crypto/rand"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
)

// policy lets the page load what the server has, and nothing else.
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
	"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// guard lets only those pass who know the token and ask for this machine.
type guard struct {
	token  string
	cookie string // its name: browsers keep one set of cookies for all ports of a host
	names  []string
	next   http.Handler
}

// newGuard makes a guard for a server that listens on addr and was told to listen on
// a host of this name.
func newGuard(addr *net.TCPAddr, host string, next http.Handler) *guard {
	names := []string{"localhost"}
	if host != "" {
		names = append(names, host)
	}
	if !addr.IP.IsLoopback() {
		if name, err := os.Hostname(); err == nil {
			names = append(names, name)
		}
	}
	return &guard{token: rand.Text(), cookie: "simrun-" + addr.AddrPort().String()[strings.LastIndex(addr.AddrPort().String(), ":")+1:],
		names: names, next: http.NewCrossOriginProtection().Handler(next)}
}

func (g *guard) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cache-Control", "no-store")
	switch given := r.URL.Query().Get("token"); {
	case !g.here(r.Host):
		http.Error(w, "This is not the host name of the machine; use the address that simrun has printed.", http.StatusMisdirectedRequest)
	case given != "" && g.is(given) && r.Method == http.MethodGet && r.URL.Path == "/":
		// From here on the cookie has it: an address is seen by more eyes.
		http.SetCookie(w, &http.Cookie{Name: g.cookie, Value: g.token, Path: "/", HttpOnly: true, SameSite: http.SameSiteStrictMode})
		http.Redirect(w, r, "/", http.StatusSeeOther)
	case !g.is(given) && !g.is(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")) && !g.hasCookie(r):
		http.Error(w, "The token is missing or wrong; use the address that simrun has printed, with its token.", http.StatusForbidden)
	default:
		g.next.ServeHTTP(w, r)
	}
}

// here reports whether a Host header means this machine: an address, or one of its
// names. A name of somebody else's may lead here, too.
func (g *guard) here(host string) bool {
	name := host
	if h, _, err := net.SplitHostPort(host); err == nil {
		name = h
	}
	if _, err := netip.ParseAddr(strings.Trim(name, "[]")); err == nil {
		return true
	}
	for _, n := range g.names {
		if strings.EqualFold(n, name) {
			return true
		}
	}
	return false
}

func (g *guard) is(token string) bool {
	return subtle.ConstantTimeCompare([]byte(token), []byte(g.token)) == 1
}

func (g *guard) hasCookie(r *http.Request) bool {
	c, err := r.Cookie(g.cookie)
	return err == nil && g.is(c.Value)
}
