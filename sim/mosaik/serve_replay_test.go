package mosaik_test

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/recordings"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// endings are recordings of simulators that end the connection in place of an answer, see
// TestServeAnswersWhereOthersEnd.
var endings = []string{"sim_error_in_init", "old_api_error_in_step", "real_api_2_4_2_unmodified_refused"}

// TestServeReplay sends to served simulators what mosaik was recorded sending. They
// do what the recorded ones did, and must be served so that mosaik gets the same.
// Simulators that make requests are left to TestServeRequests.
func TestServeReplay(t *testing.T) {
	replayed := 0
	for _, rec := range recordings.All() {
		if rec.Peer != "mosaik" || slices.Contains(endings, rec.Name) {
			continue
		}
		for _, lines := range rec.Connections() {
			if slices.ContainsFunc(lines, func(l recordings.Line) bool {
				return !l.ToPeer && l.Payload != "" && parseMessage(l.Payload).typ == 0
			}) {
				continue
			}
			replayed++
			t.Run(rec.Name+"/"+lines[0].Conn, func(t *testing.T) { replayServed(t, lines) })
		}
	}
	require.Greater(t, replayed, 25)
}

func replayServed(t *testing.T, lines []recordings.Line) {
	a := &actor{lines: lines, outputs: map[string]*sim.Output{}}
	var acting sim.Simulator = a
	if given := a.beforeSteps(); given != nil {
		acting = &setter{a, given}
	}
	address, end := serveListeningAs(t, acting, mosaik.ServeConfig{API: apiOf(t, lines)})
	conn, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer conn.Close()
	r := bufio.NewReader(conn)
	stopped, now := false, ""
	for i, line := range lines {
		if !line.ToPeer || line.Payload == "" {
			continue
		}
		request := parseMessage(line.Payload)
		_, err := conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(line.Payload))), line.Payload...))
		require.NoError(t, err)
		if stopped = request.method == "stop"; stopped {
			break
		}
		var header [4]byte
		_, err = io.ReadFull(r, header[:])
		require.NoError(t, err)
		payload := make([]byte, binary.BigEndian.Uint32(header[:]))
		_, err = io.ReadFull(r, payload)
		require.NoError(t, err)
		got, want := parseMessage(string(payload)), replyTo(lines, i)
		require.Equal(t, want.id, got.id)
		require.Equal(t, want.typ, got.typ, "%s: %s", line.Payload, payload)
		if want.typ == 2 {
			parts, err := codec.JSON.Split(nil, got.content)
			require.NoError(t, err)
			require.GreaterOrEqual(t, len(parts), 2, "mosaik hangs otherwise")
			continue
		}
		if request.method == "step" {
			args, err := codec.JSON.Split(nil, request.args)
			require.NoError(t, err)
			now = string(args[0])
		}
		compareServed(t, request, now, got.content, want.content)
	}
	_ = conn.(*net.TCPConn).CloseWrite()
	_, _ = io.Copy(io.Discard, r) // a reply to stop, and the end
	if err := end(); stopped && !a.fails {
		require.NoError(t, err)
	} else {
		require.Error(t, err)
	}
	require.Empty(t, a.wrong)
}

// apiOf is the version of the API that a recorded simulator speaks.
func apiOf(t *testing.T, lines []recordings.Line) string {
	meta, err := mosaik.ParseMeta(replyTo(lines, 0).content)
	require.NoError(t, err)
	return meta.API
}

// replyTo returns the recorded reply to request i.
func replyTo(lines []recordings.Line, i int) message {
	request := parseMessage(lines[i].Payload)
	for _, line := range lines[i:] {
		if !line.ToPeer && line.Payload != "" {
			if m := parseMessage(line.Payload); m.typ != 0 && m.id == request.id {
				return m
			}
		}
	}
	panic("no reply to " + lines[i].Payload)
}

