package scheduler

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// pendingSet is what the queue and those that it is compared with have in common.
type pendingSet interface {
	push(Time, order, *Actor, Handler) EventID
	popUntil(Time) (Time, order, event, bool)
}

type timerSet interface {
	pendingSet
	cancel(EventID) bool
	reschedule(EventID, Time, order) bool
}

// BenchmarkQueue prints what an event costs in nanoseconds, for each shape of load
// and number of events pending, with the queue and with two heaps. When all is measured it
// prints the table that docs/benchmarks.md has.
//
// The queues take turns in rounds, and the least of each counts: what else the machine
// does then touches all of them, and least of all what is printed. A round is long
// enough for the queue to have turned over twice.
func BenchmarkQueue(b *testing.B) {
	sizes := []int{10, 100, 1_000, 10_000, 100_000, 1_000_000}
	table := benchTable{"| load | 10 | 100 | 1,000 | 10,000 | 100,000 | 1,000,000 |", "|---|---|---|---|---|---|---|"}
	for _, shape := range holdShapes {
		row := "| " + shape.name
		for _, n := range sizes {
			row += " | " + race(b, fmt.Sprintf("hold/%s/%d", shape.name, n), n, func(*testing.B) []contender {
				return []contender{
					newHold("queue", new(eventQueue), n, shape),
					newHold("binary-heap", new(valueHeap), n, shape),
					newHold("4-ary-heap", new(heapQueue), n, shape),
				}
			})
		}
		table = append(table, row+" |")
	}
	for _, churn := range []string{"cancel", "reschedule"} {
		row := "| " + churn
		for _, n := range sizes {
			row += " | " + race(b, fmt.Sprintf("%s/%d", churn, n), n, func(*testing.B) []contender {
				return []contender{
					newTimers("queue", new(eventQueue), n, churn),
					newTimers("4-ary-heap", new(heapQueue), n, churn),
				}
			})
		}
		table = append(table, row+" |")
	}
	table.print()
}

// BenchmarkQueueModels prints the same for small models, on a queue alone and on a
// loop, with all that goes with it. M/M/1 has two events for each customer.
func BenchmarkQueueModels(b *testing.B) {
	race(b, "mm1", 1, func(b *testing.B) []contender { return []contender{newMM1(b)} })
	table := benchTable{"| model | queue / 4-ary heap / loop |", "|---|---|"}
	for _, m := range []struct{ lps, each int }{{1024, 1}, {1024, 16}, {65536, 1}, {65536, 16}} {
		name := fmt.Sprintf("phold/%dx%d", m.lps, m.each)
		table = append(table, fmt.Sprintf("| %s | %s |", name, race(b, name, m.lps*m.each, func(b *testing.B) []contender {
			return []contender{
				newPHOLD("queue", new(eventQueue), m.lps, m.each),
				newPHOLD("4-ary-heap", new(heapQueue), m.lps, m.each),
				newLoopPHOLD(b, m.lps, m.each),
			}
		})))
	}
	table.print()
}

// benchTable holds the lines of a table of figures.
type benchTable []string

// unmeasured is the figures of a benchmark that was not asked for.
const unmeasured = "-"

// print prints the table unless something in it was not measured.
func (t benchTable) print() {
	all := strings.Join(t, "\n")
	if !strings.Contains(all, " "+unmeasured+" ") {
		fmt.Println(all)
	}
}

// contender is a queue under load: run makes about so many events happen, and says how many.
type contender struct {
	name string
	run  func(events int) int
}

