package container

import (
	"fmt"
	"math/big"
	"strconv"
	"strings"

	"github.com/simrun/simrun/scheduler"
)

// timeOf returns a number of seconds, as aiomas has times, as a time. Of the decimal
// fractions that are the number in floating point it is the shortest, the one that Python
// prints: 0.1 is a tenth. It is exact: what is no whole nanosecond is an error.
func timeOf(seconds float64) (scheduler.Time, error) {
	whole, fraction, _ := strings.Cut(strconv.FormatFloat(seconds, 'f', -1, 64), ".")
	if len(fraction) > nanoDigits {
		return 0, fmt.Errorf("a time of %v s is no whole number of nanoseconds; round it to %d digits", seconds, nanoDigits)
	}
	ns, err := strconv.ParseInt(whole+fraction+strings.Repeat("0", nanoDigits-len(fraction)), 10, 64)
	if err != nil {
		return 0, fmt.Errorf("a time of %v s is out of range", seconds)
	}
	return scheduler.Time(ns), nil
}

// nanoDigits is how many digits of a decimal fraction of a second are nanoseconds.
const nanoDigits = 9

// secondsOf returns the number of seconds that is nearest to a time, and whether timeOf
// gives the time back.
func secondsOf(t scheduler.Time) (seconds float64, exact bool) {
	seconds, _ = big.NewRat(int64(t), int64(scheduler.Second)).Float64()
	back, err := timeOf(seconds)
	return seconds, err == nil && back == t
}
