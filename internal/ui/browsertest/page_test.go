package browsertest

import (
	"bufio"
	"context"
	"encoding/csv"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/chromedp"
)

var update = flag.Bool("update", false, "write the pictures in docs/img anew")

// root is the folder of the project.
var root = filepath.Join("..", "..", "..")

// browsers are the programs that can be driven, in the order of preference.
var browsers = []string{"chromium-headless-shell", "chromium", "google-chrome"}

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "simrun-browsertest-*")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "simrun")
	cmd := exec.Command("go", "build", "-o", path, "./cmd/simrun")
	cmd.Dir = root
	out, err := cmd.CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("%w: %s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	flag.Parse()
	code := m.Run()
	if path, err := build(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path)) // what is left is left to the system
	}
	os.Exit(code)
}

// browser is a page in a browser.
type browser struct {
	t   *testing.T
	ctx context.Context
}

// open starts a browser of this size and scheme.
func open(t *testing.T, width, height int64, scheme string) *browser {
	t.Helper()
	path := ""
	for _, name := range browsers {
		if p, err := exec.LookPath(name); err == nil {
			path = p
			break
		}
	}
	if path == "" {
		t.Fatalf("there is none of %s on the path", strings.Join(browsers, ", "))
	}
	opts := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path))
	if os.Getuid() == 0 {
		opts = append(opts, chromedp.NoSandbox) // which it refuses to root
	}
	allocator, cancel := chromedp.NewExecAllocator(context.Background(), opts...)
	t.Cleanup(cancel)
	ctx, cancelTab := chromedp.NewContext(allocator)
	read := make(chan struct{})
	t.Cleanup(func() { cancelTab(); <-read })
	b := &browser{t, ctx}
	b.must(chromedp.Do(ctx)) // starts the browser, which ends with the context of this call
	b.do(chromedp.EmulateViewport(width, height))
	_, err := chromedp.Call(ctx, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}})
	b.must(err)
	go func() {
		defer close(read)
		for m, err := range chromedp.Console(ctx) {
			if err != nil {
				return
			}
			if m.IsException() || m.Type == "error" {
				t.Errorf("the page complains: %s", m)
			}
		}
	}()
	return b
}

func (b *browser) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *browser) do(steps ...chromedp.Action[chromedp.Void]) {
	b.t.Helper()
	ctx, cancel := context.WithTimeout(b.ctx, 30*time.Second)
	defer cancel()
	b.must(chromedp.Do(ctx, steps...))
}

// eval evaluates an expression in the page.
func eval[T any](b *browser, expression string) T {
	b.t.Helper()
	v, err := chromedp.Run(b.ctx, chromedp.Evaluate[T](expression))
	if err != nil {
		b.t.Fatalf("%s: %v", expression, err)
	}
	return v
}

// until waits until an expression is true.
func (b *browser) until(expression string) {
	b.t.Helper()
	for end := time.Now().Add(30 * time.Second); !eval[bool](b, expression); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("it never became true: %s\nsearched: %q\n%s", expression, eval[string](b, `document.getElementById("search").value`), eval[string](b, "document.querySelector('header').innerText"))
		}
	}
}

func (b *browser) click(selector string) { b.t.Helper(); b.do(chromedp.Click(selector)) }

// search goes to the search box by its key and types.
func (b *browser) search(text string) {
	b.t.Helper()
	b.do(chromedp.KeyEvent("/"))
	b.until(`document.activeElement.id === "search"`)
	// The driver sends the character of a key even if the page does not want it.
	eval[string](b, `document.getElementById("search").value = ""`)
	b.do(chromedp.KeyEvent(text))
}

func (b *browser) reached() float64 {
	b.t.Helper()
	return eval[float64](b, `Number(document.getElementById("reached").dataset.seconds)`)
}

// picture takes a picture of the part of the page that is seen.
func (b *browser) picture(name string) {
	b.t.Helper()
	png, err := chromedp.Run(b.ctx, chromedp.CaptureScreenshot())
	b.must(err)
	if len(png) < 10_000 {
		b.t.Fatalf("a picture of %d bytes shows nothing", len(png))
	}
	if *update {
		b.must(os.WriteFile(filepath.Join(root, "docs", "img", name), png, 0o644))
	}
}

