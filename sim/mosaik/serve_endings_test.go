package mosaik_test

import (
	"context"
	"fmt"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/recordings"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// strict does what the programs of the recordings do that end the connection: parameters that it
// does not know are errors, and so is an entity without init_val.
type strict struct{}

func (strict) Init(_ context.Context, env *sim.Env) (sim.Meta, error) {
	for name := range env.Params {
		return sim.Meta{}, fmt.Errorf("there is no parameter %q", name)
	}
	return sim.Meta{Models: []sim.Model{{Name: "A", Attrs: []sim.Attr{{Name: "val_out", Output: true}}}}}, nil
}

func (strict) Create(_ context.Context, num int, _ string, params sim.Params) ([]sim.NewEntity, error) {
	if _, given := params["init_val"]; !given {
		return nil, fmt.Errorf("an A needs init_val")
	}
	return make([]sim.NewEntity, num), nil
}

func (strict) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	return s.Time() + seconds(1), nil
}

// Where recorded programs, which use mosaik's libraries for Python, end the connection in place of an answer, which is all
// that mosaik then can tell, a served simulator answers: with its error, in as many strings as mosaik
// needs so as not to hang (TestServeFailures shows what mosaik makes of it); and the time_resolution that mosaik 3 sends to all is
// no parameter that an old simulator could refuse. In the end mosaik asks it to stop, as it did in the recordings.
func TestServeAnswersWhereOthersEnd(t *testing.T) {
	for name, c := range map[string]struct {
		api  string
		want codec.Raw // beginning of the last answer
		err  string    // with which it ends
	}{
		"sim_error_in_init":                 {"3.0", codec.Raw(`[2, 0, ["Error", "simulator \"X-0\": init: there is no parameter \"foo\""]]`), `there is no parameter "foo"`},
		"old_api_error_in_step":             {"2.4", codec.Raw(`[2, 1, ["Error", "simulator \"A\": create A: an A needs init_val"]]`), ""},
		"real_api_2_4_2_unmodified_refused": {"2.4", codec.Raw(`[1, 0, {"api_version": "2.4", "models": {"A": {"public": true, `), ""},
	} {
		t.Run(name, func(t *testing.T) {
			require.Contains(t, endings, name)
			i := slices.IndexFunc(recordings.All(), func(r recordings.Recording) bool { return r.Name == name })
			rec := recordings.All()[i]
			address, end := serveListeningAs(t, strict{}, mosaik.ServeConfig{API: c.api})
			var got []string
			conn, err := channel.Dial(t.Context(), address, channel.Config{OnFrame: func(dir channel.Direction, payload []byte) {
				if dir == channel.Received {
					got = append(got, string(payload))
				}
			}})
			require.NoError(t, err)
			requests, answers := 0, 0 // but for stop
			for _, line := range rec.Lines {
				switch {
				case line.Payload == "":
				case !line.ToPeer:
					answers++
				default:
					_, _ = conn.Call(t.Context(), parseMessage(line.Payload).content) // a failure is an answer, and stop has none
					if parseMessage(line.Payload).method != "stop" {
						requests++
					}
				}
			}
			require.Equal(t, requests-1, answers, "the recorded program ends in place of one")
			require.NoError(t, conn.Close())
			require.GreaterOrEqual(t, len(got), requests)
			require.Contains(t, got[requests-1], string(c.want))
			if err := end(); c.err == "" {
				require.NoError(t, err)
			} else {
				require.ErrorContains(t, err, c.err)
			}
		})
	}
	require.Len(t, endings, 3)
}
