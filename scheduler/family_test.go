package scheduler_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

// begun returns a loop that has begun, with actors.
func begun(t *testing.T, names ...string) (*scheduler.Loop, []*scheduler.Actor) {
	l := scheduler.NewLoop(scheduler.Config{})
	actors := make([]*scheduler.Actor, len(names))
	for i, name := range names {
		var err error
		actors[i], err = l.Actor(name)
		require.NoError(t, err)
	}
	require.NoError(t, l.AdvanceTo(context.Background(), 0))
	return l, actors
}

// Children, and their children, have their root's place among other actors, and
// within the family events come in the order in which they were caused. That goes for
// all ways to cause events, and when the root is gone.
func TestChildrenHaveThePlaceOfTheirRoot(t *testing.T) {
	l, actors := begun(t, "a", "b", "c")
	a, b, c := actors[0], actors[1], actors[2]
	child, err := b.Child("z")
	require.NoError(t, err)
	grandchild, err := child.Child("1")
	require.NoError(t, err)
	require.Equal(t, b.Number(), grandchild.Number())
	require.Equal(t, grandchild, l.Lookup("1"))
	var ran []string
	at := func(who *scheduler.Actor) {
		_, err := l.At(scheduler.Second, who, func() error {
			ran = append(ran, who.Name())
			return l.Post(who, func() error { ran = append(ran, who.Name()+" again"); return nil })
		})
		require.NoError(t, err)
	}
	for _, who := range []*scheduler.Actor{c, grandchild, b, child, a, child, b} {
		at(who)
	}
	_, err = l.SpawnAt(scheduler.Second, scheduler.Urgent, child, "p", func(p *scheduler.Process) error {
		for range 3 {
			if err := p.Sleep(0); err != nil {
				return err
			}
			ran = append(ran, "sleeper")
		}
		return p.Sleep(time.Hour)
	})
	require.NoError(t, err)
	require.NoError(t, l.AdvanceTo(context.Background(), scheduler.Second))
	require.Equal(t, []string{"a", "1", "b", "z", "z", "b", "c",
		"a again", "sleeper", "1 again", "b again", "z again", "z again", "b again", "c again", "sleeper", "sleeper"}, ran)

	require.NoError(t, b.Close())
	require.NoError(t, grandchild.Close())
	other, err := l.Actor("d")
	require.NoError(t, err)
	require.Equal(t, 3, other.Number(), "the number of b still has an owner")
	ran = nil
	_, err = l.At(2*scheduler.Second, c, func() error { ran = append(ran, "c"); return nil })
	require.NoError(t, err)
	_, err = l.At(2*scheduler.Second, child, func() error { ran = append(ran, "z"); return nil })
	require.NoError(t, err)
	_, err = l.At(2*scheduler.Second, grandchild, func() error { return nil })
	require.ErrorIs(t, err, scheduler.ErrClosed)
	require.NoError(t, l.AdvanceTo(context.Background(), 2*scheduler.Second))
	require.Equal(t, []string{"z", "c"}, ran)
	require.Equal(t, 1, l.Stats().Processes, "that of the child")
	require.NoError(t, child.Close())
	require.Zero(t, l.Stats().Processes)
	heir, err := l.Actor("e")
	require.NoError(t, err)
	require.Equal(t, 1, heir.Number(), "the family is gone")
	require.NoError(t, l.Close())
}

func TestChildRefuses(t *testing.T) {
	l := scheduler.NewLoop(scheduler.Config{})
	a, err := l.Actor("a")
	require.NoError(t, err)
	gone, err := l.Actor("gone")
	require.NoError(t, err)
	_, err = a.Child("x")
	require.EqualError(t, err, `actor "x": the loop has not begun; before that, actors are registered with Loop.Actor`)
	l.Seal()
	require.NoError(t, gone.Close())
	for name, want := range map[string]string{
		"":     "an actor needs a name",
		"a":    `the name "a" is taken already; choose another`,
		"gone": `there was an actor "gone" when the loop began; a child cannot have its name`,
	} {
		_, err := a.Child(name)
		require.EqualError(t, err, want)
	}
	_, err = gone.Child("y")
	require.EqualError(t, err, `actor "y", a child of "gone": the event loop is closed`)
	x, err := a.Child("x")
	require.NoError(t, err)
	x.Retire()
	_, err = a.Child("x")
	require.NoError(t, err, "names of children are free again")
	require.NoError(t, l.Close())
	require.True(t, x.Closed())
}

// Families of any size may come and go in any order.
func TestFamiliesComeAndGo(t *testing.T) {
	l, actors := begun(t, "a", "b")
	for _, stride := range []int{1, 3, 7} { // no divisor in common with 10
		var family []*scheduler.Actor
		for i := range 10 {
			parent := actors[0]
			if i > 3 {
				parent = family[i/2]
			}
			child, err := parent.Child(fmt.Sprint(i))
			require.NoError(t, err)
			family = append(family, child)
		}
		for i := range family {
			require.NoError(t, family[(i+1)*stride%10].Close())
		}
		for _, child := range family {
			require.True(t, child.Closed())
			require.Nil(t, l.Lookup(child.Name()))
		}
	}
	require.NoError(t, l.Close())
}

// What a descendant on another loop has caused is its doing, not that of its root.
func TestDeliverFromADescendant(t *testing.T) {
	l := scheduler.NewLoop(scheduler.Config{})
	_, err := l.Remote("a")
	require.NoError(t, err)
	b, err := l.Actor("b")
	require.NoError(t, err)
	l.Seal()
	own, err := b.Child("b/1")
	require.NoError(t, err)
	key, err := own.NextKey()
	require.NoError(t, err)
	require.Equal(t, b.Number(), key.Source())
	var by []*scheduler.Actor
	note := func(a *scheduler.Actor) error { by = append(by, a); return nil }
	require.NoError(t, l.Deliver(0, key, "b/1", note), "it was turned back")
	require.NoError(t, l.Deliver(0, 5, "a", note))
	require.NoError(t, l.Deliver(0, 6, "a/1", note))
	require.NoError(t, l.RunRound(context.Background(), 0, 1))
	require.Equal(t, []*scheduler.Actor{l.Lookup("a"), by[1], own}, by)
	require.Equal(t, "a/1", by[1].Name())
	require.True(t, by[1].Remote())
	require.NoError(t, l.Close())
}
