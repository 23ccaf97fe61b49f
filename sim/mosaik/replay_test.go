package mosaik_test

import (
	"fmt"
	"hash/crc32"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/recordings"
	"github.com/simrun/simrun/sim"
	"github.com/simrun/simrun/sim/mosaik"
)

// replay says how to repeat what mosaik was recorded doing: what is not in its
// messages, and where we differ on purpose.
type replay struct {
	name    string
	until   int      // in units of the resolution
	connect []string // "A.entity attr -> B.entity attr", with ", shift N", ", weak", ", initial JSON"
	group   []string // simulators in a group
	rounds  int      // limit on rounds
	async   []string // "A.entity <- MAS.entity": MAS may ask A
	initial string   // a simulator that begins with an event at 0
	err     string   // part of the error of the run
	paced   bool     // by the clock; only in fake time
	// instead gives what we send in place of what mosaik sent.
	instead map[string]string
}

var replays = []replay{
	{name: "time_based", until: 5, connect: []string{"A.0.0 val_out -> B.0.0 val_in", "A.0.0 val_out -> B.0.1 val_in"}},
	{name: "api_v2", until: 2, connect: []string{"Old.0 val_out -> B.0 val_in", "Old1.0 val_out -> B.0 val_in"}},
	{name: "connect_mode", until: 2, connect: []string{"A.0 val_out -> B.0 val_in"}},
	{name: "event_based", until: 6, initial: "A", connect: []string{"A.0 val_out -> B.0 val_in", "B.0 val_out -> C.0 val_in"}},
	{name: "json_values", until: 12, connect: []string{"F.E0 out -> B.0 val_in", "B.0 val_out -> C.0 val_in"}},
	{name: "lazy_vs_eager", until: 6, connect: []string{"A.0 val_out -> B.0 val_in"}},
	{name: "setup_phase", until: 2},
	{name: "setup_done_async", until: 4, connect: []string{"A.0 val_out -> DB.hdf5db val_out", "A.1 val_out -> DB.hdf5db val_out"}},
	{name: "tutorial_demo1", until: 10, connect: []string{
		"ExampleSim-0.Model_0 delta -> Collector-0.Monitor delta", "ExampleSim-0.Model_0 val -> Collector-0.Monitor val",
		"ExampleSim-0.Model_1 delta -> Collector-0.Monitor delta", "ExampleSim-0.Model_1 val -> Collector-0.Monitor val",
		"ExampleSim-0.Model_2 delta -> Collector-0.Monitor delta", "ExampleSim-0.Model_2 val -> Collector-0.Monitor val",
	}},
	{
		// mosaik loses what a connection shifted by 2 carries: null instead of
		// the initial value at 1, and of what was put out at 0 and 1 from 2 on.
		name: "time_shifted_initial_data", until: 4, connect: []string{
			"A.0 val_out -> B.0 val_in", "B.0 val_out -> A.0 val_in, shift 1, initial null", "B.0 other_out -> A.0 trigger_in, shift 2, initial 100"},
		instead: map[string]string{
			`["step", [1, {"0": {"val_in": {"B.0": 0}, "trigger_in": {"B.0": null}}}, 4], {}]`: `["step", [1, {"0": {"val_in": {"B.0": 0}, "trigger_in": {"B.0": 100}}}, 4], {}]`,
			`["step", [2, {"0": {"val_in": {"B.0": 1}, "trigger_in": {"B.0": null}}}, 4], {}]`: `["step", [2, {"0": {"val_in": {"B.0": 1}, "trigger_in": {"B.0": 0}}}, 4], {}]`,
			`["step", [3, {"0": {"val_in": {"B.0": 2}, "trigger_in": {"B.0": null}}}, 4], {}]`: `["step", [3, {"0": {"val_in": {"B.0": 2}, "trigger_in": {"B.0": 1}}}, 4], {}]`,
		},
	},
	{name: "async_requests", until: 5, async: []string{"A.0.0 <- MAS.0", "A.0.0 <- MAS.1"}},
	{name: "real_api_2_4_2", until: 5, async: []string{"A.0.0 <- MAS.0"}, connect: []string{"A.0.0 val_out -> B.0 val_in"}},
	{name: "real_api_3_0_6", until: 5, async: []string{"A.0.0 <- MAS.0"}, connect: []string{"A.0.0 val_out -> B.0 val_in"}},
	{name: "async_request_denied", until: 2, err: "No connection from A to MAS"},
	{name: "set_event_not_rt", until: 5, initial: "A"},
	{name: "sim_error_in_step", until: 3, connect: []string{"A.0 val_out -> B.0 val_in"}, err: "fail"},
	{name: "tutorial_demo2", until: 10, group: []string{"ExampleSim-0", "ExampleCtrl-0"}, connect: demo2Connections()},
	{name: "weak_loop_max_iterations", until: 3, group: []string{"A", "B"}, rounds: 5, initial: "A",
		connect: []string{"A.Echo loop_out -> B.Echo loop_in", "B.Echo loop_out -> A.Echo loop_in, weak, initial 7"},
		err:     "it has made 5 rounds without time advancing; the loop A -> B -> A keeps itself going"},
	{name: "set_event_rt", until: 5, paced: true, connect: []string{"A.0 val_out -> B.0 val_in"}},
	{name: "get_data_in_setup"},
	{name: "sim_error_in_create"},
	{name: "sim_error_in_init"},
	{name: "old_api_error_in_step"},
	{name: "real_api_2_4_2_unmodified_refused"},
	{name: "java_sim_unmodified"},
}

