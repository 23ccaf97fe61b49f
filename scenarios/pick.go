package scenarios

import (
	"fmt"

	"github.com/simrun/simrun/sim/random"
)

// maxPairs is how many connections one line of the file may make.
const maxPairs = 10_000_000

// pairs says which of n sources is connected to which of m destinations, in
// the order in which the connections are made. The stream is used by random
// only. It fails for pairwise if the numbers do not fit.
func pairs(n, m int, pick string, stream *random.Stream) ([][2]int, error) {
	if n == 0 || m == 0 {
		return nil, nil
	}
	total := max(n, m)
	switch pick {
	case pickPairwise:
		if n != m && n != 1 && m != 1 {
			return nil, fmt.Errorf("%d to %d, pairwise", n, m)
		}
	case pickRandom:
		total = n
	case pickAll:
		if n > maxPairs/m {
			return nil, fmt.Errorf("%d times %d connections, more than %d", n, m, maxPairs)
		}
		total = n * m
	}
	list := make([][2]int, total)
	var deal []int // random: destinations that were not drawn in this turn
	for i := range list {
		switch pick {
		case pickAll:
			list[i] = [2]int{i / m, i % m}
		case pickRandom:
			if len(deal) == 0 {
				deal = stream.Perm(m)
			}
			list[i] = [2]int{i, deal[0]}
			deal = deal[1:]
		default:
			list[i] = [2]int{i % n, i % m}
		}
	}
	return list, nil
}
