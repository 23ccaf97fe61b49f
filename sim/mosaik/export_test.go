package mosaik

import "github.com/simrun/simrun/internal/proc"

// Process gives tests the program that was started, nil if there is none.
func (s *Simulator) Process() *proc.Process { return s.proc }
