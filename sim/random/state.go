package random

import (
	"errors"
	"fmt"
	"strings"
)

// The first bytes of a state: its version, and whether it is that of an antithetic
// stream. What a pcg writes follows.
const (
	plainState      = "stream/1+"
	antitheticState = "stream/1-"
)

// MarshalBinary returns the state of the stream, 29 bytes. A stream that is given them
// by [Stream.UnmarshalBinary] goes on with the numbers that this one would have drawn
// next. It never fails.
func (s *Stream) MarshalBinary() ([]byte, error) {
	header := plainState
	if s.mirror != 0 {
		header = antitheticState
	}
	before := s.pcg
	before.back()
	return before.append([]byte(header)), nil
}

// UnmarshalBinary sets the stream, of which the zero value will do, to a state that was
// saved by [Stream.MarshalBinary]. If it fails, the stream is as before.
func (s *Stream) UnmarshalBinary(state []byte) error {
	var mirror uint64
	rest, ok := strings.CutPrefix(string(state), plainState)
	if !ok {
		mirror = ^uint64(0)
		rest, ok = strings.CutPrefix(string(state), antitheticState)
	}
	if !ok {
		return fmt.Errorf("restore a random stream: %w", errForeignState)
	}
	var before pcg
	if err := before.parse(rest); err != nil {
		return fmt.Errorf("restore a random stream: %d bytes of state are cut off or changed: %w", len(state), err)
	}
	s.begin(before, mirror)
	return nil
}

var errForeignState = errors.New("the bytes are not the state of a stream, or that of another version; pass what MarshalBinary returned")
