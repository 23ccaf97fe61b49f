package ui

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/simrun/simrun/sim"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// ramp puts out its time in seconds.
type ramp struct {
	Slow time.Duration `param:"slow" default:"0s" doc:"real time of a step"`
	Out  sim.Output    `attr:"out" unit:"kW" doc:"time"`
}

func (r *ramp) Step(s *sim.Step) error {
	time.Sleep(r.Slow)
	r.Out.Set(s.Time().Seconds())
	return nil
}

// shownRun is a run with a page.
type shownRun struct {
	t       *testing.T
	live    *Live
	server  *Server
	world   *sim.World
	control sim.Control
	memory  sim.Memory
	stopped atomic.Bool
	cancel  context.CancelFunc
	over    chan error
	summary *sim.Summary
	client  *http.Client
	base    string
}

// show composes a run of n entities; a step takes some real time. It begins with start.
func show(t *testing.T, n int, slow time.Duration) *shownRun {
	r := &shownRun{t: t, world: sim.NewWorld(sim.Config{Start: time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)}), over: make(chan error, 1)}
	logs := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(logs, "house.log"), []byte("listening\nhalf a li"), 0o644))
	r.live = NewLive(LiveConfig{Name: "test", Folder: "runs/test", LogDir: logs, Control: &r.control, Stop: func() { r.stopped.Store(true); r.cancel() }})
	in, err := r.world.Add(t.Context(), "house", sim.NewModel[ramp](sim.ModelConfig{Name: "Ramp", Step: time.Second}), sim.AddOptions{})
	require.NoError(t, err)
	es, err := in.Create(t.Context(), "Ramp", n, sim.Params{"slow": slow.String()})
	require.NoError(t, err)
	var refs []sim.Ref
	for _, e := range es {
		refs = append(refs, sim.Ref{Entity: e, Attr: "out"})
	}
	require.NoError(t, r.world.Record(r.live.Sink(&r.memory), 0, refs...))
	r.server, err = Listen("127.0.0.1", r.live)
	require.NoError(t, err)
	u, err := url.Parse(r.server.URL())
	require.NoError(t, err)
	r.base = "http://" + u.Host
	jar, err := cookiejar.New(nil)
	require.NoError(t, err)
	r.client = &http.Client{Jar: jar, Transport: &http.Transport{}}
	t.Cleanup(func() {
		r.client.CloseIdleConnections()
		require.NoError(t, r.server.Close())
		require.NoError(t, r.world.Close())
	})
	return r
}

// start runs until the given virtual time.
func (r *shownRun) start(until sim.Time) {
	var ctx context.Context
	ctx, r.cancel = context.WithCancel(r.t.Context())
	r.t.Cleanup(r.cancel)
	r.live.Begin(r.world)
	go func() {
		var err error
		r.summary, err = r.world.Run(ctx, sim.RunOptions{Until: until, Control: &r.control})
		r.live.End(r.summary, err)
		r.over <- err
	}()
}

func (r *shownRun) token() string {
	_, token, _ := strings.Cut(r.server.URL(), "token=")
	return token
}

// enter opens the printed address, as a browser does.
func (r *shownRun) enter() {
	resp, err := r.client.Get(r.server.URL())
	require.NoError(r.t, err)
	defer resp.Body.Close()
	require.Equal(r.t, http.StatusOK, resp.StatusCode)
	require.Empty(r.t, resp.Request.URL.RawQuery, "the token is not in the address any more")
	text, err := io.ReadAll(resp.Body)
	require.NoError(r.t, err)
	require.Contains(r.t, string(text), "<title>simrun</title>")
}

// get asks for something with the cookie.
func (r *shownRun) get(path string, into any) *http.Response {
	resp, err := r.client.Get(r.base + path)
	require.NoError(r.t, err)
	defer resp.Body.Close()
	if into != nil {
		require.Equal(r.t, http.StatusOK, resp.StatusCode)
		require.NoError(r.t, json.NewDecoder(resp.Body).Decode(into))
	}
	return resp
}

func (r *shownRun) act(a Action) State {
	body, err := json.Marshal(a)
	require.NoError(r.t, err)
	resp, err := r.client.Post(r.base+"/api/act", "application/json", strings.NewReader(string(body)))
	require.NoError(r.t, err)
	defer resp.Body.Close()
	require.Equal(r.t, http.StatusOK, resp.StatusCode)
	var s State
	require.NoError(r.t, json.NewDecoder(resp.Body).Decode(&s))
	return s
}