// simrun is the command at work, with a page.
type simrun struct {
	t   *testing.T
	cmd *exec.Cmd
	url string
	dir string
}

// start runs simrun with arguments in a folder of its own until it has printed the address.
func start(t *testing.T, args ...string) *simrun {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	s := &simrun{t: t, cmd: exec.Command(path, args...), dir: t.TempDir()}
	s.cmd.Dir = s.dir
	stderr, err := s.cmd.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = s.cmd.Process.Kill() // it may have ended
		_ = s.cmd.Wait()
	})
	lines := bufio.NewReader(stderr)
	for s.url == "" {
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("simrun has ended: %s%v", line, err)
		}
		if rest, ok := strings.CutPrefix(line, "Open "); ok {
			s.url = strings.TrimSpace(rest)
		}
	}
	go func() { _, _ = io.Copy(io.Discard, lines) }()
	return s
}

// recorded reads the values of a run by series and time.
func (s *simrun) recorded() map[string]map[string]string {
	f, err := os.Open(filepath.Join(s.dir, "run", "results.csv"))
	if err != nil {
		s.t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		s.t.Fatal(err)
	}
	values := make(map[string]map[string]string)
	for _, r := range rows[1:] {
		name := r[2] + "." + r[3]
		if values[name] == nil {
			values[name] = make(map[string]string)
		}
		values[name][r[0]] = r[4]
	}
	return values
}

// latest are the values that the page shows.
type latest struct{ Series, Value, At string }

func (b *browser) latest() []latest {
	b.t.Helper()
	return eval[[]latest](b, `[...document.querySelectorAll("[data-series]")].map(e => ({Series: e.dataset.series, Value: e.dataset.value, At: e.dataset.at}))`)
}

