package container

import (
	"math"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/simrun/simrun/scheduler"
)

func TestTimeOfSeconds(t *testing.T) {
	for text, want := range map[string]scheduler.Time{
		"0":                    0,
		"-0":                   0,
		"0.1":                  100 * scheduler.Millisecond,
		"1e-9":                 1,
		"-2.5":                 -2500 * scheduler.Millisecond,
		"7200":                 2 * scheduler.Hour,
		"795010075.329":        795010075329 * scheduler.Millisecond,
		"3311298060.5":         33112980605 * 100 * scheduler.Millisecond,
		"9223372036.5":         92233720365 * 100 * scheduler.Millisecond,
		"1700000000.1":         17000000001 * 100 * scheduler.Millisecond,
		"1.7976931348623157e9": 1797693134862315700,
	} {
		seconds, err := strconv.ParseFloat(text, 64)
		require.NoError(t, err)
		got, err := timeOf(seconds)
		require.NoError(t, err)
		require.Equal(t, want, got, text)
	}
	for _, tt := range []struct {
		seconds float64
		err     string
	}{
		{0.30000000000000004, "a time of 0.30000000000000004 s is no whole number of nanoseconds; round it to 9 digits"},
		{1e-10, "a time of 1e-10 s is no whole number of nanoseconds; round it to 9 digits"},
		{math.NaN(), "a time of NaN s is out of range"},
		{math.Inf(1), "a time of +Inf s is out of range"},
		{math.Inf(-1), "a time of -Inf s is out of range"},
		{1e300, "a time of 1e+300 s is out of range"},
		{9223372036.9, "a time of 9.2233720369e+09 s is out of range"},
	} {
		_, err := timeOf(tt.seconds)
		require.EqualError(t, err, tt.err)
	}
}

// Every time that a master can write as a decimal fraction of at most 15 digits arrives.
func TestDecimalSeconds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		digits := rapid.IntRange(0, nanoDigits).Draw(t, "digits")
		unit := scheduler.Time(math.Pow10(nanoDigits - digits))
		n := rapid.Int64Range(0, min(999_999_999_999_999, int64(scheduler.Never/unit))).Draw(t, "n")
		want := scheduler.Time(n) * unit
		seconds, exact := secondsOf(want)
		require.True(t, exact)
		back, err := timeOf(seconds)
		require.NoError(t, err)
		require.Equal(t, want, back)
	})
}
