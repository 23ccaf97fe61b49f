package mosaik_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/internal/peertest"
	"github.com/simrun/simrun/internal/worldtest"
)

// worldThatAsks makes a random world whose simulators make asynchronous requests; in every sixth
// they set events for themselves, too, and the run is in real time.
func worldThatAsks(seed uint64) *worldtest.World {
	return worldtest.New(seed, worldtest.Options{Mosaik: true, Twins: true, Shift: 4, Asks: true, Events: seed%6 == 0})
}

// TestConformanceOfRequests is TestConformance for worlds whose simulators make asynchronous
// requests in their steps: get_data, set_data, get_progress, get_related_entities, and set_event.
func TestConformanceOfRequests(t *testing.T) {
	python := peertest.Python(t)
	reference := startReference(t, python)
	address := startServer(t, python)
	tally, answers := tally{classes: map[string]int{}}, 0
	for i := range *conformanceWorlds {
		w := worldThatAsks(*conformanceFirst + uint64(i))
		expected, err := w.Interpret(w.Generic)
		require.NoError(t, err)
		hint := fmt.Sprintf("-conformance.seed=%d -conformance.worlds=1\n%s", w.Seed, w)
		check := func(t *testing.T, want *worldtest.Outcome, address string) {
			made := madeHere(t, w, address)
			require.Equal(t, stepsOf(w, want), written(made), "%q: %s", address, hint)
			for i, s := range w.Sims {
				compareTold(w, i, made[s.Name], func(_, format string, args ...any) {
					require.Fail(t, fmt.Sprintf(format, args...), "%q: %s", address, hint)
				})
			}
		}
		if w.Events {
			// What is for a time that the clock has passed is late. (Nothing is in fake time.)
			synctest.Test(t, func(t *testing.T) { check(t, expected, "") })
		} else {
			check(t, expected, "")
			check(t, askedLive(w, expected), address)
		}
		tally.add(t, w, expected, reference(w), hint)
		for _, all := range expected.Steps {
			for _, s := range all {
				answers += len(s.Asked)
			}
		}
	}
	tally.log(t)
	t.Logf("%d answers", answers)
}

// In this world somebody asks who waits for all rounds of the one that is asked, and there are some.
// mosaik does not come to its end.
func TestAskingOutsideOfRounds(t *testing.T) {
	python := peertest.Python(t)
	w := worldThatAsks(6218)
	expected, err := w.Interpret(w.Generic)
	require.NoError(t, err)
	require.True(t, waitsOutsideOfRounds(w, expected) && !expected.Beyond)
	require.Equal(t, stepsOf(w, expected), runHere(t, w, ""))
	require.Equal(t, stepsOf(w, askedLive(w, expected)), runHere(t, w, startServer(t, python)))
	for _, r := range startReference(t, python)(w) {
		classes, unexplained := compare(w, expected, r)
		require.Empty(t, unexplained)
		require.Equal(t, []string{outsideRounds}, classes)
	}
}

// waitsOutsideOfRounds reports whether somebody who reads or asks another one waits for all of its
// rounds, by way of somebody outside of their group, and both step when there are some.
func waitsOutsideOfRounds(w *worldtest.World, o *worldtest.Outcome) bool {
	for _, l := range slices.Concat(w.Links, w.Asks) {
		for _, s := range o.Steps[l.Src] {
			if s.Round != [worldtest.Levels]int{} && w.AllRounds(&l) &&
				slices.ContainsFunc(o.Steps[l.Dst], func(by worldtest.Step) bool { return by.Time == s.Time }) {
				return true
			}
		}
	}
	return false
}

// askedLive returns what happens if simulators are programs: an output that nobody reads is what the
// program says when it is asked, as of its last step.
func askedLive(w *worldtest.World, o *worldtest.Outcome) *worldtest.Outcome {
	live := *o
	live.Steps = slices.Clone(o.Steps)
	for i := range live.Steps {
		live.Steps[i] = slices.Clone(o.Steps[i])
		for k := range live.Steps[i] {
			s := &live.Steps[i][k]
			s.Asked = slices.Clone(s.Asked)
			n := 0
			for _, l := range w.Asks {
				if l.Dst != i {
					continue
				}
				attr := w.Sims[l.Src].Outputs[0]
				if !slices.ContainsFunc(w.Links, func(m worldtest.Link) bool { return m.Src == l.Src && m.SrcEntity == 0 && m.Output == attr }) {
					s.Asked[n], _ = saysNow(w, o, l.Src, s.Place)
				}
				n++
			}
		}
	}
	return &live
}

