package scheduler_test

import (
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
)

var place = regexp.MustCompile(` \(\w+\.go:\d+\)`)

// unplaced is the text of an error without the places of panics, which change with
// the files.
func unplaced(err error) string { return place.ReplaceAllString(err.Error(), "") }

// A panic tells the line at fault: that of the code, not one of Go's own that it calls.
func TestPanicTellsItsPlace(t *testing.T) {
	var m map[string]int
	for _, do := range []func() error{
		func() error { m["x"] = 1; return nil },
		func() error { panic("bang") },
	} {
		l, a := loopWith(t, "a")
		_, err := l.At(0, a, do)
		require.NoError(t, err)
		require.Regexp(t, `: panic: .* \(panic_error_test\.go:2[45]\)$`, l.AdvanceTo(context.Background(), 0).Error())
		require.NoError(t, l.Close())
	}
}

func TestPlaceOfPanic(t *testing.T) {
	const head = "goroutine 1 [running]:\nruntime/debug.Stack()\n\t/go/stack.go:26 +0x5e\nx.recovers()\n\t/x.go:9 +0x1\npanic({0x1, 0x2})\n\t/go/panic.go:860 +0x13a\n"
	for stack, want := range map[string]string{
		"":       "",
		head:     "",
		head[:9]: "",
		head + "main.(*bad).Start(0x1)\n\t/home/me/main.go:39 +0x1d\nx.y()\n\t/x.go:9 +0x1\n":                       "main.go:39",
		head + "main.f()\n\tC:\\me\\main.go:3 +0x1d\n":                                                              "main.go:3",
		head + "github.com/simrun/simrun/container.(*Agent).Expose(...)\n\t/m.go:3\nmain.f()\n\t/main.go:3 +0x1d\n": "main.go:3",
		head + "github.com/simrun/simrun/container.f()\n\t/m.go:3\n":                                                "",
	} {
		p := &scheduler.PanicError{Value: "bang", Stack: []byte(stack)}
		require.Equal(t, want, p.Place(), stack)
		require.True(t, strings.HasPrefix(p.Error(), "panic: bang"))
	}
}
