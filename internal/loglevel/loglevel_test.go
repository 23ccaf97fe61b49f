package loglevel_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/loglevel"
)

func TestLevels(t *testing.T) {
	for _, test := range []struct{ levels, want string }{
		{"none", ""},
		{"warn", "sim warn mosaik warn"},
		{"sim=debug", "sim debug sim warn"},
		{"warn, mosaik=none", "sim warn"},
		{"INFO,sim=warn,mosaik=debug", "sim warn mosaik debug mosaik warn"},
	} {
		levels, err := loglevel.Parse(test.levels)
		require.NoError(t, err)
		var text strings.Builder
		l := loglevel.New(&text, levels)
		for _, name := range []string{"sim", "mosaik"} {
			p := loglevel.For(l, name).With("sim", "x")
			p.Debug(name + " debug")
			p.Warn(name + " warn")
		}
		var got []string
		for _, m := range regexp.MustCompile(`msg="([^"]+)" package=(sim|mosaik) sim=x\n`).FindAllStringSubmatch(text.String(), -1) {
			got = append(got, m[1])
		}
		require.Equal(t, test.want, strings.Join(got, " "), test.levels)
	}
}

func TestBadLevels(t *testing.T) {
	for text, want := range map[string]string{
		"":          `no level ""; there are "debug", "info", "warn", "error", "none"`,
		"inof":      `no level "inof"; did you mean "info"?`,
		"smi=debug": `no package "smi" logs; those that do are sim, mosaik, container, federation, scenarios, results`,
		"sim=loud":  `no level "loud"`,
	} {
		_, err := loglevel.Parse(text)
		require.ErrorContains(t, err, want)
	}
}
