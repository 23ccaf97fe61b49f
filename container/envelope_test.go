package container_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// tapped keeps what its part sends, encoded.
type tapped struct {
	container.Part
	codec codec.Codec
	names []string
	sent  [][]byte
}

func (p *tapped) Join(ctx context.Context, everybody []string) error {
	p.names = everybody
	return p.Part.Join(ctx, everybody)
}

func (p *tapped) Round(ctx context.Context, order container.Order) ([]container.Envelope, error) {
	out, err := p.Part.Round(ctx, order)
	if err != nil {
		return nil, err
	}
	data, err := container.AppendEnvelopes(nil, p.codec, out)
	p.sent = append(p.sent, data)
	return out, err
}

// traffic is what parts of a settlement send each other, and the names of all.
func traffic(t testing.TB, c codec.Codec, traced bool) (sent [][]byte, names []string) {
	containers := spread(t, 1, 2, &settlement{trace: traced})
	taps := []*tapped{{Part: container.Local(containers[0]), codec: c}, {Part: container.Local(containers[1]), codec: c}}
	f := container.NewFederation(0, taps[0], taps[1])
	require.NoError(t, f.AdvanceTo(context.Background(), 3*scheduler.Second))
	closeAll(t, containers...)
	return append(taps[0].sent, taps[1].sent...), taps[0].names
}

// What was read is written as it was.
func TestEnvelopesKeepEverything(t *testing.T) {
	for _, c := range []codec.Codec{codec.JSON, codec.MsgPack} {
		size := make(map[bool]int)
		for _, traced := range []bool{false, true} {
			sent, names := traffic(t, c, traced)
			messages := 0
			for _, data := range sent {
				es, err := container.ParseEnvelopes(c, data, names)
				require.NoError(t, err)
				messages += len(es)
				size[traced] += len(data)
				again, err := container.AppendEnvelopes(nil, c, es)
				require.NoError(t, err)
				require.Equal(t, data, again)
			}
			require.Greater(t, messages, 100)
		}
		require.Greater(t, size[true], size[false], "what is traced has its cause")
	}
}

// What arrives in another container of a federation is what arrives at a neighbour.
func TestArgumentsOfAllKindsArriveInAFederation(t *testing.T) {
	for _, c := range []codec.Codec{codec.JSON, codec.MsgPack} {
		here := container.New(scheduler.NewLoop(scheduler.Config{}), "here")
		there := container.New(scheduler.NewLoop(scheduler.Config{}), "there")
		compared := 0
		require.NoError(t, here.Add("near", newSeller()))
		require.NoError(t, there.Add("far", newSeller()))
		require.NoError(t, here.Add("buyer", &caller{start: func(ctx context.Context, a *caller) error {
			for _, args := range argumentsOfAllKinds() {
				want, err := a.Call(ctx, "near", "all", args...)
				if err != nil {
					return err
				}
				got, err := a.Call(ctx, "far", "all", args...)
				if err != nil {
					return err
				}
				require.Equal(inside{t}, want, got, "%v", args)
				compared++
			}
			return nil
		}}))
		f := container.NewFederation(0, &distantPart{Part: container.Local(here), codec: c}, &distantPart{Part: container.Local(there), codec: c})
		require.NoError(t, f.AdvanceTo(context.Background(), 0))
		require.Len(t, argumentsOfAllKinds(), compared)
		closeAll(t, here, there)
	}
}

// distantPart sends what its agents send as if it were in another process.
type distantPart struct {
	container.Part
	codec codec.Codec
	names []string
}

func (p *distantPart) Join(ctx context.Context, everybody []string) error {
	p.names = everybody
	return p.Part.Join(ctx, everybody)
}

func (p *distantPart) Round(ctx context.Context, order container.Order) ([]container.Envelope, error) {
	out, err := p.Part.Round(ctx, order)
	if err != nil {
		return nil, err
	}
	data, err := container.AppendEnvelopes(nil, p.codec, out)
	if err != nil {
		return nil, err
	}
	return container.ParseEnvelopes(p.codec, data, p.names)
}

func TestParseEnvelopesRefuses(t *testing.T) {
	names := []string{"a", "b"}
	for data, want := range map[string]string{
		`{}`:                             "messages: json: at byte 0",
		`[[]]`:                           "message 1: it is empty",
		`[1]`:                            "message 1: json:",
		`[["x", 0, 0, 0, 0, 0]]`:         "message 1: json:",
		`[[1, 0, 1, 0, 0, 0], [8, 0]]`:   "message 2: it has form 8 and 2 fields, which is none that is known",
		`[[16, 0, 1, 0, 0]]`:             "form 16 and 5 fields",
		`[[17, 0, 1, 0, 0, 0]]`:          "form 17 and 6 fields",
		`[[32, 0, 1, 0, 0, 0]]`:          "form 32 and 6 fields",
		`[[17, 0, 1, 0, 0, 0, "x"]]`:     "message 1: json:",
		`[[9, 0, 1, 0, 0, 0]]`:           "form 9 and 6 fields",
		`[[9,0,1,0,0,0, "a/x", "a"]]`:    `agent "a/x" is not "b", and does not descend from it`,
		`[[9,0,1,0,0,0, "b/x", "ax"]]`:   `agent "ax" is not "a", and does not descend from it`,
		`[[9,0,1,0,0,0, "b/x", 1]]`:      "message 1: json:",
		`[[-1, 0, 1, 0, 0, 0]]`:          "form -1 and 6 fields",
		`[[1, 0, 1, 0, 0]]`:              "form 1 and 5 fields",
		`[[1, 0, 2, 0, 0, 0]]`:           "from agent 0 to agent 2, but there are 2",
		`[[1, 0, -1, 0, 0, 0]]`:          "from agent 0 to agent -1",
		`[[1, 549755813888, 1, 0, 0,0]]`: "from agent 2 to agent 1",
		`[[0, 0, 1, 0, 0, "m", {}, []]]`: "its arguments are not a list and an object",
		`[[0, 0, 1, 0, 0, 1, [], {}]]`:   "message 1: json:",
		`[[5, 0, 1, 0, 0, 1]]`:           "message 1: json:",
		`[[5, 0, 1, 0, 0, "["]]`:         "message 1: json:",
		`[[1, 0, 1, 0.5, 0, 1]]`:         "message 1: json:",
	} {
		_, err := container.ParseEnvelopes(codec.JSON, codec.Raw(data), names)
		require.ErrorContains(t, err, want, data)
	}
}

