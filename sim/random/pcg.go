package random

import (
	"encoding/binary"
	"errors"
	"math/bits"
)

// pcg is PCG-DXSM, the generator of rand.PCG, whose numbers and bytes it has: a linear
// congruential generator of 128 bits with a permutation of its state as output (M. E.
// O'Neill, "PCG: A Family of Simple Fast Space-Efficient Statistically Good Algorithms for
// Random Number Generation", Harvey Mudd College, HMC-CS-2014-0905, 2014; the permutation is
// her later "double xorshift multiply").
//
// It stands here so that it can be compiled into those that draw, and so that it can make
// the next number while the present one is used: that takes longer than anything else in
// drawing.
type pcg struct{ hi, lo uint64 }

const (
	multiplierHi, multiplierLo = 2549297995355413924, 4865540595714422341
	incrementHi, incrementLo   = 6364136223846793005, 1442695040888963407
	inverseHi, inverseLo       = 566787436162029664, 11001107174925446285 // of the multiplier, modulo 2^128
)

// next goes to the next state and returns the number that belongs to it.
func (g *pcg) next() uint64 {
	hi, lo := bits.Mul64(g.lo, multiplierLo)
	hi += g.hi*multiplierLo + g.lo*multiplierHi
	lo, carry := bits.Add64(lo, incrementLo, 0)
	hi, _ = bits.Add64(hi, incrementHi, carry)
	g.hi, g.lo = hi, lo
	hi ^= hi >> 32
	hi *= 0xda942042e4dd58b5
	hi ^= hi >> 48
	return hi * (lo | 1)
}

// back goes to the state before.
func (g *pcg) back() {
	low, borrow := bits.Sub64(g.lo, incrementLo, 0)
	high, _ := bits.Sub64(g.hi, incrementHi, borrow)
	hi, lo := bits.Mul64(low, inverseLo)
	g.hi, g.lo = hi+high*inverseLo+low*inverseHi, lo
}

// The bytes of a state are those of rand.PCG.
const pcgHeader = "pcg:"

func (g *pcg) append(b []byte) []byte {
	b = append(b, pcgHeader...)
	b = binary.BigEndian.AppendUint64(b, g.hi)
	return binary.BigEndian.AppendUint64(b, g.lo)
}

func (g *pcg) parse(b string) error {
	if len(b) != len(pcgHeader)+16 || b[:len(pcgHeader)] != pcgHeader {
		return errNoPCG
	}
	state := []byte(b[len(pcgHeader):])
	g.hi, g.lo = binary.BigEndian.Uint64(state), binary.BigEndian.Uint64(state[8:])
	return nil
}

var errNoPCG = errors.New("these are not the 20 bytes of a PCG")
