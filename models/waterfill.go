package models

import (
	"cmp"
	"slices"
)

// waterLevel returns the lowest level, not below 0, such that the part of a
// profile above it is at most amount: the level to which a stock of amount
// cuts the profile's peaks down.
//
// It is the water-filling of information theory (T. M. Cover and J. A. Thomas,
// "Elements of Information Theory", 2nd ed., 2006, section 9.4), upside down:
// the profile is sorted, and the level is where the area above it, piecewise
// linear in the level, reaches the amount.
func waterLevel(profile []float64, amount float64) float64 {
	sorted := slices.SortedFunc(slices.Values(profile), func(a, b float64) int { return cmp.Compare(b, a) })
	sum := 0.0
	for i, p := range sorted {
		sum += p
		next := 0.0
		if i+1 < len(sorted) {
			next = max(0, sorted[i+1])
		}
		// The level if only the i+1 highest lie above it.
		if level := (sum - amount) / float64(i+1); level >= next {
			return level
		}
		if next == 0 {
			break
		}
	}
	return 0
}

// bid is what a storage offers to do.
type bid struct {
	agent string
	power float64 // kW at most
	rank  float64 // the lower, the sooner it is its turn
}

// award shares a power among bids: in the order of their ranks, and of names
// among equals, each gets as much as it offers until nothing is left. The
// result is by position in bids.
func award(bids []bid, power float64) []float64 {
	order := make([]int, len(bids))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int {
		return cmp.Or(cmp.Compare(bids[a].rank, bids[b].rank), cmp.Compare(bids[a].agent, bids[b].agent))
	})
	awards := make([]float64, len(bids))
	for _, i := range order {
		awards[i] = max(0, min(power, bids[i].power))
		power -= awards[i]
	}
	return awards
}