// saysNow returns what a program says of its first output when it is asked: that of its last
// step before the one at a place; and whether that gives a time of its own.
func saysNow(w *worldtest.World, o *worldtest.Outcome, sim, place int) (value string, timed bool) {
	value = "null"
	for _, s := range o.Steps[sim] {
		if s.Place < place {
			value, timed = "null", s.Did.At != s.Time
			for _, out := range s.Did.Outputs {
				if out.Entity == 0 && out.Attr == w.Sims[sim].Outputs[0] {
					value = out.Value
				}
			}
		}
	}
	return value, timed
}

// request is an asynchronous get_data of which mosaik tells something else than the rules.
type request struct {
	world    *worldtest.World
	outcome  *worldtest.Outcome
	link     *worldtest.Link // who asks whom
	step     worldtest.Step  // in which it is made
	previous int64           // time of the step before, -1: none
	rule     string
	mosaik   string
}

// answersThatDiffer lists what a step is told otherwise in mosaik.
func answersThatDiffer(w *worldtest.World, o *worldtest.Outcome, i int, s worldtest.Step, previous int64, made *jsonStep) (all []*request) {
	told := made.to("asked")
	n := 0
	for k := range w.Asks {
		l := &w.Asks[k]
		if l.Dst != i {
			continue
		}
		at := slices.IndexFunc(told, func(in input) bool { return in.source == w.Sims[l.Src].Name })
		if r := (&request{w, o, l, s, previous, s.Asked[n], told[at].value}); r.mosaik != r.rule {
			all = append(all, r)
		}
		n++
	}
	return all
}

// setsThatDiffer says which values that were set are other ones in mosaik. Those in whose place
// there may be one from a connection are not looked at.
func setsThatDiffer(w *worldtest.World, i int, s worldtest.Step, made *jsonStep) (wrong []string) {
	for _, l := range w.Asks {
		if l.Src != i {
			continue
		}
		for _, attr := range w.Sims[i].Inputs {
			if slices.ContainsFunc(w.Links, func(m worldtest.Link) bool {
				return m.Src == l.Dst && m.SrcEntity == 0 && m.Dst == i && m.DstEntity == 0 && m.Input == attr
			}) {
				continue
			}
			var rule, mosaik []string
			source := w.Sims[l.Dst].Name + ".m0"
			for _, in := range s.Inputs {
				if in.Link < 0 && in.Attr == attr && in.Source == source {
					rule = append(rule, in.Value)
				}
			}
			for _, in := range made.to("m0." + attr) {
				if in.source == source {
					mosaik = append(mosaik, in.value)
				}
			}
			if !slices.Equal(rule, mosaik) {
				wrong = append(wrong, fmt.Sprintf("%s set %s to %q, not %q", source, attr, mosaik, rule))
			}
		}
	}
	return wrong
}

// explain tells which class it belongs to, "" if to none. mosaik tells what its cache holds as of
// the previous step of the one that asks; if there is nothing, what the source says now.
func (r *request) explain() string {
	now, timed := saysNow(r.world, r.outcome, r.link.Src, r.step.Place)
	switch {
	case timed && strings.HasPrefix(r.mosaik, "failed: ") && strings.Contains(r.mosaik, "TypeError"):
		return askedTimed
	case r.mosaik == now && !timed, slices.Contains(r.cached(), r.mosaik):
		return askedCache
	}
	return ""
}

// cached lists the values that mosaik's cache may hold as of the previous step: of the outputs that
// are not later the one whose time came into the cache last. Those before some time may have been removed.
func (r *request) cached() (values []string) {
	attr := r.world.Sims[r.link.Src].Outputs[0]
	type entry struct {
		time  int64
		value string // "": none
	}
	var cache []entry
	put := func(e entry) {
		i := slices.IndexFunc(cache, func(c entry) bool { return c.time == e.time })
		if i < 0 {
			cache = append(cache, e)
		} else {
			cache[i] = e
		}
	}
	connected := false
	for _, l := range r.world.Links {
		if l.Src == r.link.Src && l.SrcEntity == 0 && l.Output == attr {
			connected = true
			if l.Initial != nil && attr == "out" {
				put(entry{-l.Shift, fmt.Sprint(*l.Initial)})
			}
		}
	}
	if !connected {
		return nil
	}
	for _, s := range r.outcome.Steps[r.link.Src] {
		if s.Place >= r.step.Place {
			break
		}
		e := entry{time: s.Did.At}
		for _, out := range s.Did.Outputs {
			if out.Entity == 0 && out.Attr == attr && !out.Omitted {
				e.value = out.Value
			}
		}
		put(e)
	}
	for removed := int64(-5); removed <= r.previous; removed++ { // shifts are no longer
		for _, e := range slices.Backward(cache) {
			if e.time >= removed && e.time <= r.previous {
				if e.value != "" {
					values = append(values, e.value)
				}
				break
			}
		}
	}
	return values
}
