package stat_test

import (
	"fmt"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

// An M/M/1 queue: customers arrive at a rate of lambda = 0.8 per minute, and a service
// takes one minute on average, both exponential. The waiting time of each customer
// follows from that of the one before (D. V. Lindley, "The theory of queues with a
// single server", Mathematical Proceedings of the Cambridge Philosophical Society
// 48(2), 1952). In the steady state its mean is rho/(mu-lambda) = 0.8/(1-0.8) = 4
// minutes (D. Gross et al., Fundamentals of Queueing Theory, 4th ed., section 2.2).
func Example() {
	gaps, services := random.New(42, "gaps"), random.New(42, "services")
	const customers, warmup = 200_000, 1000 // the queue starts empty
	var (
		mean      stat.BatchMeans
		quantiles stat.Quantiles
	)
	wait := 0.0
	for n := range customers {
		if n >= warmup {
			mean.Add(wait)
			quantiles.Add(wait)
		}
		wait = max(0, wait+services.ExpFloat64()-gaps.ExpFloat64()/0.8)
	}
	interval, err := mean.Interval(0.95)
	if err != nil {
		fmt.Println(err) // the run is too short
	}
	fmt.Println("mean wait in minutes:", interval)
	fmt.Println("contains 4:", interval.Contains(4))
	fmt.Printf("19 of 20 wait less than %.0f minutes\n", quantiles.Quantile(0.95))
	// Output:
	// mean wait in minutes: 4.01786 ± 0.22 (95%)
	// contains 4: true
	// 19 of 20 wait less than 14 minutes
}

// Ten replications of the same queue, each from empty. MSER-5 on their average says
// how much to leave out.
func ExampleReplicationDeletion() {
	var replications [][]float64
	for n := range uint64(10) {
		seed := random.Replication(42, n)
		gaps, services := random.New(seed, "gaps"), random.New(seed, "services")
		waits := make([]float64, 20_000)
		for i := range len(waits) - 1 {
			waits[i+1] = max(0, waits[i]+services.ExpFloat64()-gaps.ExpFloat64()/0.8)
		}
		replications = append(replications, waits)
	}
	warmup, err := stat.MSER5(stat.Welch(replications, 0))
	if err != nil {
		fmt.Println(err)
	}
	interval, err := stat.ReplicationDeletion(replications, warmup, 0.95)
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println("mean wait without the first", warmup, "customers:", interval)
	// Output:
	// mean wait without the first 1005 customers: 4.00466 ± 0.29 (95%)
}

func ExampleTimeWeighted() {
	var queue stat.TimeWeighted
	queue.Set(0, 0)
	queue.Set(10*scheduler.Second, 1) // a customer waits
	queue.Set(15*scheduler.Second, 2) // and another one
	queue.Set(20*scheduler.Second, 0) // both have gone
	fmt.Println(queue.Mean(30*scheduler.Second), queue.Max())
	// Output: 0.5 2
}

func ExampleAutoHistogram() {
	var h stat.AutoHistogram
	for _, x := range []float64{2.1, 2.2, 3.7, 60} {
		h.Add(x)
	}
	for _, bin := range h.Bins() {
		if bin.Count > 0 {
			fmt.Println(bin.Low, bin.High, bin.Count)
		}
	}
	// Output:
	// 2 3 2
	// 3 4 1
	// 60 61 1
}
