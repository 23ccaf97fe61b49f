package models_test

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/models"
	"github.com/simrun/simrun/sim"
)

var update = flag.Bool("update", false, "rewrite docs/models.md")

// sources says where each model comes from; the comment at its type says more.
var sources = map[string]string{
	"Battery":     "energy balance, solved exactly over a step",
	"Collector":   "",
	"Constant":    "",
	"Controller":  "K. J. Åström, T. Hägglund, *PID Controllers*, 2nd ed., 1995, sections 3.5, 3.6",
	"Coordinator": "R. G. Smith, *The Contract Net Protocol*, IEEE Trans. Computers C-29(12), 1980; water-filling: T. M. Cover, J. A. Thomas, *Elements of Information Theory*, 2nd ed., 2006, section 9.4",
	"Household":   "R. G. Smith 1980, as Coordinator",
	"Load":        "after the idea of I. Richardson et al., *Domestic electricity use: A high-resolution energy demand model*, Energy and Buildings 42(10), 2010, much simplified; thinning: P. A. W. Lewis, G. S. Shedler, Naval Research Logistics Quarterly 26(3), 1979",
	"Meter":       "",
	"PV": "sun: J. J. Michalsky, Solar Energy 40(3), 1988; irradiance on the plane: J. E. Hay, J. A. Davies, 1980, ground: B. Y. H. Liu, R. C. Jordan, Solar Energy 7(2), 1963; " +
		"cell temperature: D. Faiman, Progress in Photovoltaics 16(4), 2008; module and inverter: A. P. Dobos, *PVWatts Version 5 Manual*, NREL/TP-6A20-62641, 2014",
	"Series":  "",
	"Storage": "R. G. Smith 1980, as Coordinator",
}

// The page of models says what the models say of themselves.
func TestDocs(t *testing.T) {
	const page = "../docs/models.md"
	var out strings.Builder
	out.WriteString(`# Built-in models and agents

Made from what the models say of themselves by ` + "`go test ./models -run TestDocs -update`" + `; do not edit.
Formulas, valid ranges and what is left out: ` + "`go doc github.com/simrun/simrun/models.PV`" + ` and so on.

Power is in kW, energy in kWh. What a model puts out at a step holds until its next: powers are means over
that time, states those at its beginning. Parameters may be given in any unit of the same quantity
(` + "`peak: 5500 W`" + `). A parameter without default is required,
unless its description says otherwise; an agent's name never is.
`)
	b := newBench(t, monday, fstest.MapFS{"FILE": {Data: []byte("time,COLUMN\n")}})
	for _, e := range models.Builtin() {
		s := e.New()
		params := sim.Params{}
		if e.Name == "timeseries" {
			params["file"] = "FILE"
		}
		in := b.add(e.Name, s, params)
		fmt.Fprintf(&out, "\n## `%s`\n\n%s. The simulator is %v", e.Name, e.Doc, in.Meta().Type)
		if p, ok := s.(interface{ SimulatorParams() []sim.Param }); ok {
			out.WriteString(" and takes these parameters:\n\n")
			writeParams(&out, p.SimulatorParams())
		} else {
			out.WriteString(".\n")
		}
		writeModel(&out, "Model", &in.Meta().Models[0])
	}
	out.WriteString("\n## Agents\n\nAgents stand in the section `agents` of a scenario.\n")
	in := b.add("agents", sim.NewAgents(models.Agents()...), nil)
	for i := range in.Meta().Models {
		writeModel(&out, "Agent", &in.Meta().Models[i])
	}
	if *update {
		require.NoError(t, os.WriteFile(page, []byte(out.String()), 0o644))
	}
	have, err := os.ReadFile(page)
	require.NoError(t, err)
	require.Equal(t, out.String(), string(have), "rewrite it: go test ./models -run TestDocs -update")
}

func writeModel(out *strings.Builder, kind string, m *sim.Model) {
	fmt.Fprintf(out, "\n### %s `%s`\n\n%s.\n", kind, m.Name, strings.ToUpper(m.Doc[:1])+m.Doc[1:])
	if source, ok := sources[m.Name]; !ok {
		out.WriteString("\nSource: MISSING in docs_test.go\n")
	} else if source != "" {
		fmt.Fprintf(out, "\nSource: %s.\n", source)
	}
	out.WriteString("\n| attribute | | unit | |\n|---|---|---|---|\n")
	if m.AnyInputs {
		out.WriteString("| any name | input | | what is connected |\n")
	}
	for _, a := range m.Attrs {
		direction := "input"
		if a.Output {
			direction = "output"
		} else if a.Required {
			direction = "input, required"
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", a.Name, direction, unitless(a.Unit), a.Doc)
	}
	if len(m.Params) > 0 {
		out.WriteString("\n")
		writeParams(out, m.Params)
	}
}

func writeParams(out *strings.Builder, params []sim.Param) {
	out.WriteString("| parameter | default | unit | |\n|---|---|---|---|\n")
	for _, p := range params {
		value := ""
		if p.Default != "" {
			value = "`" + strings.Replace(p.Default, "m0s", "m", 1) + "`" // 15m0s, as Go writes it
		}
		fmt.Fprintf(out, "| `%s` | %s | %s | %s |\n", p.Name, value, unitless(p.Unit), p.Doc)
	}
}

// unitless leaves out the unit of pure numbers.
func unitless(unit string) string {
	if unit == "1" {
		return ""
	}
	return unit
}
