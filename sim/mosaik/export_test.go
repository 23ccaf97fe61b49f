package mosaik

import (
	"net"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/internal/proc"
	"github.com/simrun/simrun/sim"
)

// Process gives tests the program that was started, nil if there is none.
func (s *Simulator) Process() *proc.Process { return s.proc }

// NewOn returns a simulator that is at the other end of a connection, as New does after Start.
func NewOn(nc net.Conn, cfg Config) *Simulator {
	s := New(cfg)
	s.env, s.conn = &sim.Env{}, channel.New(nc, s.channel())
	return s
}