// compareServed compares a reply with the recorded one. now is the time of the last
// step.
func compareServed(t *testing.T, request message, now string, got, want codec.Raw) {
	switch request.method {
	case "init":
		ours, err := mosaik.ParseMeta(got)
		require.NoError(t, err)
		theirs, err := mosaik.ParseMeta(want)
		require.NoError(t, err)
		require.Equal(t, described(theirs), described(ours), "%s", got)
	case "create":
		ours, err := mosaik.ParseEntities(got)
		require.NoError(t, err)
		theirs, err := mosaik.ParseEntities(want)
		require.NoError(t, err)
		require.Equal(t, fmt.Sprint(theirs), fmt.Sprint(ours), "%s", got)
	case "get_data":
		ours := dataOf(t, got)
		if now == "" { // what is not there yet is null, not left out
			ours = slices.DeleteFunc(ours, func(v string) bool { return strings.HasSuffix(v, "=null") })
		}
		require.Equal(t, dataOf(t, want), ours)
		require.Equal(t, timeOf(want, now), timeOf(got, now))
	default:
		require.Equal(t, string(want), string(got), "%s", request.content)
	}
}

// described says what there is, in the order of names.
func described(m sim.Meta) []string {
	out := []string{m.Type.String(), fmt.Sprint(m.ExtraMethods)}
	for _, model := range m.Models {
		var params []string
		for _, p := range model.Params {
			params = append(params, p.Name)
		}
		attrs := slices.Clone(model.Attrs)
		slices.SortFunc(attrs, func(a, b sim.Attr) int { return strings.Compare(a.Name, b.Name) })
		out = append(out, fmt.Sprint(model.Name, model.Hidden, params, attrs, model.AnyInputs, model.AnyInputsTrigger))
	}
	return out
}

// dataOf lists the values of a reply to get_data, or of inputs: their bytes.
func dataOf(t *testing.T, raw codec.Raw) []string {
	out := []string{}
	for entity, err := range codec.JSON.Members(raw) {
		require.NoError(t, err)
		if string(entity.Key) == "time" {
			continue
		}
		for attr, err := range codec.JSON.Members(entity.Value) {
			require.NoError(t, err)
			out = append(out, fmt.Sprintf("%s.%s=%s", entity.Key, attr.Key, attr.Value))
		}
	}
	slices.Sort(out)
	return out
}

// timeOf returns the output time, which is that of the step if there is none.
func timeOf(reply codec.Raw, now string) string {
	for m, err := range codec.JSON.Members(reply) {
		if err == nil && string(m.Key) == "time" {
			return string(m.Value)
		}
	}
	return now
}

// actor is a simulator that does what a recorded one did.
type actor struct {
	lines   []recordings.Line
	at      int // of the lines that have been acted out
	meta    sim.Meta
	outputs map[string]*sim.Output // by "entity.attribute"
	inputs  []sim.WiredInput
	fails   bool
	wrong   []string
}

// next returns the next request of a method, its reply, and, if that is a step, the
// reply to the get_data that follows, if any.
func (a *actor) next(method string) (request, reply message, data codec.Raw) {
	for ; a.at < len(a.lines); a.at++ {
		line := a.lines[a.at]
		if !line.ToPeer || line.Payload == "" || parseMessage(line.Payload).method != method {
			continue
		}
		request, reply = parseMessage(line.Payload), replyTo(a.lines, a.at)
		a.at++
		for i, line := range a.lines[a.at:] {
			if line.ToPeer && line.Payload != "" {
				if parseMessage(line.Payload).method == "get_data" {
					data = replyTo(a.lines, a.at+i).content
				}
				break
			}
		}
		return request, reply, data
	}
	panic("there is no further " + method)
}

// beforeSteps returns what it gave before its first step, if anything.
func (a *actor) beforeSteps() codec.Raw {
	for i, line := range a.lines {
		if !line.ToPeer || line.Payload == "" {
			continue
		}
		switch m := parseMessage(line.Payload); m.method {
		case "get_data":
			if dataOf := replyTo(a.lines, i).content; strings.Contains(string(dataOf), ":") {
				return dataOf
			}
		case "step":
			return nil
		}
	}
	return nil
}

// setter is an actor that gives values before its first step.
type setter struct {
	*actor
	given codec.Raw
}

func (s *setter) GetData(_ context.Context, refs []sim.Ref) ([]sim.Value, error) {
	values := make([]sim.Value, len(refs))
	for entity := range codec.JSON.Members(s.given) {
		for attr := range codec.JSON.Members(entity.Value) {
			for i, ref := range refs {
				if ref.Entity.ID() == string(entity.Key) && ref.Attr == string(attr.Key) {
					values[i] = sim.RawValue(attr.Value)
				}
			}
		}
	}
	return values, nil
}

var errRecorded = errors.New("as recorded")

func (a *actor) Init(context.Context, *sim.Env) (m sim.Meta, err error) {
	_, reply, _ := a.next("init")
	a.meta, err = mosaik.ParseMeta(reply.content)
	return a.meta, err
}

