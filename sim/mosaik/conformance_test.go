package mosaik_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"os/exec"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/worldtest"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

var (
	conformanceWorlds = flag.Int("conformance.worlds", 60, "random worlds to run in mosaik, too")
	conformanceFirst  = flag.Uint64("conformance.seed", 1, "seed of the first of them")
)

// TestConformance runs random worlds of generic simulators (testdata/conformance)
// in simrun, with simulators in Go and in Python, and in the real mosaik. All must
// make the same steps with the same inputs and the same max_advance. What the
// rules say (internal/worldtest) holds for simrun without exception; where mosaik
// differs the reason must be one of those in docs/mosaik.md.
func TestConformance(t *testing.T) {
	doc, err := os.ReadFile("../../docs/mosaik.md")
	require.NoError(t, err)
	for _, class := range allClasses {
		require.Contains(t, string(doc), "\n### "+class+"\n")
	}
	python := peertest.Python(t)
	reference := startReference(t, python)
	address := startServer(t, python)
	tally := tally{classes: map[string]int{}}
	for i := range *conformanceWorlds {
		w := worldtest.New(*conformanceFirst+uint64(i), worldtest.Options{Mosaik: true, Twins: true, Shift: 4, Marks: true})
		expected, err := w.Interpret(w.Generic)
		require.NoError(t, err)
		want := stepsOf(w, expected)
		hint := fmt.Sprintf("-conformance.seed=%d -conformance.worlds=1\n%s", w.Seed, w)
		require.Equal(t, want, runHere(t, w, ""), "in Go: %s", hint)
		require.Equal(t, want, runHere(t, w, address), "in Python: %s", hint)
		tally.add(t, w, expected, reference(w), hint)
	}
	tally.log(t)
	require.Greater(t, tally.equal, *conformanceWorlds/4, "that are not many")
}

// tally counts worlds that mosaik has run three times each.
type tally struct {
	equal   int            // mosaik does the same as simrun
	varies  int            // the three differ
	classes map[string]int // it differs for this reason
}

// add compares runs in mosaik with what is expected of a world.
func (c *tally) add(t *testing.T, w *worldtest.World, expected *worldtest.Outcome, runs []*mosaikRun, hint string) {
	if slices.ContainsFunc(runs, func(r *mosaikRun) bool {
		return r.Error != runs[0].Error || !reflect.DeepEqual(r.steps(), runs[0].steps())
	}) {
		c.varies++
	}
	var classes []string
	for _, r := range runs {
		of, unexplained := compare(w, expected, r)
		assert.Empty(t, unexplained, "mosaik differs and there is no reason: %s", hint)
		classes = append(classes, of...)
	}
	if len(classes) == 0 {
		c.equal++
	}
	slices.Sort(classes)
	for _, class := range slices.Compact(classes) {
		c.classes[class]++
	}
}

func (c *tally) log(t *testing.T) {
	t.Logf("%d worlds: in %d mosaik does the same in three runs; in %d the three differ", *conformanceWorlds, c.equal, c.varies)
	for _, class := range allClasses {
		t.Logf("%4d %s", c.classes[class], class)
	}
}

// steps are what simulators get to see, by their names: one line per step.
type steps map[string][]string

// input is a value that a step gets.
type input struct{ to, source, value string } // to "ENTITY.ATTRIBUTE"

// stepText writes a step. The order of the sources of one input counts, because
// simulators may add them up in it; that of inputs does not. In JSON there is one
// value for a source: what comes over a connection is in the place of what was set.
func stepText(time, maxAdvance int64, inputs []input) string {
	slices.SortStableFunc(inputs, func(a, b input) int { return strings.Compare(a.to, b.to) })
	inputs = once(inputs)
	text := fmt.Sprintf("%d max %d:", time, maxAdvance)
	for _, in := range inputs {
		text += fmt.Sprintf(" %s %s=%s", in.to, in.source, in.value)
	}
	return text
}

// once leaves the last value for each source of an input, where the first was.
func once(inputs []input) (left []input) {
	for _, in := range inputs {
		i := slices.IndexFunc(left, func(l input) bool { return l.to == in.to && l.source == in.source })
		if i < 0 {
			left = append(left, in)
		} else {
			left[i].value = in.value
		}
	}
	return left
}

func stepsOf(w *worldtest.World, o *worldtest.Outcome) steps {
	all := steps{}
	for i, made := range o.Steps {
		all[w.Sims[i].Name] = []string{}
		for _, s := range made {
			var inputs []input
			for _, in := range s.Inputs {
				inputs = append(inputs, input{fmt.Sprintf("m%d.%s", in.Entity, in.Attr), in.Source, in.Value})
			}
			inputs = append(inputs, asked(w, i, s.Asked)...)
			all[w.Sims[i].Name] = append(all[w.Sims[i].Name], stepText(s.Time, s.MaxAdvance, inputs))
		}
	}
	return all
}

// jsonStep is [time, {entity: {attribute: {source: value}}}, max_advance], and told if it
// asks.
type jsonStep struct {
	time, maxAdvance int64
	inputs           []input // with what it is told by others, "to" asked
	told             told
}

func (s *jsonStep) UnmarshalJSON(text []byte) error {
	parts, err := codec.JSON.Split(nil, text)
	if err != nil || len(parts) != 3 && len(parts) != 4 {
		return fmt.Errorf("not a step: %s", text)
	}
	if err := json.Unmarshal(parts[0], &s.time); err != nil {
		return err
	}
	if err := json.Unmarshal(parts[2], &s.maxAdvance); err != nil {
		return err
	}
	for entity, err := range codec.JSON.Members(parts[1]) {
		if err != nil {
			return err
		}
		for attr, err := range codec.JSON.Members(entity.Value) {
			if err != nil {
				return err
			}
			for source, err := range codec.JSON.Members(attr.Value) {
				if err != nil {
					return err
				}
				s.inputs = append(s.inputs, input{fmt.Sprintf("%s.%s", entity.Key, attr.Key), string(source.Key), string(source.Value)})
			}
		}
	}
	if len(parts) == 4 {
		if err := json.Unmarshal(parts[3], &s.told); err != nil {
			return err
		}
		s.inputs = append(s.inputs, s.told.inputs()...)
	}
	return nil
}

