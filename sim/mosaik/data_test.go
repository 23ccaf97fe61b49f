package mosaik_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// program is a simulator in this process that answers get_data as it is told.
// It has entities a and b with attributes x and y.
func program(t *testing.T, data func(step int) string) (address string, requests *[]string) {
	var router rpc.Router
	requests = &[]string{}
	step := -1
	for method, answer := range map[string]func(in *rpc.Invocation) any{
		"init": func(*rpc.Invocation) any {
			return codec.Raw(`{"api_version": "3.0", "type": "time-based", "models": {"M": {"attrs": ["x", "y"]}}}`)
		},
		"create": func(*rpc.Invocation) any {
			return codec.Raw(`[{"eid": "a", "type": "M"}, {"eid": "b", "type": "M"}]`)
		},
		"setup_done": func(*rpc.Invocation) any { return nil },
		"step":       func(*rpc.Invocation) any { step++; return step + 1 },
		"get_data": func(in *rpc.Invocation) any {
			*requests = append(*requests, string(in.Args[0]))
			return codec.Raw(data(step))
		},
		"stop": func(*rpc.Invocation) any { return nil },
	} {
		router.Handle(method, func(_ context.Context, in *rpc.Invocation) (any, error) { return answer(in), nil })
	}
	l, err := channel.Listen("127.0.0.1:0", channel.Config{Handler: router.Serve, Workers: 1})
	require.NoError(t, err)
	accepted := make(chan *channel.Conn, 1)
	go func() {
		conn, _ := l.Accept(context.Background()) // fails when the test ends without connecting
		accepted <- conn
	}()
	t.Cleanup(func() {
		require.NoError(t, l.Close())
		if conn := <-accepted; conn != nil {
			require.NoError(t, conn.Close())
		}
	})
	return strings.TrimPrefix(l.Addr(), "tcp://"), requests
}

// Data are taken whatever the order in which they come, and what was not asked
// for is dropped.
func TestDataInAnyOrder(t *testing.T) {
	addr, requests := program(t, func(step int) string {
		return []string{
			`{"a": {"y": 1, "x": 2.50}, "b": {"x": 1e-07}}`,
			`{"b": {"x": 5, "y": 0}, "a": {"x": 3, "y": 4}}`,
			`{"a": {"x": 6}, "b": {"x": 8}, "a": {"y": 7}}`,
			`{"b": {"x": 12345678901234567890123}, "a": {"y": {"k": [1, 1.0]}}}`,
		}[step]
	})
	var warnings []string
	// Registered after the program, so closed before it.
	w := newWorld(t)
	in := add(t, w, "S", mosaik.Config{Connect: addr, Warn: func(text string) { warnings = append(warnings, text) }}, nil)
	es := create(t, in, "M", 2, nil)
	var m sim.Memory
	require.NoError(t, w.Record(&m, 0, sim.Ref{Entity: es[0], Attr: "y"}, sim.Ref{Entity: es[0], Attr: "x"}, sim.Ref{Entity: es[1], Attr: "x"}))
	_, err := w.Run(t.Context(), sim.RunOptions{Until: seconds(4)})
	require.NoError(t, err)
	require.Equal(t, `0s:1 1s:4 2s:7 3s:{"k": [1, 1.0]}`, values(&m, "S.a", "y"))
	require.Equal(t, "0s:2.50 1s:3 2s:6 3s:null", values(&m, "S.a", "x"))
	require.Equal(t, "0s:1e-07 1s:5 2s:8 3s:12345678901234567890123", values(&m, "S.b", "x"))
	require.Equal(t, []string{
		`simulator "S" gives data that nobody asked for, such as y of b; they are dropped`,
		`simulator "S" gives no value for x of a, which is persistent; its readers get null`,
	}, warnings)
	for _, r := range *requests {
		require.Equal(t, `{"a": ["y", "x"], "b": ["x"]}`, r)
	}
	// What is asked for outside a run is what one entity has.
	values, err := w.Get(t.Context(), sim.Ref{Entity: es[1], Attr: "y"})
	require.NoError(t, err)
	require.True(t, values[0].IsNull())
}
