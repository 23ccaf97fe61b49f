package main

import (
	"errors"
	"time"

	broker "github.com/nats-io/nats-server/v2/server"
	"github.com/nats-io/nats.go"

	"github.com/simrun/simrun/internal/bench"
)

// serveNATS runs the broker and, in the same process, who answers.
func serveNATS() (address string, stop func()) {
	s, err := broker.NewServer(&broker.Options{Host: "127.0.0.1", Port: -1, NoLog: true, NoSigs: true})
	bench.Check(err)
	go s.Start()
	if !s.ReadyForConnections(5 * time.Second) {
		bench.Check(errors.New("the NATS server does not start"))
	}
	c, err := nats.Connect(s.ClientURL())
	bench.Check(err)
	_, err = c.Subscribe("echo", func(m *nats.Msg) { bench.Check(m.Respond(m.Data)) })
	bench.Check(err)
	bench.Check(c.Flush())
	return s.ClientURL(), func() {
		c.Close()
		s.Shutdown()
	}
}

func measureNATS(s setting, address string, d time.Duration) float64 {
	c, err := nats.Connect(address)
	bench.Check(err)
	defer c.Close()
	return count(callersOf(s), d, func() {
		_, err := c.Request("echo", payload, 5*time.Second)
		bench.Check(err)
	})
}