// race runs a benchmark in which queues with n events pending take turns, and returns what an
// event costs with each.
func race(b *testing.B, name string, n int, contenders func(*testing.B) []contender) (figures string) {
	figures = unmeasured
	b.Run(name, func(b *testing.B) {
		contenders := contenders(b)
		events := max(2*n, 5_000)
		for _, c := range contenders {
			c.run(2 * events) // until it is in its steady state
		}
		least := make([]float64, len(contenders))
		for i := range least {
			least[i] = math.Inf(1)
		}
		b.ReportAllocs()
		const rounds = 5
		for b.Loop() {
			for i := range rounds * len(contenders) {
				i %= len(contenders)
				start := time.Now()
				n := contenders[i].run(events)
				least[i] = min(least[i], float64(time.Since(start).Nanoseconds())/float64(n))
			}
		}
		b.ReportMetric(0, "ns/op")
		rounded := make([]string, len(contenders))
		for i, c := range contenders {
			b.ReportMetric(least[i], c.name+"-ns/event")
			rounded[i] = fmt.Sprintf("%.0f", least[i])
		}
		figures = strings.Join(rounded, " / ")
	})
	return figures
}

// holdShape is a distribution of the time from the scheduling of an event to the
// event, and of who schedules it.
type holdShape struct {
	name      string
	increment func(*rand.Rand) float64 // seconds
	sources   int
}

var holdShapes = []holdShape{
	{"exponential", (*rand.Rand).ExpFloat64, 1},
	{"uniform", func(r *rand.Rand) float64 { return 2 * r.Float64() }, 1},
	// Nine in ten are soon, the tenth is a hundred times as far away.
	{"bimodal", func(r *rand.Rand) float64 {
		if r.IntN(10) == 0 {
			return 9 + r.Float64()
		}
		return 0.1 * r.Float64()
	}, 1},
	// One in a thousand is a hundred thousand times as far away.
	{"outliers", func(r *rand.Rand) float64 {
		if r.IntN(1000) == 0 {
			return 1e5 * r.ExpFloat64()
		}
		return r.ExpFloat64()
	}, 1},
	{"ties", func(*rand.Rand) float64 { return 1 }, 1},
	{"ties-of-many", func(*rand.Rand) float64 { return 1 }, 1000},
	{"zero-or-one", func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, 1},
	{"zero-or-one-of-many", func(r *rand.Rand) float64 { return float64(r.IntN(2)) }, 1000},
}

// newHold is the hold model: take the first event and schedule it again later, with
// n events waiting (Jones, "An empirical comparison of priority-queue and event-set
// implementations", CACM 29(4), 1986).
func newHold(name string, q pendingSet, n int, shape holdShape) contender {
	const mask = 1<<16 - 1
	random := rand.New(rand.NewPCG(1, 2))
	increments := make([]Time, mask+1)
	sources := make([]order, mask+1)
	for i := range increments {
		increments[i] = Time(shape.increment(random) * float64(Second))
		sources[i] = order(random.IntN(shape.sources)) << seqBits
	}
	i := 0
	hold := func(t Time) {
		i++
		q.push(t+increments[i&mask], sources[i&mask]|order(i), nil, nil)
	}
	for range n {
		hold(0)
	}
	return contender{name, func(events int) int {
		for range events {
			t, _, _, _ := q.popUntil(Never)
			hold(t)
		}
		return events
	}}
}

// newTimers has n timers, which go off after 10 seconds but are put off, as timeouts
// are: nine random ones for each event that happens, in a system where an
// event happens every 1/n seconds. Each of these counts as an event.
func newTimers(name string, q timerSet, n int, churn string) contender {
	random := rand.New(rand.NewPCG(1, 2))
	const mask = 1<<16 - 1
	which := make([]int, mask+1)
	after := make([]Time, mask+1)
	for i := range which {
		which[i] = random.IntN(n)
		after[i] = Time((9 + 2*random.Float64()) * float64(Second))
	}
	ids := make([]EventID, n)
	i := 0
	now := Time(0)
	begin := func(k int) {
		i++
		ids[k] = q.push(now+after[i&mask], order(i), nil, nil)
	}
	for k := range n {
		begin(k)
	}
	return contender{name, func(events int) int {
		for range events {
			now += Second / Time(n)
			k := which[i&mask]
			switch {
			case i%10 == 0:
				now, _, _, _ = q.popUntil(Never)
				begin(k)
			case churn == "cancel":
				q.cancel(ids[k])
				begin(k)
			default:
				i++
				if !q.reschedule(ids[k], now+after[i&mask], order(i)) {
					begin(k)
				}
			}
		}
		return events
	}}
}