func TestOnlyWhoHasTheTokenGetsIn(t *testing.T) {
	r := show(t, 1, 0)
	for _, path := range []string{"/", "/app.js", "/api/about", "/api/state", "/api/series", "/api/events", "/metrics", "/nothing"} {
		for name, change := range map[string]func(*http.Request){
			"no token":     func(*http.Request) {},
			"a wrong one":  func(q *http.Request) { q.URL.RawQuery = "token=AAAAAAAAAAAAAAAAAAAAAAAAAA" },
			"wrong cookie": func(q *http.Request) { q.Header.Set("Cookie", "simrun-1=x; simrun="+"x") },
			"wrong bearer": func(q *http.Request) { q.Header.Set("Authorization", "Bearer x") },
		} {
			q, err := http.NewRequest("GET", r.base+path, nil)
			require.NoError(t, err)
			change(q)
			resp, err := r.client.Do(q)
			require.NoError(t, err)
			resp.Body.Close()
			assert.Equal(t, http.StatusForbidden, resp.StatusCode, "%s with %s", path, name)
		}
	}
	r.enter()
	resp := r.get("/app.js", nil)
	assert.Equal(t, http.StatusOK, resp.StatusCode)
	assert.Equal(t, policy, resp.Header.Get("Content-Security-Policy"))
	assert.Equal(t, "nosniff", resp.Header.Get("X-Content-Type-Options"))
	assert.Equal(t, "no-referrer", resp.Header.Get("Referrer-Policy"))
	u, err := url.Parse(r.base)
	require.NoError(t, err)
	require.Len(t, r.client.Jar.Cookies(u), 1)
}

func TestListen(t *testing.T) {
	view := NewLive(LiveConfig{LogDir: t.TempDir(), Control: new(sim.Control)})
	for addr, want := range map[string]string{
		"": "http://127.0.0.1:", "127.0.0.1": "http://127.0.0.1:", "localhost": "http://localhost:", "localhost:0": "http://localhost:",
		"0.0.0.0:0": "http://127.0.0.1:",
	} {
		s, err := Listen(addr, view)
		require.NoError(t, err, addr)
		assert.True(t, strings.HasPrefix(s.URL(), want), "%s: %s", addr, s.URL())
		resp, err := http.Get(strings.Replace(s.URL(), "/?", "/api/state?", 1))
		require.NoError(t, err)
		resp.Body.Close()
		assert.Equal(t, http.StatusOK, resp.StatusCode, addr)
		http.DefaultClient.CloseIdleConnections()
		require.NoError(t, s.Close())
		require.NoError(t, s.Close(), "again")
	}
	_, err := Listen("192.0.2.1:1", view)
	assert.Error(t, err)
}

func TestOtherServersGetAnotherToken(t *testing.T) {
	one, other := show(t, 1, 0), show(t, 1, 0)
	assert.NotEqual(t, one.token(), other.token())
	assert.GreaterOrEqual(t, len(one.token()), 26, "128 bits in base 32")
}

// A page elsewhere whose name leads to this machine is not let in, nor is one that sends
// a form, though the browser sends the cookie.
func TestPagesElsewhereAreRefused(t *testing.T) {
	r := show(t, 1, 0)
	r.enter()
	host := func(name string) int {
		q, err := http.NewRequest("GET", r.base+"/api/state", nil)
		require.NoError(t, err)
		q.Host = name
		q.Header.Set("Authorization", "Bearer "+r.token())
		resp, err := r.client.Do(q)
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode
	}
	assert.Equal(t, http.StatusMisdirectedRequest, host("evil.example"))
	assert.Equal(t, http.StatusMisdirectedRequest, host("evil.example:80"))
	assert.Equal(t, http.StatusMisdirectedRequest, host("localhost.evil.example"))
	assert.Equal(t, http.StatusOK, host("localhost:9000"), "as through a tunnel")
	assert.Equal(t, http.StatusOK, host("[::1]:9000"))

	post := func(header, value string) int {
		q, err := http.NewRequest("POST", r.base+"/api/act", strings.NewReader(`{"do":"pause"}`))
		require.NoError(t, err)
		q.Header.Set(header, value)
		resp, err := r.client.Do(q)
		require.NoError(t, err)
		resp.Body.Close()
		return resp.StatusCode
	}
	assert.Equal(t, http.StatusForbidden, post("Sec-Fetch-Site", "cross-site"))
	assert.Equal(t, http.StatusForbidden, post("Sec-Fetch-Site", "same-site"))
	assert.Equal(t, http.StatusForbidden, post("Origin", "http://evil.example"))
	assert.False(t, r.control.Paused())
	assert.Equal(t, http.StatusOK, post("Sec-Fetch-Site", "same-origin"))
	assert.True(t, r.control.Paused())
	assert.Equal(t, http.StatusNotFound, r.get("/api/act", nil).StatusCode, "it takes more than to look")
}