func TestPageOfARun(t *testing.T) {
	s := start(t, "run", "builtin:district", "--pace", "20000", "--ui", "--out", "run", "--progress", "none")
	b := open(t, 1280, 900, "light")
	b.do(chromedp.Navigate(s.url))
	b.until(`document.body.dataset.phase === "running" && document.querySelectorAll("[data-series]").length > 0`)
	if at := eval[string](b, "location.href"); strings.Contains(at, "token") {
		t.Errorf("the token is still in the address: %s", at)
	}

	if eval[bool](b, `document.getElementById("lagfact").hidden`) || eval[string](b, `document.getElementById("lag").textContent`) == "–" {
		t.Error("how far behind the run is is not shown")
	}

	// Choose a series by the keyboard: search, and check it.
	b.search("store[3]")
	b.until(`document.querySelectorAll("#series li").length === 2`)
	b.do(chromedp.KeyEvent("\t"), chromedp.KeyEvent(" "))
	b.until(`[...document.querySelectorAll("[data-series]")].some(e => e.dataset.series === "store[3].power" && e.dataset.value !== "")`)

	// Pause: nothing goes on. Step: an instant does.
	b.click("#pause")
	b.until(`document.body.dataset.phase === "paused"`)
	time.Sleep(600 * time.Millisecond) // for what is under way
	before := b.reached()
	time.Sleep(time.Second)
	if at := b.reached(); at != before {
		t.Errorf("paused at %v s, it went on to %v s", before, at)
	}
	shown := b.latest()

	// A part of a chart that somebody has chosen stays in view when values come.
	const part = `document.querySelector(".chart").dataset.from + " to " + document.querySelector(".chart").dataset.to`
	whole := eval[string](b, part)
	box := eval[struct{ X, Y float64 }](b, `(() => { const r = document.querySelector(".u-over").getBoundingClientRect(); return {X: r.x, Y: r.y}; })()`)
	for i, event := range []input.DispatchMouseEventType{chromedp.MouseMoved, chromedp.MousePressed, chromedp.MouseMoved, chromedp.MouseReleased} {
		b.do(chromedp.MouseEvent(event, box.X+100+100*float64(i/2), box.Y+80, chromedp.ButtonLeft))
	}
	b.until(part + fmt.Sprintf(" !== %q", whole))
	chosen := eval[string](b, part)
	if text := eval[string](b, `document.querySelector(".readout").textContent`); !strings.Contains(text, "UTC: transformer.power ") {
		t.Errorf("the values below the pointer are %q", text)
	}
	for range 4 {
		at := b.reached()
		b.click("#step")
		b.until(fmt.Sprintf(`Number(document.getElementById("reached").dataset.seconds) > %v`, at))
	}
	if got := eval[string](b, part); got != chosen {
		t.Errorf("the part of the chart in view was %s, and is %s", chosen, got)
	}
	if at := b.reached(); at <= before || at > before+5*900 {
		t.Errorf("four steps from %v s led to %v s", before, at)
	}
	shown = append(shown, b.latest()...)
	if eval[int](b, `document.querySelectorAll("#arrows path.arrow").length`) == 0 {
		t.Error("no message of agents is shown, although there are some and no trace is needed")
	}
	if eval[bool](b, `document.getElementById("messages").hidden`) {
		t.Error("the messages of agents are hidden")
	}
	if n := eval[int](b, `document.querySelectorAll("#graph .node").length`); n != 9 {
		t.Errorf("%d simulators are drawn, not 9", n)
	}

	// The space bar lets it go on, faster, to its end.
	eval[any](b, `document.activeElement.blur()`)
	b.do(chromedp.KeyEvent(" "))
	b.until(`document.body.dataset.phase === "running"`)
	eval[any](b, `(() => { const p = document.getElementById("pace"); p.value = "86400"; p.dispatchEvent(new Event("change")); })()`)
	b.until(`document.body.dataset.phase === "done"`)
	final := b.latest()
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("simrun: %v", err)
	}

	// What it has shown is what was recorded.
	values := s.recorded()
	if len(shown) < 10 {
		t.Fatalf("only %d values were shown", len(shown))
	}
	for _, l := range append(shown, final...) {
		at, err := strconv.ParseFloat(l.At, 64)
		b.must(err)
		want := values[l.Series][strconv.FormatFloat(at, 'f', -1, 64)]
		w, err := strconv.ParseFloat(want, 64)
		if err != nil {
			t.Errorf("%s at %s s is shown and was not recorded", l.Series, l.At)
			continue
		}
		if got, err := strconv.ParseFloat(l.Value, 64); err != nil || got != w {
			t.Errorf("%s at %s s: the page shows %s, recorded is %s", l.Series, l.At, l.Value, want)
		}
	}
	b.countsAreThoseOf(s)

	// The run that has ended shows the same.
	ended := start(t, "ui", filepath.Join(s.dir, "run"))
	b.do(chromedp.Navigate(ended.url))
	b.until(`document.body.dataset.phase === "done" && [...document.querySelectorAll("[data-series]")].some(e => e.dataset.value)`)
	if !eval[bool](b, `document.getElementById("controls").hidden`) {
		t.Error("a run that has ended has buttons")
	}
}

// countsAreThoseOf checks that the page of a run that has ended shows as many steps and
// values as its manifest has.
func (b *browser) countsAreThoseOf(s *simrun) {
	b.t.Helper()
	var manifest struct {
		Rows       int
		Simulators []struct {
			Name  string
			Steps int
		}
	}
	text, err := os.ReadFile(filepath.Join(s.dir, "run", "manifest.json"))
	b.must(err)
	b.must(json.Unmarshal(text, &manifest))
	for _, sim := range manifest.Simulators {
		if got := eval[int](b, fmt.Sprintf(`Number(document.querySelector('[data-sim="%s"] [data-steps]').dataset.steps)`, sim.Name)); got != sim.Steps {
			b.t.Errorf("%s: the page shows %d steps, it made %d", sim.Name, got, sim.Steps)
		}
	}
	if got := eval[string](b, `document.getElementById("rows").textContent`); strings.ReplaceAll(got, ",", "") != strconv.Itoa(manifest.Rows) {
		b.t.Errorf("the page shows %s values, recorded are %d", got, manifest.Rows)
	}
}

