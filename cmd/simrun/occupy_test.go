package main

import (
	"bufio"
	"io"
	"net"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
)

// occupants are what may be found at an address in place of a simulator.
var occupants = map[string]func(net.Conn){
	"mute":  func(c net.Conn) { _, _ = io.Copy(io.Discard, c) },
	"greet": func(c net.Conn) { _, _ = io.WriteString(c, "SSH-2.0-OpenSSH_9.6\r\n"); _, _ = io.Copy(io.Discard, c) },
	"http": func(c net.Conn) {
		_, _ = bufio.NewReader(c).ReadByte()
		_, _ = io.WriteString(c, "HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
		_, _ = io.Copy(io.Discard, c)
	},
}

// occupy is the command
//
//	occupy VAR OCCUPANT
//
// which lets an occupant listen at an address until the end of the script, and
// sets VAR to the address. Where the occupant is nobody, the address is taken, so that
// no other test listens there, but not listened at: it is that of a client.
func occupy(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 || args[1] != "nobody" && occupants[args[1]] == nil {
		ts.Fatalf("usage: occupy VAR nobody|mute|greet|http")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	if args[1] == "nobody" {
		c, err := net.Dial("tcp", l.Addr().String())
		ts.Check(err)
		ts.Setenv(args[0], c.LocalAddr().String())
		ts.Defer(func() {
			_ = c.Close()
			_ = l.Close()
		})
		return
	}
	ts.Setenv(args[0], l.Addr().String())
	var all sync.WaitGroup
	all.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return // the script has ended
			}
			all.Go(func() {
				defer c.Close()
				occupants[args[1]](c) // until simrun ends the connection
			})
		}
	})
	ts.Defer(func() {
		_ = l.Close()
		all.Wait()
	})
}