func TestButtons(t *testing.T) {
	r := show(t, 1, 0)
	r.enter()
	r.act(Action{Do: "pause"})
	r.start(1000 * sim.Time(time.Second))
	require.Eventually(t, func() bool { return r.live.State().Phase == phasePaused }, time.Minute, time.Millisecond)
	assert.Zero(t, r.act(Action{Do: "pause"}).Reached)
	for i := 1; i <= 3; i++ {
		r.act(Action{Do: "step"})
		require.Eventually(t, func() bool { return r.world.Status().Steps == int64(i) }, time.Minute, time.Millisecond)
	}
	assert.Equal(t, 10.0, r.act(Action{Do: "pace", Pace: 10}).Pace)
	for _, wrong := range []string{`{"do":"dance"}`, `{"do":"pace","pace":-1}`, `{`, strings.Repeat(" ", 2*mostBody)} {
		resp, err := r.client.Post(r.base+"/api/act", "application/json", strings.NewReader(wrong))
		require.NoError(t, err)
		resp.Body.Close()
		assert.GreaterOrEqual(t, resp.StatusCode, 400, wrong)
	}
	r.act(Action{Do: "stop"})
	assert.ErrorIs(t, <-r.over, sim.ErrInterrupted)
	assert.True(t, r.stopped.Load())
	assert.Equal(t, phaseStopped, r.live.State().Phase)
	assert.Equal(t, int64(3), r.live.State().Steps)
	assert.Equal(t, map[string]int{"stopped": 1}, r.live.State().Count)
}

// events reads the stream of a page until its end.
func (r *shownRun) events(query string) (byName map[string][]json.RawMessage) {
	resp, err := r.client.Get(r.base + "/api/events?" + query)
	require.NoError(r.t, err)
	defer resp.Body.Close()
	require.Equal(r.t, "text/event-stream", resp.Header.Get("Content-Type"))
	byName = make(map[string][]json.RawMessage)
	name := ""
	lines := bufio.NewScanner(resp.Body)
	lines.Buffer(nil, 1<<22)
	for lines.Scan() {
		if n, ok := strings.CutPrefix(lines.Text(), "event: "); ok {
			name = n
		} else if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			byName[name] = append(byName[name], json.RawMessage(data))
		}
	}
	return byName
}

func TestEventsShowWhatWasRecorded(t *testing.T) {
	r := show(t, 3, 0)
	r.enter()
	r.live.Log("somebody", "says something")
	r.start(500 * sim.Time(time.Second))
	require.NoError(t, <-r.over)
	byName := r.events("series=0,2")
	require.Len(t, byName["over"], 1)

	var s State
	states := byName["state"]
	require.NoError(t, json.Unmarshal(states[len(states)-1], &s))
	assert.Equal(t, phaseDone, s.Phase)
	assert.Equal(t, 500.0, s.Reached)
	assert.Equal(t, int64(500), s.Steps)
	assert.Equal(t, r.summary.Rows, s.Rows)
	require.Len(t, s.Sims, 1)
	assert.Equal(t, r.summary.Instances[0].Stats().Own.Seconds(), s.Sims[0].Own)

	have := map[int]*Points{}
	for _, event := range byName["points"] {
		var points []Points
		require.NoError(t, json.Unmarshal(event, &points))
		for _, p := range points {
			if have[p.ID] == nil {
				have[p.ID] = &Points{}
			}
			h := have[p.ID]
			h.T, h.V, h.Latest = append(h.T[:p.Keep], p.T...), append(h.V[:p.Keep], p.V...), p.Latest
		}
	}
	require.Len(t, have, 2)
	for id, p := range have {
		times, values := r.memory.Floats(r.memory.Series[id].Entity, "out")
		require.Len(t, p.T, len(times), "so few that all are shown")
		for i := range times {
			require.Equal(t, times[i].Seconds(), p.T[i])
		}
		assert.Equal(t, values, p.V)
		assert.Equal(t, "499", strings.TrimSuffix(p.Latest, ".0"))
	}

	var lines []Line
	require.NoError(t, json.Unmarshal(byName["lines"][0], &lines))
	require.Len(t, lines, 2)
	assert.Equal(t, Line{1, 0, "somebody", "says something"}, lines[0])
	assert.Equal(t, "listening", lines[1].Text, "and not the half of a line")
	assert.Equal(t, "house", lines[1].From)
}