// A run of 10,000 entities does not make a page of 10,000 lines, and ends as one without a page.
func TestPageOfManyEntities(t *testing.T) {
	s := start(t, "run", "builtin:minimal", "--set", "homes=10000", "--until", "3d", "--ui", "--out", "run", "--progress", "none", "--pace", "20000")
	b := open(t, 1280, 900, "dark")
	b.do(chromedp.Navigate(s.url))
	b.until(`document.body.dataset.phase === "running" && document.querySelectorAll("#series li").length > 0`)
	if n := eval[int](b, `document.querySelectorAll("*").length`); n > 1500 {
		t.Errorf("the page has %d elements", n)
	}
	b.search("home[7777]")
	b.until(`document.querySelectorAll("#series li").length === 1`)
	b.click("#series input")
	b.until(`[...document.querySelectorAll("[data-series]")].some(e => e.dataset.series === "home[7777].power" && e.dataset.value)`)
	if !eval[bool](b, `document.getElementById("messages").hidden`) {
		t.Error("a run without agents has a place for their messages")
	}
	eval[any](b, `(() => { const p = document.getElementById("pace"); p.value = "86400"; p.dispatchEvent(new Event("change")); })()`)
	b.until(`document.body.dataset.phase === "done"`)
	final := b.latest()
	if err := s.cmd.Wait(); err != nil {
		t.Fatalf("simrun: %v", err)
	}
	b.countsAreThoseOf(s)
	values := s.recorded()
	if len(values) < 10_000 {
		t.Errorf("only %d series were recorded", len(values))
	}
	for _, l := range final {
		if got := values[l.Series][l.At]; got != l.Value {
			t.Errorf("%s at %s s: the page shows %s, recorded is %s", l.Series, l.At, l.Value, got)
		}
	}
}

// A run can be stopped on its page.
func TestStop(t *testing.T) {
	s := start(t, "run", "builtin:minimal", "--ui", "--out", "run", "--progress", "none", "--pace", "20000")
	b := open(t, 1280, 900, "dark")
	b.do(chromedp.Navigate(s.url))
	b.until(`document.body.dataset.phase === "running" && document.querySelectorAll("[data-series]").length > 0`)
	eval[any](b, `(confirm = () => true) && null`)
	b.click("#stop")
	b.until(`document.body.dataset.phase === "stopped"`)
	// The bar glides to where it belongs.
	b.until(`Math.abs(100 * document.getElementById("fill").clientWidth / document.getElementById("bar").clientWidth - Number(document.getElementById("bar").getAttribute("aria-valuenow"))) < 2`)
}

// Numbers on the page are written as the command writes them, also where rounding makes them longer.
func TestNumbersOnThePage(t *testing.T) {
	s := start(t, "run", "builtin:minimal", "--ui", "--out", "run", "--progress", "none", "--pace", "20000")
	b := open(t, 1280, 900, "dark")
	b.do(chromedp.Navigate(s.url))
	b.until(`document.body.dataset.phase === "running"`)
	eval[any](b, `void import("./text.js").then((text) => { globalThis.text = text; }) || null`)
	b.until(`globalThis.text !== undefined`)
	eval[any](b, `void import("./charts.js").then((charts) => { globalThis.charts = charts; }) || null`)
	b.until(`globalThis.charts !== undefined`)
	got := eval[string](b, `JSON.stringify(charts.join([[[0, 1, 1, 2], [5, 6, 7, 8]], [[1, 2, 2], [1, 2, 3]], [[], []]]))`)
	if want := "[[0,1,1,2,2],[5,6,7,8,null],[null,1,null,2,3],[null,null,null,null,null]]"; got != want {
		t.Errorf("series with several values at one time become %s, want %s", got, want)
	}
	for expression, want := range map[string]string{
		"speed(99.96)": "100×", "speed(100)": "100×", "speed(10)": "10×", "speed(12.34)": "12.3×", "speed(0.5)": "0.5×", "speed(0.001)": "0.001×", "speed(0.012345)": "0.012×", "speed(999)": "999×",
		"speed(9994)": "9994×", "speed(10000)": "10 thousand ×", "speed(999600)": "1 million ×", "speed(5e9)": "5 billion ×", "speed(0)": "–",
		"bytes(0)": "0 bytes", "bytes(1)": "1 byte", "bytes(330)": "330 bytes", "bytes(1234)": "1.23 kB", "bytes(999499)": "999 kB", "bytes(999500)": "1 MB",
		"wall(0.9999999)": "1.00 s", "wall(1.5e-6)": "1.50 us", "wall(9.996)": "10.0 s", "wall(99.96)": "100 s", "wall(100)": "100 s", "wall(0.0456)": "45.6 ms",
		"span(900)": "15 min", "span(277141)": "3 d 4 h", "span(1.234567)": "1 s 234 ms", "span(0)": "0 s", "count(1234567)": "1,234,567",
		"value('0.30000000000000004')": "0.3", "value('123456789')": "1.2346e+8", "value('-0.00001')": "-1.0000e-5", "value('NaN')": "NaN",
		"date(1792972798.25)": "Sun 2026-10-25 23:59:58 UTC",
	} {
		if got := eval[string](b, "text."+expression); got != want {
			t.Errorf("%s is %q, want %q", expression, got, want)
		}
	}
}