func (a *actor) Create(context.Context, int, string, sim.Params) ([]sim.NewEntity, error) {
	_, reply, _ := a.next("create")
	if reply.typ == 2 {
		return nil, errRecorded
	}
	made, err := mosaik.ParseEntities(reply.content)
	a.adopt(made)
	return made, err
}

func (a *actor) adopt(made []sim.NewEntity) {
	for i := range made {
		made[i].Outputs = map[string]*sim.Output{}
		for _, attr := range a.meta.Model(made[i].Model).Attrs {
			if attr.Output {
				out := new(sim.Output)
				made[i].Outputs[attr.Name], a.outputs[made[i].ID+"."+attr.Name] = out, out
			}
		}
		a.adopt(made[i].Children)
	}
}

func (a *actor) Call(_ context.Context, method string, _ []any, _ sim.Params) (sim.Value, error) {
	_, reply, _ := a.next(method)
	if reply.typ == 2 {
		return sim.Null, errRecorded
	}
	return sim.RawValue(reply.content), nil
}

func (a *actor) Wire(w sim.Wiring) { a.inputs = w.Inputs }

func (a *actor) Step(_ context.Context, s *sim.Step) (sim.Time, error) {
	request, reply, data := a.next("step")
	args, err := codec.JSON.Split(nil, request.args)
	if err != nil {
		return 0, err
	}
	unit := sim.Time(time.Second)
	if strings.Contains(a.lines[0].Payload, `"time_resolution": 0.5`) {
		unit /= 2
	}
	got, want := fmt.Sprint(int64(s.Time()/unit)), string(args[0])
	if len(args) == 3 { // since version 3
		got += fmt.Sprint(" max ", int64((s.MaxAdvance()+1)/unit-1))
		want += " max " + string(args[2])
	}
	if got != want {
		a.wrong = append(a.wrong, fmt.Sprintf("time and max_advance %s: %s", got, request.content))
	}
	if got, want := a.seen(), inputsOf(args[1]); !slices.Equal(got, want) {
		a.wrong = append(a.wrong, fmt.Sprintf("inputs %q, not %q", got, want))
	}
	if reply.typ == 2 {
		a.fails = true
		return 0, errRecorded
	}
	if data != nil {
		if err := a.put(s, data, unit); err != nil {
			return 0, err
		}
	}
	if string(reply.content) == "null" {
		return sim.Never, nil
	}
	next, err := codec.JSON.Int(reply.content)
	return sim.Time(next) * unit, err
}

// put puts out what was recorded. What was left out is so again.
func (a *actor) put(s *sim.Step, data codec.Raw, unit sim.Time) error {
	given := map[string]bool{}
	for entity, err := range codec.JSON.Members(data) {
		if err != nil {
			return err
		}
		if string(entity.Key) == "time" {
			t, err := codec.JSON.Int(entity.Value)
			if err != nil {
				return err
			}
			if err := s.SetOutputTime(sim.Time(t) * unit); err != nil {
				return err
			}
			continue
		}
		for attr, err := range codec.JSON.Members(entity.Value) {
			if err != nil {
				return err
			}
			name := string(entity.Key) + "." + string(attr.Key)
			a.outputs[name].SetValue(sim.RawValue(attr.Value))
			given[name] = true
		}
	}
	for name, out := range a.outputs {
		if !given[name] {
			out.Omit()
		}
	}
	return nil
}

// seen lists what the inputs hold, those of one input in their order.
func (a *actor) seen() []string {
	var out []string
	for _, in := range a.inputs {
		text := ""
		for src, v := range in.Input.Sources() {
			text += fmt.Sprintf(" %s=%v", src, v)
		}
		if text != "" {
			out = append(out, in.Entity+"."+in.Attr+text)
		}
	}
	slices.Sort(out)
	return out
}

func inputsOf(raw codec.Raw) []string {
	var out []string
	for entity := range codec.JSON.Members(raw) {
		for attr := range codec.JSON.Members(entity.Value) {
			text := ""
			for source := range codec.JSON.Members(attr.Value) {
				text += fmt.Sprintf(" %s=%v", source.Key, sim.RawValue(source.Value))
			}
			out = append(out, string(entity.Key)+"."+string(attr.Key)+text)
		}
	}
	slices.Sort(out)
	return out
}
