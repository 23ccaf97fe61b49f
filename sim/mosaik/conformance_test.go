package mosaik_test

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"hash/crc32"
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
	equal, varies, found := 0, 0, map[string]int{}
	for i := range *conformanceWorlds {
		w := worldtest.New(*conformanceFirst+uint64(i), worldtest.Options{Mosaik: true, Shift: 4})
		expected, err := w.Interpret(func(i int, s worldtest.Step) worldtest.Action { return act(w, i, s) })
		require.NoError(t, err)
		want := stepsOf(w, expected)
		hint := fmt.Sprintf("-conformance.seed=%d -conformance.worlds=1\n%s", w.Seed, w)
		require.Equal(t, want, runHere(t, w, ""), "in Go: %s", hint)
		require.Equal(t, want, runHere(t, w, address), "in Python: %s", hint)
		runs := reference(w)
		if slices.ContainsFunc(runs, func(r *mosaikRun) bool {
			return r.Error != runs[0].Error || !reflect.DeepEqual(r.steps(), runs[0].steps())
		}) {
			varies++
		}
		var classes []string
		for _, r := range runs {
			of, unexplained := compare(w, expected, r)
			assert.Empty(t, unexplained, "mosaik differs and there is no reason: %s", hint)
			classes = append(classes, of...)
		}
		if len(classes) == 0 {
			equal++
		}
		slices.Sort(classes)
		for _, class := range slices.Compact(classes) {
			found[class]++
		}
	}
	t.Logf("%d worlds: in %d mosaik does the same in three runs; in %d the three differ", *conformanceWorlds, equal, varies)
	for _, class := range allClasses {
		t.Logf("%4d %s", found[class], class)
	}
	require.Greater(t, equal, *conformanceWorlds/4, "that are not many")
}

// steps are what simulators get to see, by their names: one line per step.
type steps map[string][]string

// input is a value that a step gets.
type input struct{ to, source, value string } // to "ENTITY.ATTRIBUTE"

// stepText writes a step. The order of the sources of one input counts, because
// simulators may add them up in it; that of inputs does not.
func stepText(time, maxAdvance int64, inputs []input) string {
	slices.SortStableFunc(inputs, func(a, b input) int { return strings.Compare(a.to, b.to) })
	text := fmt.Sprintf("%d max %d:", time, maxAdvance)
	for _, in := range inputs {
		text += fmt.Sprintf(" %s %s=%s", in.to, in.source, in.value)
	}
	return text
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
			all[w.Sims[i].Name] = append(all[w.Sims[i].Name], stepText(s.Time, s.MaxAdvance, inputs))
		}
	}
	return all
}

// jsonStep is [time, {entity: {attribute: {source: value}}}, max_advance].
type jsonStep struct {
	time, maxAdvance int64
	inputs           []input
}