func demo2Connections() []string {
	var all []string
	for i := range 3 {
		all = append(all, fmt.Sprintf("ExampleSim-0.Model_%d val -> ExampleCtrl-0.Agent_%d val_in", i, i),
			fmt.Sprintf("ExampleCtrl-0.Agent_%d delta -> ExampleSim-0.Model_%d delta, weak", i, i))
	}
	for i := range 3 {
		all = append(all, fmt.Sprintf("ExampleSim-0.Model_%d delta -> Collector-0.Monitor delta", i),
			fmt.Sprintf("ExampleSim-0.Model_%d val -> Collector-0.Monitor val", i))
	}
	for i := range 3 {
		all = append(all, fmt.Sprintf("ExampleCtrl-0.Agent_%d delta -> Collector-0.Monitor delta", i))
	}
	return all
}

// Against simulators that answer what was recorded we send what mosaik sent,
// with these differences: keyword arguments are in the order of their names; an
// attribute is asked for once in a get_data even if it is connected twice;
// get_data comes before step is answered; data for an asynchronous get_data are
// taken from what was read before if there is any; progress is measured in another
// way; failures have other texts.
func TestReplay(t *testing.T) {
	names := map[string]bool{}
	for _, rec := range recordings.All() {
		if rec.Peer != "mosaik" {
			continue
		}
		names[rec.Name] = true
		i := slices.IndexFunc(replays, func(r replay) bool { return r.name == rec.Name })
		require.GreaterOrEqual(t, i, 0, "no replay of %s", rec.Name)
		for name, separate := range map[string]bool{"one write": false, "two writes": true} {
			t.Run(rec.Name+"/"+name, func(t *testing.T) { replays[i].replay(t, rec, replaying{separate: separate}) })
		}
	}
	require.Len(t, names, len(replays))
}

// TestReplayInAnyOrder replays the recordings with random delays in every simulator, and with simulators,
// their connections and who may ask whom declared in random order, over connections in memory in
// fake time and over sockets. The simulators are sent the same, but for the order of members, and there is
// one digest.
func TestReplayInAnyOrder(t *testing.T) {
	defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(0))
	different := 0
	for _, rec := range recordings.All() {
		i := slices.IndexFunc(replays, func(r replay) bool { return r.name == rec.Name })
		if rec.Peer != "mosaik" || i < 0 {
			continue
		}
		t.Run(rec.Name, func(t *testing.T) {
			want := replays[i].replay(t, rec, replaying{})
			orders := map[string]bool{}
			for seed := range uint64(16) {
				runtime.GOMAXPROCS(1 + int(seed%2))
				how := replaying{seed: 1 + seed, separate: seed/4%2 == 1, sent: new(sent)}
				how.sockets = seed/2%2 == 1
				require.Equal(t, want, replays[i].replay(t, rec, how), "seed %d", seed)
				orders[how.sent.order] = true
			}
			different += len(orders)
		})
	}
	require.Greater(t, different, 80, "the simulators answer in different orders")
}

