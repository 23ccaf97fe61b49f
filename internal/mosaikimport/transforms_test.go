package mosaikimport_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/mosaikimport"
	"github.com/simrun/simrun/internal/peertest"
)

// refusedTransforms are functions that scenario files have no expression for, or one with
// other results, and why.
var refusedTransforms = [][2]string{
	{`lambda v: v ** 2`, `v ** 2 is not in its language, or not the same`},
	{`lambda v: v % 3`, `v % 3 is not in its language, or not the same`},
	{`lambda v: round(v)`, `round(v) is not in its language, or not the same`},
	{`lambda v: math.sin(v)`, `math.sin(v) is not in its language, or not the same`},
	{`lambda v: table["z"] * v`, `table['z'] is not in its language, or not the same`},
	{`lambda v: table[v]`, `table is a dict, not a plain constant`},
	{`lambda v: math.nothing * v`, `math.nothing is not in its language, or not the same`},
	{`lambda v: v.real`, `v.real is not in its language, or not the same`},
	{`lambda v: math.inf`, `math.inf is a float, not a plain constant`},
	{`lambda v: 2 ** 70 * v`, `2 ** 70 is not in its language, or not the same`},
	{`lambda v: unknown * v`, `unknown is not in its language, or not the same`},
	{`lambda v: v or 0`, `v or 0 is not of true and false only`},
	{`lambda v: 1 if v else 0`, `v is not true or false`},
	{`lambda v: (v > 1) * 2`, `(v > 1) * 2 is not in its language, or not the same`},
	{`lambda v: 1 + "a"`, `1 + 'a' is not in its language, or not the same`},
	{`lambda v: v == True`, `v == True is not in its language, or not the same`},
	{`lambda v: v is True`, `v is True is not in its language, or not the same`},
	{`lambda v: [v][0]`, `[v][0] is not in its language, or not the same`},
	{`lambda v: v[-1]`, `v[-1] is not in its language, or not the same`},
	{`lambda v: {v: 1}`, `{v: 1} is not in its language, or not the same`},
	{`lambda v: f"{v}"`, `f'{v}' is not in its language, or not the same`},
	{`lambda v: max(v, default=1)`, `max(v, default=1) is not in its language, or not the same`},
	{`lambda v: helped(v)`, `helped(v) is not in its language, or not the same`},
	{`lambda *v: 1`, `it does not take one value`},
	{`lambda v, w=helped: w`, `w is a function, not a plain constant`},
	{`(lambda v: v + 1, lambda v: v + 2)[1]`, `there are several functions in its line`},
	{`statements`, `it is more than one expression`},
	{`nothing`, `it is more than one expression`},
	{`decorated`, `its source cannot be found`},
	{`eval("lambda v: v")`, `its source cannot be read`},
	{`table.get`, `it is no function that is written as one expression`},
	{`max`, `it is no function that is written as one expression`},
}

// TestRefusedTransforms: what cannot be written as an expression is said with its line, all at once.
func TestRefusedTransforms(t *testing.T) {
	python := peertest.Python(t)
	t.Chdir(t.TempDir())
	sims, err := os.ReadFile(filepath.Join(testdata, "scripts", "sims.py"))
	require.NoError(t, err)
	require.NoError(t, os.WriteFile("sims.py", sims, 0o600))
	script := `import math, mosaik
table = {"a": 1}
def helped(v): return v
def statements(v):
    w = 2 * v
    return w
def nothing(v): pass
def twice(f): return f
@twice
def decorated(v): return v + 1
world = mosaik.World({"Growth": {"python": "sims:Growth"}, "Collector": {"python": "sims:Collector"}})
plant, monitor = world.start("Growth").Plant(), world.start("Collector").Monitor()
`
	const lines = 12
	var want mosaikimport.Problems
	for i, refused := range refusedTransforms {
		script += fmt.Sprintf("world.connect_one(plant, monitor, 'val', 'in_%d', transform=%s)\n", i, refused[0])
		want = append(want, fmt.Sprintf("script.py:%d: connect: the transform cannot be written into a scenario file: %s; compute it in a simulator", lines+1+i, refused[1]))
	}
	script += "world.connect_one(plant, plant, 'val', 'delta', time_shifted=1, initial_data='x', transform=lambda v: v - 1)\n"
	want = append(want, fmt.Sprintf("script.py:%d: connect: the transformed initial_data of 'val': TypeError: unsupported operand type(s) for -: 'str' and 'int'", lines+1+len(refusedTransforms)))
	script += "world.run(until=1)\n"
	require.NoError(t, os.WriteFile("script.py", []byte(script), 0o600))
	recording, err := mosaikimport.Record(t.Context(), mosaikimport.Config{Scratch: t.TempDir(), Script: "script.py", Python: python, World: 1})
	require.NoError(t, err)
	_, err = mosaikimport.Translate(recording, mosaikimport.Options{Script: "script.py", Python: "python3", Dir: "."})
	require.Equal(t, want, err)
}