func TestAboutAndSearch(t *testing.T) {
	r := show(t, 120, 0)
	r.enter()
	r.start(sim.Time(time.Second))
	require.NoError(t, <-r.over)
	var a About
	r.get("/api/about", &a)
	assert.Equal(t, []SimInfo{{"house", []string{"120 Ramp"}}}, a.Sims)
	assert.Equal(t, 120, a.Series)
	assert.Equal(t, 1780272000.0, *a.Start)
	var found struct {
		Series []Series
		Count  int
	}
	r.get("/api/series?q=", &found)
	assert.Len(t, found.Series, mostFound)
	assert.Equal(t, 120, found.Count)
	r.get("/api/series?q=RAMP-11", &found)
	assert.Equal(t, 11, found.Count, "11 and 110 to 119")
	assert.Equal(t, "house.Ramp-11.out", found.Series[0].Name)
	assert.Equal(t, "kW", found.Series[0].Unit)
	for _, wrong := range []string{"x", "-1", "0,1,2,3,4,5,6,7,8"} {
		assert.Equal(t, http.StatusBadRequest, r.get("/api/events?series="+wrong, nil).StatusCode, wrong)
	}
	assert.NotNil(t, r.events("series=99999")["state"], "a number of nothing is no reason to fail")
}

// A page that does not read what it is sent does not hold up the run.
func TestPageThatDoesNotReadHoldsUpNobody(t *testing.T) {
	r := show(t, 2000, 0)
	conn, err := net.Dial("tcp", strings.TrimPrefix(r.base, "http://"))
	require.NoError(t, err)
	defer conn.Close()
	_, err = io.WriteString(conn, "GET /api/events?series=0,1,2,3,4,5,6,7 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "+r.token()+"\r\n\r\n")
	require.NoError(t, err)
	r.start(200 * sim.Time(time.Second))
	require.NoError(t, <-r.over)
	assert.Equal(t, int64(2000*200), r.summary.Rows)
}

func TestPagesAreLimited(t *testing.T) {
	r := show(t, 1, 0)
	r.enter()
	for range mostPages {
		r.server.pages <- struct{}{}
	}
	assert.Equal(t, http.StatusServiceUnavailable, r.get("/api/events", nil).StatusCode)
	for range mostPages {
		<-r.server.pages
	}
}

func TestFailedRun(t *testing.T) {
	r := show(t, 1, 0)
	r.enter()
	r.live.Begin(r.world)
	at := sim.Time(5)
	r.live.End(&sim.Summary{Reached: at, Wall: time.Second, Instances: r.world.Instances()}, &sim.SimulatorError{Sim: "house", Op: "step", At: &at, Err: errors.New("on fire")})
	var s State
	r.get("/api/state", &s)
	assert.Equal(t, phaseFailed, s.Phase)
	assert.Contains(t, s.Error, "on fire")
	assert.Equal(t, string(stateFailed), s.Sims[0].State)
}

// The page says the same of what has taken the time as the summary of the run.
func TestEndOfARunWithAPace(t *testing.T) {
	r := show(t, 1, 0)
	r.enter()
	r.live.Begin(r.world)
	summary, err := r.world.Run(t.Context(), sim.RunOptions{Until: 3 * sim.Time(time.Second), Control: &r.control})
	require.NoError(t, err)
	summary.Wall = time.Hour // as with a pace
	require.NoError(t, r.control.SetPace(1))
	r.live.End(summary, nil)
	var s State
	r.get("/api/state", &s)
	assert.Equal(t, "The run follows the clock; the simulators take less than 1% of the time.", s.Bottleneck)
}

