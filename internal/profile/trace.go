package profile

import (
	"bufio"
	"encoding/json"
	"io"
	"strconv"
	"time"

	"github.com/simrun/simrun/internal/format"
	"github.com/simrun/simrun/sim"
)

// mostSpans is how many spans a trace has at most, all simulators together.
const mostSpans = 100_000

// firstBucket is the resolution of a trace that has had too many spans for the first
// time. It doubles each time.
const firstBucket = 4 * time.Microsecond

// A Trace gathers the steps of a run in wall time, and writes them as the JSON that
// ui.perfetto.dev and chrome://tracing open ("Trace Event Format", Google, 2016): a lane for
// each simulator. Memory is bounded: when there are too many steps, those of a simulator
// that begin in the same bucket of time become one span that tells how many they are,
// waits that are shorter than a bucket are left out, and buckets grow.
type Trace struct {
	began  time.Time // of the first step
	bucket time.Duration
	lanes  []lane
	places map[*sim.Instance]int
	spans  int
	most   int
}

type lane struct {
	name  string
	spans []span // in order of begin
}

// span is one or more steps, or a wait.
type span struct {
	begin, end time.Duration // since Trace.began
	busy       time.Duration // of steps
	steps      int           // 0: it is a wait
	from, to   sim.Time      // virtual time of the first and last step
	on         string        // for whom it waits
}

// NewTrace returns a Trace whose lanes are those of the instances.
func NewTrace(instances []*sim.Instance) *Trace {
	t := &Trace{places: make(map[*sim.Instance]int), most: max(mostSpans, 100*len(instances))}
	for i, in := range instances {
		t.places[in] = i
		t.lanes = append(t.lanes, lane{name: in.Name()})
	}
	return t
}

// Add adds a step. It is for [sim.RunOptions].Observe, and as fast as that has to be.
func (t *Trace) Add(in *sim.Instance, s sim.Span) {
	if t.began.IsZero() {
		t.began = s.Began
	}
	l := &t.lanes[t.places[in]]
	begin := s.Began.Sub(t.began)
	if s.For != nil && s.Waited >= t.bucket && s.Waited > 0 {
		l.spans = append(l.spans, span{begin: begin - s.Waited, end: begin, on: s.For.Name()})
		t.spans++
	}
	t.spans += l.add(span{begin: begin, end: begin + s.Took, busy: s.Took, steps: 1, from: s.At, to: s.At}, t.bucket)
	for t.spans > t.most {
		t.bucket = max(2*t.bucket, firstBucket)
		t.spans = 0
		for i := range t.lanes {
			t.lanes[i].merge(t.bucket)
			t.spans += len(t.lanes[i].spans)
		}
	}
}

// add adds steps, and returns how many spans the lane has more.
func (l *lane) add(s span, bucket time.Duration) int {
	if n := len(l.spans); bucket > 0 && n > 0 {
		// A wait that is not left out is longer than a bucket: nothing behind it is in
		// the bucket of what was before.
		if last := &l.spans[n-1]; last.steps > 0 && last.begin/bucket == s.begin/bucket {
			last.end, last.to = s.end, s.to
			last.busy += s.busy
			last.steps += s.steps
			return 0
		}
	}
	l.spans = append(l.spans, s)
	return 1
}

// merge makes buckets larger.
func (l *lane) merge(bucket time.Duration) {
	spans := l.spans
	l.spans = l.spans[:0]
	for _, s := range spans {
		switch {
		case s.steps > 0:
			l.add(s, bucket)
		case s.end-s.begin >= bucket:
			l.spans = append(l.spans, s)
		}
	}
}

// Write writes the trace of the named run.
func (t *Trace) Write(w io.Writer, name string) error {
	out := bufio.NewWriterSize(w, 1<<16)
	// An error of out is the one of Flush.
	_, _ = out.WriteString(`{"displayTimeUnit":"ms","otherData":{"source":"simrun"},"traceEvents":[` + "\n" +
		`{"ph":"M","pid":1,"name":"process_name","args":{"name":` + quoted(name) + `}}`)
	var line []byte
	for i := range t.lanes {
		l := &t.lanes[i]
		tid := strconv.Itoa(i + 1)
		line = append(line[:0], ",\n"+`{"ph":"M","pid":1,"tid":`+tid+`,"name":"thread_name","args":{"name":`+quoted(l.name)+"}},\n"+
			`{"ph":"M","pid":1,"tid":`+tid+`,"name":"thread_sort_index","args":{"sort_index":`+tid+`}}`...)
		for j := range l.spans {
			line = append(line, ",\n"+`{"ph":"X","pid":1,"tid":`+tid...)
			line = l.spans[j].appendTo(line)
			line = append(line, '}')
			_, _ = out.Write(line)
			line = line[:0]
		}
		_, _ = out.Write(line)
	}
	_, _ = out.WriteString("\n]}\n")
	return out.Flush()
}

func (s *span) appendTo(dst []byte) []byte {
	micros := func(name string, d time.Duration) {
		dst = append(dst, `,"`+name+`":`...)
		dst = strconv.AppendFloat(dst, float64(d)/1e3, 'f', 3, 64)
	}
	micros("ts", s.begin)
	micros("dur", s.end-s.begin)
	at := format.Exact(time.Duration(s.from))
	switch {
	case s.steps == 0:
		return append(dst, `,"cat":"wait","name":`+quoted("waiting for "+s.on)...)
	case s.steps == 1:
		return append(dst, `,"cat":"step","name":"step","args":{"virtual time":`+quoted(at)+`}`...)
	}
	return append(dst, `,"cat":"step","name":`+quoted(format.Count(int64(s.steps))+" steps")+`,"args":{"virtual time":`+
		quoted(at+" to "+format.Exact(time.Duration(s.to)))+`,"own time":`+quoted(format.Wall(s.busy))+`}`...)
}

// quoted is text as JSON.
func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // of a string: never
	}
	return string(b)
}