// The page says why there is nothing to see, and goes on saying it.
func TestPageOfADamagedRun(t *testing.T) {
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	run := filepath.Join(t.TempDir(), "run")
	if out, err := exec.Command(path, "run", "builtin:minimal", "--out", run, "--quiet").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	if err := os.Truncate(filepath.Join(run, "results.csv"), 1000); err != nil {
		t.Fatal(err)
	}
	s := start(t, "ui", run)
	b := open(t, 1280, 900, "light")
	b.do(chromedp.Navigate(s.url))
	const told = `document.body.dataset.phase === "done" && document.getElementById("notice").textContent.includes("it has 1000 bytes")`
	b.until(told)
	const series = `document.querySelectorAll("[data-series]").length`
	before := eval[int](b, series)
	b.click(`.chips button`)
	b.until(fmt.Sprintf("%s === %d", series, before-1))
	b.until(told)
}

// hidden lists the connections that pass behind a simulator that is not at their ends, where
// nobody can tell whether they go on.
const hidden = `[...document.querySelectorAll("#graph .link")].filter((path) => {
	const [from, to] = path.querySelector("title").textContent.split(/ → |: /);
	const boxes = [...document.querySelectorAll("#graph .node")].filter((g) => ![from, to].includes(g.querySelector("title").textContent.split(": ")[0]));
	return boxes.some((g) => {
		const { e: x, f: y } = g.transform.baseVal.consolidate().matrix, box = g.querySelector("rect").getBBox();
		for (let at = 0, all = path.getTotalLength(); at < all; at += 4) {
			const p = path.getPointAtLength(at);
			if (p.x > x && p.x < x + box.width && p.y > y && p.y < y + box.height) return true;
		}
		return false;
	});
}).map((path) => path.textContent).join("\n")`

// The page fits a phone: nothing is wider than the screen, and connections go round simulators.
func TestPictures(t *testing.T) {
	s := start(t, "run", "builtin:district", "--set", "batteries=24", "--until", "2027-01-01", "--trace", "trace.zst", "--ui", "--out", "run", "--progress", "none")
	for _, p := range []struct {
		name          string
		width, height int64
		scheme        string
	}{
		{"ui-light.png", 1280, 860, "light"},
		{"ui-dark.png", 1280, 860, "dark"},
		{"ui-narrow.png", 390, 1500, "light"},
	} {
		b := open(t, p.width, p.height, p.scheme)
		b.do(chromedp.Navigate(s.url))
		b.until(`document.querySelectorAll("[data-series]").length > 0 && Number(document.getElementById("reached").dataset.seconds) > 10*86400`)
		time.Sleep(time.Second) // a few looks at the run
		if w := eval[int64](b, `document.documentElement.scrollWidth`); w > p.width {
			t.Errorf("%s: the page is %d pixels wide, the screen %d", p.name, w, p.width)
		}
		if connections := eval[string](b, hidden); connections != "" {
			t.Errorf("%s: connections that pass behind simulators:\n%s", p.name, connections)
		}
		b.picture(p.name)
	}
}
