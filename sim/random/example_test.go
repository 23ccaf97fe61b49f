package random_test

import (
	"fmt"
	"math"

	"github.com/simrun/simrun/sim/random"
)

// wait returns the mean waiting time of 1000 customers of one server whose
// service takes the given mean time (minutes), by Lindley's recursion. A customer comes each
// minute on average.
func wait(seed uint64, service float64) float64 {
	gaps := random.New(seed, "customers", "gaps")
	services := random.New(seed, "customers", "services")
	const customers = 1000
	var w, sum float64
	for range customers {
		sum += w
		w = max(0, w+service*services.ExpFloat64()-gaps.ExpFloat64())
	}
	return sum / customers
}

// Would a server that is 5 % faster be worth its price? With common random numbers ten
// replications tell. With others the difference drowns.
func Example() {
	const replications = 10
	spread := func(difference func(n uint64) float64) (mean, deviation float64) {
		var sum, squares float64
		for n := range uint64(replications) {
			d := difference(n)
			sum += d
			squares += d * d
		}
		mean = sum / replications
		return mean, math.Sqrt((squares/replications - mean*mean) * replications / (replications - 1))
	}
	mean, deviation := spread(func(n uint64) float64 {
		seed := random.Replication(42, n)
		return wait(seed, 0.80) - wait(seed, 0.76)
	})
	fmt.Printf("common numbers: %.1f min saved, standard deviation %.1f\n", mean, deviation)
	mean, deviation = spread(func(n uint64) float64 {
		return wait(random.Replication(42, n), 0.80) - wait(random.Replication(43, n), 0.76)
	})
	fmt.Printf("other numbers:  %.1f min saved, standard deviation %.1f\n", mean, deviation)
	// Output:
	// common numbers: 1.0 min saved, standard deviation 0.3
	// other numbers:  1.8 min saved, standard deviation 0.9
}
