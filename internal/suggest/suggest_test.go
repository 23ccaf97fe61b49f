package suggest_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/suggest"
)

func TestSentence(t *testing.T) {
	for _, c := range []struct {
		name  string
		known []string
		want  string
	}{
		{"setpiont", []string{"soc", "setpoint"}, `did you mean "setpoint"?`},
		{"SOC", []string{"soc", "setpoint"}, `did you mean "soc"?`},
		{"zz", []string{"soc", "power"}, `there are "soc", "power"`},
		{"zz", []string{"power"}, `there is "power"`},
		{"zz", nil, `there are none`},
		{"", []string{"power"}, `there is "power"`},
		{"voltage", []string{"b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", "n", "o"},
			`there are "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l", "m", and 2 more`},
	} {
		require.Equal(t, c.want, suggest.Sentence(c.name, c.known), c.name)
	}
}

// What a peer calls something may be as long as a message: it is not compared, for which
// it would be copied.
func TestLongNamesAreNotCompared(t *testing.T) {
	long, known := strings.Repeat("x", 1<<20), []string{"setpoint", "soc", "power", "load"}
	require.Empty(t, suggest.Nearest(long, known))
	require.Less(t, testing.AllocsPerRun(10, func() { suggest.Nearest(long, known) }), float64(2*len(known)))
}