// to returns what an input gets.
func (s *jsonStep) to(name string) []input {
	return slices.DeleteFunc(slices.Clone(s.inputs), func(in input) bool { return in.to != name })
}

func (s *jsonStep) String() string { return stepText(s.time, s.maxAdvance, slices.Clone(s.inputs)) }

// mosaikRun is a run of the real mosaik.
type mosaikRun struct {
	Steps map[string][]*jsonStep
	Error string
}

func (r *mosaikRun) steps() steps { return written(r.Steps) }

// written writes the steps of simulators.
func written(made map[string][]*jsonStep) steps {
	all := steps{}
	for name, of := range made {
		all[name] = []string{}
		for _, s := range of {
			all[name] = append(all[name], s.String())
		}
	}
	return all
}

// startReference starts the real mosaik. The function runs worlds in it.
func startReference(t *testing.T, python string) func(world any) []*mosaikRun {
	cmd := exec.Command(python, "testdata/conformance/reference.py")
	cmd.Stderr = t.Output()
	in, err := cmd.StdinPipe()
	require.NoError(t, err)
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = in.Close() // it ends then
		if err := cmd.Wait(); err != nil {
			t.Errorf("the reference: %v", err)
		}
	})
	write, read := json.NewEncoder(in), json.NewDecoder(bufio.NewReader(out))
	return func(w any) []*mosaikRun {
		require.NoError(t, write.Encode(w))
		var runs []*mosaikRun
		require.NoError(t, read.Decode(&runs))
		return runs
	}
}

// startServer starts a process that is any number of generic simulators.
func startServer(t *testing.T, python string) (address string) {
	cmd := exec.Command(python, "testdata/conformance/serve.py")
	cmd.Stderr = t.Output()
	out, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait() // killed
	})
	address, err = bufio.NewReader(out).ReadString('\n')
	require.NoError(t, err)
	return strings.TrimSpace(address)
}

// runHere runs a world in simrun, with simulators in Go, or with those at an
// address.
func runHere(t *testing.T, spec *worldtest.World, address string) steps {
	return written(madeHere(t, spec, address))
}

// madeHere is runHere, and returns what simulators noted.
func madeHere(t *testing.T, spec *worldtest.World, address string) map[string][]*jsonStep {
	w := sim.NewWorld(sim.Config{})
	defer w.Close()
	var groups []*sim.Group
	for i, parent := range spec.Groups {
		if parent < 0 {
			groups = append(groups, w.NewGroup(fmt.Sprint(i)))
		} else {
			groups = append(groups, groups[parent].NewGroup(fmt.Sprint(i)))
		}
	}
	var inGo []*generic
	var entities [][]*sim.Entity
	for i, s := range spec.Sims {
		var opts sim.AddOptions
		if s.Group >= 0 {
			opts.Group = groups[s.Group]
		}
		g := &generic{world: spec, index: i}
		inGo = append(inGo, g)
		var simulator sim.Simulator = g
		if address != "" {
			opts.Params = sim.Params{"seed": int64(spec.Seed), "type": s.Type, "inputs": anyList(s.Inputs), "outputs": anyList(s.Outputs)}
			if spec.Asks != nil {
				opts.Params["asks"] = asksOf(spec, i)
			}
			simulator = mosaik.New(mosaik.Config{Connect: address})
		}
		in, err := w.Add(t.Context(), s.Name, simulator, opts)
		require.NoError(t, err)
		if s.Initial >= 0 {
			in.SetInitialEvent(seconds(int(s.Initial)))
		}
		entities = append(entities, create(t, in, "M", s.Entities, nil))
	}
	for _, l := range spec.Links {
		opts := sim.ConnectOptions{Shift: time.Duration(l.Shift) * time.Second, Weak: l.Weak, HasInitial: l.Initial != nil}
		if opts.HasInitial {
			opts.Initial = sim.Int(*l.Initial)
		}
		if l.Mark != "" {
			opts.Transform = func(v sim.Value) (sim.Value, error) {
				text, err := v.Append(nil)
				return sim.RawValue(codec.Raw(l.Marked(string(text)))), err
			}
		}
		require.NoError(t, w.Connect(entities[l.Src][l.SrcEntity], l.Output, entities[l.Dst][l.DstEntity], l.Input, opts))
	}
	for _, l := range spec.Asks {
		w.ConnectAsync(entities[l.Src][0], entities[l.Dst][0])
	}
	run := sim.RunOptions{Until: seconds(int(spec.Until))}
	if spec.Events {
		run.Pace = 1
	}
	_, err := w.Run(t.Context(), run)
	require.NoError(t, err, "%s", spec)
	all := map[string][]*jsonStep{}
	for i, s := range spec.Sims {
		all[s.Name] = inGo[i].made
		if address == "" {
			continue
		}
		v, err := w.Instance(s.Name).Call(t.Context(), "steps", nil, nil)
		require.NoError(t, err)
		var made []*jsonStep
		text, err := v.Append(nil)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &made))
		all[s.Name] = made
	}
	return all
}

func anyList(names []string) []any {
	var list []any
	for _, n := range names {
		list = append(list, n)
	}
	return list
}

// inSeconds rounds down.
func inSeconds(t sim.Time) int64 { return int64(math.Floor(t.Seconds())) }