// replaying is how a recording is replayed.
type replaying struct {
	separate bool   // step and get_data in two writes
	seed     uint64 // of delays and of the order of declarations; 0: none, and as recorded
	sockets  bool   // else, if there are delays, over connections in memory
	sent     *sent
}

// sent is who has sent messages, in their order.
type sent struct {
	mu    sync.Mutex
	order string
}

func (s *sent) by(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.order += name + " "
}

// delay returns what a simulator does before each message that it sends: nothing, or it waits for a random while, in
// fake time or not.
func (h replaying) delay(simulator string, fake bool) func() {
	if h.seed == 0 {
		return func() {}
	}
	random := rand.New(rand.NewPCG(h.seed, uint64(crc32.ChecksumIEEE([]byte(simulator)))))
	return func() {
		if !fake {
			for range random.IntN(100) {
				runtime.Gosched()
			}
		} else {
			time.Sleep(time.Duration(random.IntN(10)) * time.Millisecond)
		}
		h.sent.by(simulator)
	}
}

// shuffled returns a slice in another order.
func shuffled[T any](h replaying, s []T) []T {
	if h.seed > 0 {
		s = slices.Clone(s)
		rand.New(rand.NewPCG(h.seed, 1<<32)).Shuffle(len(s), func(i, k int) { s[i], s[k] = s[k], s[i] })
	}
	return s
}

// composition is what is sent before the run, with the answers, by simulator in random order.
func (h replaying) composition(rec recordings.Recording) (lines []recordings.Line) {
	end := slices.IndexFunc(rec.Lines, func(l recordings.Line) bool {
		return l.ToPeer && l.Payload != "" && slices.Contains([]string{"setup_done", "step", "stop"}, parseMessage(l.Payload).method)
	})
	if end < 0 {
		end = len(rec.Lines)
	}
	if h.seed == 0 {
		return rec.Lines[:end]
	}
	var conns []string
	for _, l := range rec.Lines[:end] {
		if !slices.Contains(conns, l.Conn) {
			conns = append(conns, l.Conn)
		}
	}
	for _, conn := range shuffled(h, conns) {
		for _, l := range rec.Lines[:end] {
			if l.Conn == conn {
				lines = append(lines, l)
			}
		}
	}
	return lines
}

// inMemory reports whether a recording is replayed over connections in memory, in fake time.
func (h replaying) inMemory(r replay) bool { return r.paced || h.seed > 0 && !h.sockets }

// replay returns the digest, if there is a run to its end.
func (r replay) replay(t *testing.T, rec recordings.Recording, how replaying) (digest string) {
	if !how.inMemory(r) {
		return r.run(t, rec, how)
	}
	synctest.Test(t, func(t *testing.T) { digest = r.run(t, rec, how) })
	return digest
}