func TestMetricsHaveTheNumbersOfThePage(t *testing.T) {
	r := show(t, 2, 0)
	r.start(100 * sim.Time(time.Second))
	require.NoError(t, <-r.over)
	q, err := http.NewRequest("GET", r.base+"/metrics", nil)
	require.NoError(t, err)
	q.Header.Set("Authorization", "Bearer "+r.token())
	resp, err := r.client.Do(q)
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	assert.Equal(t, "text/plain; version=0.0.4; charset=utf-8", resp.Header.Get("Content-Type"))
	for _, want := range []string{
		"# TYPE simrun_virtual_seconds gauge\nsimrun_virtual_seconds 100\n",
		"simrun_virtual_until_seconds 100\n",
		`simrun_phase{phase="done"} 1` + "\n", `simrun_phase{phase="running"} 0` + "\n",
		"simrun_recorded_values_total 200\n", `simrun_simulator_steps_total{simulator="house"} 100` + "\n",
	} {
		assert.Contains(t, string(text), want)
	}
	for line := range strings.Lines(string(text)) {
		assert.Regexp(t, `^(# (HELP|TYPE) simrun_\w+ .+|simrun_\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? -?[0-9.e+-]+)\n$`, line)
	}
	assert.Equal(t, `{a="\"x\\\n"}`, label("a", "\"x\\\n"))
}

// endsMeanwhile is a view of a run that ends while a page looks at it.
type endsMeanwhile struct {
	View
	over chan struct{}
	once sync.Once
	end  func()
}

func (e *endsMeanwhile) State() State {
	e.once.Do(e.end)
	return e.View.State()
}

func (e *endsMeanwhile) Over() <-chan struct{} { return e.over }

// A page gets to know the end of the run also if the server ends at the same time.
func TestPageLearnsOfTheEndThatTheServerEndsWith(t *testing.T) {
	for range 20 {
		view := &endsMeanwhile{View: NewLive(LiveConfig{LogDir: t.TempDir(), Control: new(sim.Control)}), over: make(chan struct{})}
		server, err := Listen("127.0.0.1", view)
		require.NoError(t, err)
		closed := make(chan error, 1)
		view.end = func() {
			close(view.over)
			go func() { closed <- server.Close() }()
			<-server.closing
		}
		base, token, _ := strings.Cut(server.URL(), "?token=")
		q, err := http.NewRequestWithContext(t.Context(), "GET", base+"api/events", nil)
		require.NoError(t, err)
		q.Header.Set("Authorization", "Bearer "+token)
		client := http.Client{Transport: &http.Transport{}}
		resp, err := client.Do(q)
		require.NoError(t, err)
		text, err := io.ReadAll(resp.Body)
		require.NoError(t, err)
		require.NoError(t, resp.Body.Close())
		client.CloseIdleConnections()
		require.NoError(t, <-closed)
		require.Contains(t, string(text), "event: over")
	}
}

func TestServerEndsWithThePagesThatAreOpen(t *testing.T) {
	r := show(t, 1, time.Millisecond)
	r.enter()
	r.start(10_000 * sim.Time(time.Second))
	read := make(chan map[string][]json.RawMessage)
	go func() { read <- r.events("series=0") }()
	require.Eventually(t, func() bool { return len(r.server.pages) == 1 }, time.Minute, time.Millisecond)
	r.cancel()
	require.ErrorIs(t, <-r.over, sim.ErrInterrupted)
	require.NoError(t, r.server.Close())
	states := (<-read)["state"]
	var s State
	require.NoError(t, json.Unmarshal(states[len(states)-1], &s))
	assert.Equal(t, phaseStopped, s.Phase, "an open page gets to know the end")
}

// Of many series only those are kept that somebody has chosen, and not more and more.
func TestChoiceFromManySeries(t *testing.T) {
	const n = 2*mostKeptSeries + 10
	r := show(t, n, 0)
	r.enter()
	r.act(Action{Do: "pause"})
	r.start(1000 * sim.Time(time.Second))
	require.Eventually(t, func() bool { return r.live.About().Series == n }, time.Minute, time.Millisecond)
	for id := range n {
		r.live.Choose([]int{id})
	}
	kept := 0
	for _, k := range r.live.tracks {
		if k != nil {
			kept++
		}
	}
	assert.LessOrEqual(t, kept, mostKeptSeries)
	r.act(Action{Do: "resume"})
	require.NoError(t, <-r.over)
	p := r.live.News(n-1, new(shown))
	assert.Equal(t, "999", strings.TrimSuffix(p.Latest, ".0"))
	assert.Empty(t, r.live.News(0, new(shown)).Latest, "nobody wants to see it")
}
