package format_test

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/format"
)

func TestCount(t *testing.T) {
	for n, want := range map[int64]string{0: "0", 999: "999", 1000: "1,000", 1234567: "1,234,567", -1000: "-1,000", -100: "-100"} {
		assert.Equal(t, want, format.Count(n))
	}
}

func TestBytes(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 330: "330 bytes", 1234: "1.23 kB", 999_499: "999 kB", 999_500: "1 MB",
		388_400_000: "388 MB", 12_000_000_000: "12 GB"} {
		assert.Equal(t, want, format.Bytes(n))
	}
}

func TestNumber(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0", math.Copysign(0, -1): "0", 1: "1", -0.5: "-0.5", math.Pi: "3.142", 12345.6: "12346", 999999: "999999", 99.999: "100",
		123456789: "1.235e+08", 0.00012345: "0.0001234", 0.00001: "1e-05", 0.25: "0.25", 100: "100", math.Inf(1): "Inf", math.Inf(-1): "-Inf",
	} {
		assert.Equal(t, want, format.Number(f), "%g", f)
	}
	assert.Equal(t, "NaN", format.Number(math.NaN()))
}

func TestSpeed(t *testing.T) {
	for f, want := range map[float64]string{
		0: "0x", 0.001: "0.001x", 0.012345: "0.012x", 0.0999: "0.1x", 0.123: "0.12x", 1: "1x", 0.5: "0.5x", 12.34: "12.3x", 604800: "605 thousand x", 1_406_511: "1.41 million x", 999_600: "1 million x",
		5e9: "5 billion x", 999: "999x", 9994: "9994x", 10000: "10 thousand x", math.Inf(1): "?",
	} {
		assert.Equal(t, want, format.Speed(f), "%g", f)
	}
}

func TestSpans(t *testing.T) {
	tests := []struct {
		d                  time.Duration
		exact, rough, wall string
	}{
		{0, "0 s", "0 s", "0 s"},
		{900, "900 ns", "900 ns", "900 ns"},
		{1500, "1 us 500 ns", "1 us 500 ns", "1.50 us"},
		{15 * time.Minute, "15 min", "15 min", "15 min"},
		{7 * 24 * time.Hour, "7 d", "7 d", "7 d"},
		{76*time.Hour + 59*time.Minute + time.Second, "3 d 4 h 59 min 1 s", "3 d 4 h", "3 d 4 h"},
		{168*time.Hour + 12*time.Minute, "7 d 12 min", "7 d", "7 d"},
		{1234567 * time.Microsecond, "1 s 234 ms 567 us", "1 s 234 ms", "1.23 s"},
		{999_999_999, "999 ms 999 us 999 ns", "999 ms 999 us", "1.00 s"},
		{45_600_000, "45 ms 600 us", "45 ms 600 us", "45.6 ms"},
		{100 * time.Second, "1 min 40 s", "1 min 40 s", "100 s"},
	}
	for _, test := range tests {
		assert.Equal(t, test.exact, format.Exact(test.d))
		assert.Equal(t, test.rough, format.Rough(test.d))
		assert.Equal(t, test.wall, format.Wall(test.d))
	}
	assert.Equal(t, "-1 h", format.Exact(-time.Hour))
	for d, want := range map[time.Duration]string{
		82139*time.Second + 856_984_001: "22 h 48 min 59 s",
		7*24*time.Hour + 999_999_999:    "7 d",
		-time.Hour - time.Nanosecond:    "-1 h",
		59*time.Second + 856_984_001:    "59 s 856 ms",
		12_345_678 * time.Nanosecond:    "12 ms 345 us 678 ns",
		15 * time.Minute:                "15 min",
	} {
		assert.Equal(t, want, format.ToSecond(d))
	}
	assert.True(t, strings.HasPrefix(format.Exact(math.MinInt64), "-106751 d"))
}

func TestComparable(t *testing.T) {
	ms, us := time.Millisecond, time.Microsecond
	assert.Equal(t, []string{"1.25 ms", "-", "0.01 ms", "1999.00 ms"}, format.Comparable(1250*us, 0, 7880, 1999*ms))
	assert.Equal(t, []string{"2.000 s", "0.123 s"}, format.Comparable(2000*ms, 123*ms))
	assert.Equal(t, []string{"999.0 us", "1.5 us"}, format.Comparable(999*us, 1500))
	assert.Equal(t, []string{"-"}, format.Comparable(0))
	// One that is long does not hide what many others have taken.
	assert.Equal(t, []string{"2500.00 ms", "5.50 ms", "-", "4.00 ms"}, format.Comparable(2500*ms, 5500*us, 0, 4*ms))
	assert.Equal(t, []string{"800000.0 us", "20.0 us", "15.5 us"}, format.Comparable(800*ms, 20*us, 15500))
	assert.Empty(t, format.Comparable())
}

func TestTable(t *testing.T) {
	table := format.Table{Right: " RR", Indent: "  "}
	table.Row("name", "steps", "time", "note")
	table.Row("pv", "672", "1.00 ms")
	table.Row()
	table.Row("bätterie", "1,344", "12.0 ms", "x")
	var b strings.Builder
	n, err := table.WriteTo(&b)
	require.NoError(t, err)
	assert.EqualValues(t, b.Len(), n)
	assert.Equal(t, ""+
		"  name      steps     time  note\n"+
		"  pv          672  1.00 ms\n"+
		"\n"+
		"  bätterie  1,344  12.0 ms  x\n", b.String())
}

func TestTableOfOddNames(t *testing.T) {
	var table format.Table
	table.Row("two\nlines", "1")
	table.Row("\x1b[2J中", "2")
	var b strings.Builder
	_, err := table.WriteTo(&b)
	require.NoError(t, err)
	require.Equal(t, "two\\nlines  1\n\\x1b[2J中    2\n", b.String())
}