func (r replay) run(t *testing.T, rec recordings.Recording, how replaying) (digest string) {
	w := sim.NewWorld(sim.Config{MaxRounds: r.rounds})
	group := w.NewGroup("group")
	var fakes []*fake
	defer func() {
		require.NoError(t, w.Close())
		for _, f := range fakes {
			f.wait()
		}
	}()
	resolution := time.Second
	byConn := map[string]*sim.Instance{}
	// Composition is in the messages: init, create, extra methods.
	lines := how.composition(rec)
	for i, line := range lines {
		if !line.ToPeer || line.Payload == "" {
			continue
		}
		m := parseMessage(line.Payload)
		reply := lines[i+1]
		fails := reply.Payload == "" || parseMessage(reply.Payload).typ != 1
		var err error
		switch m.method {
		case "init":
			f := newFake(t, rec, line.Conn, r.instead)
			f.delay, f.loose, f.paced = how.delay(line.Conn, how.inMemory(r)), how.seed > 0, r.paced
			fakes = append(fakes, f)
			var args []string
			require.NoError(t, decodeInto(m.args, &args))
			params := paramsOf(t, m.kwargs)
			resolution = time.Duration(params["time_resolution"].(float64) * float64(time.Second))
			delete(params, "time_resolution")
			cfg := mosaik.Config{SeparateGetData: how.separate, StopTimeout: 10 * time.Second}
			var s *mosaik.Simulator
			if how.inMemory(r) {
				s = mosaik.NewOn(f.join(), cfg)
			} else {
				cfg.Connect = f.listen()
				s = mosaik.New(cfg)
			}
			opts := sim.AddOptions{Params: params, Resolution: resolution}
			if slices.Contains(r.group, args[0]) {
				opts.Group = group
			}
			byConn[line.Conn], err = w.Add(t.Context(), args[0], s, opts)
		case "create":
			args, derr := codec.JSON.Decode(m.args)
			require.NoError(t, derr)
			num, model := args.([]any)[0].(int64), args.([]any)[1].(string)
			_, err = byConn[line.Conn].Create(t.Context(), model, int(num), paramsOf(t, m.kwargs))
		case "get_data":
			var refs []sim.Ref
			args, derr := codec.JSON.Decode(m.args)
			require.NoError(t, derr)
			for _, member := range args.([]any)[0].(codec.Object) {
				for _, attr := range member.Value.([]any) {
					refs = append(refs, sim.Ref{Entity: byConn[line.Conn].Entity(member.Key), Attr: attr.(string)})
				}
			}
			var values []sim.Value
			values, err = w.Get(t.Context(), refs...)
			for i, ref := range refs {
				require.Equal(t, map[string]string{"val_out": "42", "dummy_out": "null"}[ref.Attr], values[i].String())
			}
		default:
			args, derr := codec.JSON.Decode(m.args)
			require.NoError(t, derr)
			var v sim.Value
			if v, err = byConn[line.Conn].Call(t.Context(), m.method, args.([]any), paramsOf(t, m.kwargs)); err == nil {
				require.Equal(t, string(parseMessage(reply.Payload).content), v.String())
			}
		}
		if fails {
			require.ErrorAs(t, err, new(*sim.SimulatorError))
		} else {
			require.NoError(t, err)
		}
	}
	require.Positive(t, len(fakes))
	if r.until == 0 {
		return ""
	}
	for _, c := range shuffled(how, r.connect) {
		connect(t, w, c, resolution)
	}
	for _, a := range shuffled(how, r.async) {
		source, requester, _ := strings.Cut(a, " <- ")
		w.ConnectAsync(w.Entity(source), w.Entity(requester))
	}
	if r.initial != "" {
		w.Instance(r.initial).SetInitialEvent(0)
	}
	opts := sim.RunOptions{Until: sim.Time(r.until) * sim.Time(resolution)}
	if r.paced {
		opts.Pace = 1
	}
	sum, err := w.Run(t.Context(), opts)
	if r.err == "" {
		require.NoError(t, err)
		return sum.Digest
	}
	require.ErrorContains(t, err, r.err)
	for _, f := range fakes {
		f.mayEnd.Store(true)
	}
	return ""
}

// connect reads and makes a connection of a replay.
func connect(t *testing.T, w *sim.World, text string, resolution time.Duration) {
	t.Helper()
	parts := strings.Split(text, ", ")
	var opts sim.ConnectOptions
	for _, p := range parts[1:] {
		if n, ok := strings.CutPrefix(p, "shift "); ok {
			shift, err := time.ParseDuration(n + "s")
			require.NoError(t, err)
			opts.Shift = time.Duration(shift.Seconds()) * resolution
		} else if v, ok := strings.CutPrefix(p, "initial "); ok {
			opts.Initial, opts.HasInitial = sim.RawValue(codec.Raw(v)), true
		} else {
			opts.Weak = p == "weak"
		}
	}
	var src, srcAttr, dst, dstAttr string
	_, err := fmt.Sscanf(parts[0], "%s %s -> %s %s", &src, &srcAttr, &dst, &dstAttr)
	require.NoError(t, err)
	require.NotNil(t, w.Entity(src), src)
	require.NotNil(t, w.Entity(dst), dst)
	require.NoError(t, w.Connect(w.Entity(src), srcAttr, w.Entity(dst), dstAttr, opts))
}

func paramsOf(t *testing.T, kwargs codec.Raw) sim.Params {
	v, err := codec.JSON.Decode(kwargs)
	require.NoError(t, err)
	params := sim.Params{}
	for _, m := range v.(codec.Object) {
		params[m.Key] = m.Value
	}
	return params
}

func decodeInto(raw codec.Raw, dst *[]string) error {
	parts, err := codec.JSON.Split(nil, raw)
	for _, p := range parts {
		s, serr := codec.JSON.String(p)
		if serr != nil {
			return serr
		}
		*dst = append(*dst, s)
	}
	return err
}
