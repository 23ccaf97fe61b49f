// Command bars measures what simrun promises about its speed and says whether
// it keeps it. It is not a test: what it finds depends on the machine and on
// what else that does. From the root of the module, with the peers installed
// (make peers):
//
//	go run ./internal/bars
//
// In each of several rounds it runs the benchmarks of the packages sim and
// sim/mosaik, and the pair of one external Python simulator and a collector with
// simrun and with the real mosaik, one after the other, the first of the two
// taking turns. It prints a table of medians, and one line for each bar:
//
//	bar external-step ratio 2.85 target 1.6 ok
//
// "short" in the place of "ok" makes its exit status 1.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

// rounds is odd, so that a median is one of the values.
const rounds = 5

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	kept, err := run(ctx)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bars:", err)
	}
	if err != nil || !kept {
		stop()
		os.Exit(1)
	}
}

func run(ctx context.Context) (kept bool, err error) {
	b, err := newBench(ctx)
	if err != nil {
		return false, err
	}
	defer b.close()
	all := make(figures)
	for round := range rounds {
		fmt.Fprintf(os.Stderr, "round %d of %d\n", round+1, rounds)
		if err := b.round(ctx, all, round%2 == 1); err != nil {
			return false, err
		}
	}
	return report(os.Stdout, all)
}
