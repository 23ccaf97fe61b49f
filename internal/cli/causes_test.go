package cli

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/simrun/simrun/internal/diag"
	"github.com/simrun/simrun/sim"
)

// broken is a failure of which the kind is known.
type broken struct{ kind, text string }

func (b broken) Error() string           { return b.text + ", and much more about it" }
func (b broken) Cause() (string, string) { return b.kind, b.text }

func TestGroupCauses(t *testing.T) {
	problem := func(name string, err error) diag.Problem {
		se := &sim.SimulatorError{Sim: name, Op: "start", Err: err}
		return diag.Problem{File: "s.yaml", What: se.Error(), Err: se}
	}
	list := diag.List{
		{What: "no cause"},
		problem("a", broken{"package", "no x"}),
		problem("b", errors.New("of an unknown kind")),
		problem("c", broken{"", "no kind"}),
		problem("d", broken{"program", "no p"}),
		problem("e", broken{"", "no kind"}),
		problem("f", broken{"package", "no y"}),
	}
	got := groupCauses(list)
	assert.Equal(t, list[:6], got[:6])
	assert.Equal(t, `s.yaml: simulator "f": start: no y; see simulator "a" above`, got[6].Error())
	assert.Contains(t, list[6].Error(), "much more about it", "the manifest has all of it")
}