// Messages that go to where nobody expects them, or come late, end the run with an
// error, and nothing worse.
func TestFederationWithAPartThatLies(t *testing.T) {
	for _, test := range []struct{ message, want string }{
		{`[[2, 0, 0, 0, "m", [], {}]]`, "sent a message from \"a\" to \"a\" into the past, to 0s"},
		{`[[1, 0, 1, 1000000000, 12345, "never asked"]]`, ""},
		{`[[1, 549755813887, 1, 1000000000, 12345, "on behalf of another"]]`, ""},
	} {
		c := container.New(scheduler.NewLoop(scheduler.Config{}), "honest")
		require.NoError(t, c.Add("b", &callee{}))
		liar := container.New(scheduler.NewLoop(scheduler.Config{}), "liar")
		require.NoError(t, liar.Add("a", &caller{start: func(ctx context.Context, a *caller) error { return a.SleepUntil(ctx, scheduler.Second) }}))
		f := container.NewFederation(0, container.Local(c), &lying{Part: container.Local(liar), message: test.message})
		err := f.AdvanceTo(context.Background(), scheduler.Second)
		if test.want == "" {
			require.NoError(t, err)
		} else {
			require.ErrorContains(t, err, "t=1s: liar "+test.want)
		}
		closeAll(t, c, liar)
	}
}

type lying struct {
	container.Part
	message string
}

func (p *lying) Round(ctx context.Context, order container.Order) ([]container.Envelope, error) {
	if _, err := p.Part.Round(ctx, order); err != nil || order.Time == 0 {
		return nil, err
	}
	return container.ParseEnvelopes(codec.JSON, codec.Raw(p.message), []string{"a", "b"})
}

func FuzzParseEnvelopes(f *testing.F) {
	names := []string{"a", "b", "c"}
	for _, text := range []string{
		`[]`,
		`[[0, -9223371487098961916, 2, 0, 4294967296, "bid", [0.75, true, NaN], {"round": 2}], [1, 0, 1, 5, -1, "é"]]`,
		`[[2, -9223371487098961916, 2, 0, "bid", [{"__type__": [0, "2024-01-01T00:00:00+00:00"]}], {}]]`,
		`[[5, 0, 1, 0, 3, "1180591620717411303424"], [4, 0, 1, 0, 3, "m", "[{\"__type__\": [1, \"local://x\"]}]", "{}"]]`,
		`[[9, 0, 1, 0, 3, null, "b/x", "a/y/z"], [11, 0, 0, 0, 3, "LookupError", "nobody", "a/x", "c/y"], [10, 0, 1, 0, "m", [], {}, "b/x", "a"]]`,
		`[[3, 0, 1, 0, 3, "LookupError", "nobody"], [6, 0, 1, 0, "m", "[]", "{}"]]`,
		`[[18, 0, 1, 0, "m", [], {}, -9223371487098961916], [25, 0, 1, 0, 3, null, "b/x", "a/y", 7], [23, 0, 1, 0, 3, "E", "no", 0]]`,
	} {
		f.Add(false, []byte(text))
		value, err := codec.JSON.Decode(codec.Raw(text))
		require.NoError(f, err)
		packed, err := codec.MsgPack.Append(nil, value)
		require.NoError(f, err)
		f.Add(true, packed)
	}
	f.Fuzz(func(t *testing.T, packed bool, data []byte) {
		c := codec.Codec(codec.JSON)
		if packed {
			c = codec.MsgPack
		}
		es, err := container.ParseEnvelopes(c, data, names)
		if err != nil {
			return
		}
		again, err := container.AppendEnvelopes(nil, c, es)
		if err != nil {
			t.Fatalf("read, but not written: %v", err)
		}
		twice, err := container.ParseEnvelopes(c, again, names)
		if err != nil {
			t.Fatalf("written as %q, which is not read: %v", again, err)
		}
		if last, err := container.AppendEnvelopes(nil, c, twice); err != nil || !bytes.Equal(last, again) {
			t.Fatalf("written as %q, and after reading that as %q, %v", again, last, err)
		}
	})
}