// phold is the model of Fujimoto, "Performance of Time Warp under Synthetic Workloads",
// 1990: logical processes, with some events for each at first. Each event causes one
// for a process chosen at random, after 0.1 seconds and an exponential time with
// mean 1.
type phold struct {
	random *rand.Rand
	lps    []pholdLP
	send   func(after Time, from, to *pholdLP)
}

type pholdLP struct {
	phold *phold
	actor *Actor
	do    func() error
	order order // of the last event caused
}

func (p *phold) begin(lps, each int) {
	p.random = rand.New(rand.NewPCG(1, 2))
	p.lps = make([]pholdLP, lps)
	for i := range p.lps {
		lp := &p.lps[i]
		lp.phold, lp.do, lp.order = p, lp.handle, order(i)<<seqBits
	}
}

func (lp *pholdLP) handle() error {
	p := lp.phold
	p.send(Second/10+Time(p.random.ExpFloat64()*float64(Second)), lp, &p.lps[p.random.IntN(len(p.lps))])
	return nil
}

// newPHOLD is PHOLD on nothing but a queue.
func newPHOLD(name string, q pendingSet, lps, each int) contender {
	var p phold
	p.begin(lps, each)
	now := Time(0)
	p.send = func(after Time, from, to *pholdLP) {
		from.order++
		q.push(now+after, from.order, nil, handlerFunc(to.do))
	}
	for i := range lps * each {
		_ = p.lps[i/each].handle()
	}
	return contender{name, func(events int) int {
		for range events {
			var e event
			now, _, e, _ = q.popUntil(Never)
			_ = e.do.Handle()
		}
		return events
	}}
}

// newLoopPHOLD is PHOLD on a loop.
func newLoopPHOLD(b *testing.B, lps, each int) contender {
	l := NewLoop(Config{})
	var p phold
	p.begin(lps, each)
	p.send = func(after Time, from, to *pholdLP) {
		if _, err := l.At(l.Now()+after, from.actor, to.do); err != nil {
			b.Fatal(err)
		}
	}
	for i := range p.lps {
		var err error
		if p.lps[i].actor, err = l.Actor(fmt.Sprintf("lp-%06d", i)); err != nil {
			b.Fatal(err)
		}
	}
	for i := range lps * each {
		_ = p.lps[i/each].handle()
	}
	return contender{"loop", func(events int) int { return advance(b, l, events) }}
}

// advance lets about so many events happen.
func advance(b *testing.B, l *Loop, events int) int {
	begin := l.events
	for int(l.events-begin) < events {
		if err := l.AdvanceTo(context.Background(), max(l.Now()+Second/4, l.Next())); err != nil {
			b.Fatal(err)
		}
	}
	return int(l.events - begin)
}

// newMM1 is a queue with one server that is busy nine tenths of the time, M/M/1, on a
// loop: two handlers, at most two events pending.
func newMM1(b *testing.B) contender {
	l := NewLoop(Config{})
	random := rand.New(rand.NewPCG(1, 2))
	a, err := l.Actor("queue")
	if err != nil {
		b.Fatal(err)
	}
	customers := 0
	exp := func(mean Time) time.Duration { return time.Duration(random.ExpFloat64() * float64(mean)) }
	var leave func() error
	leave = func() error {
		if customers--; customers > 0 {
			_, err := l.After(exp(9*Millisecond), a, leave)
			return err
		}
		return nil
	}
	var arrive func() error
	arrive = func() error {
		if customers++; customers == 1 {
			if _, err := l.After(exp(9*Millisecond), a, leave); err != nil {
				return err
			}
		}
		_, err := l.After(exp(10*Millisecond), a, arrive)
		return err
	}
	if err := arrive(); err != nil {
		b.Fatal(err)
	}
	return contender{"loop", func(events int) int { return advance(b, l, events) }}
}