func (s *jsonStep) UnmarshalJSON(text []byte) error {
	parts, err := codec.JSON.Split(nil, text)
	if err != nil || len(parts) != 3 {
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

func (r *mosaikRun) steps() steps {
	all := steps{}
	for name, made := range r.Steps {
		all[name] = []string{}
		for _, s := range made {
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

// act is what generic simulators do, in Go and for the rules. See generic.py.
func act(w *worldtest.World, i int, s worldtest.Step) worldtest.Action {
	sim := &w.Sims[i]
	draw := func(what string) int64 {
		return int64(crc32.ChecksumIEEE(fmt.Appendf(nil, "%d %s %d %d %s", w.Seed, sim.Name, s.Time, s.Again, what)))
	}
	a := worldtest.Action{At: s.Time}
	if next := draw("next"); sim.Type == worldtest.TimeBased {
		a.Next = s.Time + 1 + next%4
	} else if next%2 == 0 {
		a.Next = s.Time + 1 + next/2%6
	}
	if time := draw("time"); time%6 == 0 {
		a.At = s.Time + 1 + time/6%5
	}
	for e := range sim.Entities {
		for _, attr := range sim.Outputs {
			chance := map[string]int64{"out": 7, "event": 4}[attr]
			switch given := s.Again < 5 && draw(fmt.Sprintf("m%d.%s", e, attr))%8 < chance; {
			case given:
				a.Outputs = append(a.Outputs, worldtest.Output{Entity: e, Attr: attr,
					Value: fmt.Sprintf("%q", fmt.Sprintf("%s.m%d.%s %d/%d", sim.Name, e, attr, s.Time, s.Again))})
			case attr == "out":
				a.Outputs = append(a.Outputs, worldtest.Output{Entity: e, Attr: attr, Value: "null", Omitted: true})
			}
		}
	}
	return a
}

// generic is generic.py in Go.
type generic struct {
	reacts  bool // what it does depends on its inputs, too, but not on their order
	world   *worldtest.World
	index   int
	inputs  []map[string]*sim.Input
	outputs []map[string]*sim.Output
	last    worldtest.Step
	env     *sim.Env
	made    []*jsonStep
	log     []string
}

var simTypes = map[string]sim.Type{worldtest.TimeBased: sim.TimeBased, worldtest.EventBased: sim.EventBased, worldtest.Hybrid: sim.Hybrid}

func (g *generic) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	g.env = env
	s, m := g.world.Sims[g.index], sim.Model{Name: "M"}
	for _, attr := range s.Inputs {
		m.Attrs = append(m.Attrs, sim.Attr{Name: attr, Input: true, Trigger: attr == "trigger"})
	}
	for _, attr := range s.Outputs {
		m.Attrs = append(m.Attrs, sim.Attr{Name: attr, Output: true, Event: attr == "event"})
	}
	return sim.Meta{Type: simTypes[s.Type], Models: []sim.Model{m}}, nil
}

func (g *generic) Create(_ context.Context, num int, _ string, _ sim.Params) ([]sim.NewEntity, error) {
	made := make([]sim.NewEntity, num)
	for i := range made {
		in, out := map[string]*sim.Input{}, map[string]*sim.Output{}
		for _, attr := range g.world.Sims[g.index].Inputs {
			in[attr] = new(sim.Input)
		}
		for _, attr := range g.world.Sims[g.index].Outputs {
			out[attr] = new(sim.Output)
		}
		g.inputs, g.outputs = append(g.inputs, in), append(g.outputs, out)
		made[i] = sim.NewEntity{ID: fmt.Sprint("m", i), Model: "M", Inputs: in, Outputs: out}
	}
	return made, nil
}

func (g *generic) Step(ctx context.Context, s *sim.Step) (sim.Time, error) {
	step := worldtest.Step{Time: int64(s.Time() / sim.Time(time.Second))}
	if step.Time == g.last.Time && g.log != nil {
		step.Again = g.last.Again + 1
	}
	g.last = step
	var inputs []input
	for i, attrs := range g.inputs {
		for attr, in := range attrs {
			for src, v := range in.Sources() {
				inputs = append(inputs, input{fmt.Sprintf("m%d.%s", i, attr), src, v.String()})
			}
		}
	}
	g.made = append(g.made, &jsonStep{step.Time, inSeconds(s.MaxAdvance()), slices.Clone(inputs)})
	g.log = append(g.log, stepText(step.Time, inSeconds(s.MaxAdvance()), inputs))
	world := *g.world
	if g.reacts {
		slices.SortFunc(inputs, func(a, b input) int { return strings.Compare(a.source, b.source) })
		asked, err := g.ask(ctx, step.Time)
		if err != nil {
			return 0, err
		}
		inputs = append(inputs, asked...)
		world.Seed += uint64(crc32.ChecksumIEEE([]byte(stepText(step.Time, inSeconds(s.MaxAdvance()), inputs))))
	}
	a := act(&world, g.index, step)
	for _, o := range a.Outputs {
		out := g.outputs[o.Entity][o.Attr]
		if o.Omitted {
			out.Omit()
		} else {
			out.SetValue(sim.RawValue(codec.Raw(o.Value)))
		}
	}
	if a.At != step.Time {
		if err := s.SetOutputTime(seconds(int(a.At))); err != nil {
			return 0, err
		}
	}
	if a.Next == 0 {
		return sim.Never, nil
	}
	return seconds(int(a.Next)), nil
}

// ask gets data of those that it may ask, and sets some.
func (g *generic) ask(ctx context.Context, now int64) (asked []input, err error) {
	for _, l := range g.world.Asks {
		if l.Dst != g.index {
			continue
		}
		src := &g.world.Sims[l.Src]
		v, err := g.env.Requests.GetData(ctx, src.Name+".m0", src.Outputs[0])
		if err != nil {
			return nil, err
		}
		asked = append(asked, input{"asked", src.Name, v.String()})
		if now%3 == 0 {
			if err := g.env.Requests.SetData(ctx, g.world.Sims[g.index].Name+".m0", src.Name+".m0", src.Inputs[0], sim.Int(now)); err != nil {
				return nil, err
			}
		}
	}
	return asked, nil
}

// runHere runs a world in simrun, with simulators in Go, or with those at an
// address.
func runHere(t *testing.T, spec *worldtest.World, address string) steps {
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
		require.NoError(t, w.Connect(entities[l.Src][l.SrcEntity], l.Output, entities[l.Dst][l.DstEntity], l.Input, opts))
	}
	_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(int(spec.Until))})
	require.NoError(t, err, "%s", spec)
	all := steps{}
	for i, s := range spec.Sims {
		all[s.Name] = append([]string{}, inGo[i].log...)
		if address == "" {
			continue
		}
		v, err := w.Instance(s.Name).Call(t.Context(), "steps", nil, nil)
		require.NoError(t, err)
		var made []*jsonStep
		text, err := v.Append(nil)
		require.NoError(t, err)
		require.NoError(t, json.Unmarshal(text, &made))
		for _, step := range made {
			all[s.Name] = append(all[s.Name], step.String())
		}
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
