package main

import (
	"errors"
	"time"

	broker "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"
)

// serveNATS runs the broker and, in the same process, who answers.
func serveNATS() (address string, stop func()) {
	s, err := broker.NewServer(&broker.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true})
	check(err)
	go s.Start()
	if !s.ReadyForConnections(5 * time.Second) {
		check(errors.New("the NATS server does not start"))
	}
	c, err := nats.Connect(s.ClientURL())
	check(err)
	_, err = c.Subscribe("echo", func(m *nats.Msg) { check(m.Respond(m.Data)) })
	check(err)
	check(c.Flush())
	return s.ClientURL(), func() {
		c.Close()
		s.Shutdown()
	}
}

func measureNATS(s setting, address string, d time.Duration) float64 {
	c, err := nats.Connect(address)
	check(err)
	defer c.Close()
	return count(callersOf(s), d, func() {
		_, err := c.Request("echo", payload, 5*time.Second)
		check(err)
	})
}
