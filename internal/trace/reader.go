package trace

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim"
)

// Limits of what is read.
const (
	maxHeader = 256 << 20 // bytes
	maxText   = 64 << 20  // bytes
	maxStep   = 512 << 20 // bytes of memory that a step takes, about
	maxWindow = 8 << 20   // of the compression
)

// Reader reads a trace from its beginning to its end.
type Reader struct {
	Header *Header

	path   string
	file   io.Closer
	zstd   *zstd.Decoder
	in     *bufio.Reader
	err    error // sticky
	names  []string
	time   sim.Time
	room   int // bytes that the step may still take
	step   sim.TraceStep
	end    *End
	values []sim.TraceValue
}

// Open opens a trace.
func Open(path string) (*Reader, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, pathless(path, err)
	}
	r, err := newReader(path, f)
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	r.file = f
	return r, nil
}

func newReader(path string, f io.Reader) (*Reader, error) {
	begin := bufio.NewReader(f)
	if first, _ := begin.Peek(4); !isTrace(first) {
		return nil, fmt.Errorf("%s is no trace; simrun run --trace writes one", path)
	}
	z, err := zstd.NewReader(begin, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
	if err != nil {
		return nil, pathless(path, err)
	}
	r := &Reader{path: path, zstd: z, in: bufio.NewReaderSize(z, 1<<16)}
	if err := r.readHeader(); err != nil {
		z.Close()
		return nil, err
	}
	return r, nil
}

// Close closes the file.
func (r *Reader) Close() error {
	r.zstd.Close()
	if r.file == nil {
		return nil
	}
	return r.file.Close()
}

func (r *Reader) readHeader() error {
	begin := make([]byte, len(magic))
	if _, err := io.ReadFull(r.in, begin); err != nil {
		return r.broken(fmt.Errorf("it ends before its header: %w", err))
	}
	if string(begin) != magic {
		return fmt.Errorf("trace %s: it is of another version, %q; this program reads %q; use the simrun that wrote it", r.path, begin, magic)
	}
	r.room = maxHeader
	text := r.text(maxHeader)
	if r.err != nil {
		return r.broken(r.err)
	}
	h, err := decodeHeader(text)
	if err != nil {
		return r.broken(err)
	}
	r.Header = h
	return nil
}

func (r *Reader) broken(err error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return fmt.Errorf("trace %s: it ends in the middle", r.path)
	}
	return fmt.Errorf("trace %s: it is damaged (%w); copy it again if it was not copied whole, or run the scenario again", r.path, err)
}

// Next returns the next step, which is valid until the next call. At the end of the
// trace the error is io.EOF; see also End.
func (r *Reader) Next() (*sim.TraceStep, error) {
	if r.err != nil {
		return nil, r.err
	}
	r.room = maxStep
	tag := r.byte()
	if r.err == nil {
		switch tag {
		case stepRecord:
			r.readStep()
		case endRecord:
			end := &End{Complete: r.byte() == 1}
			end.Reached = sim.Time(r.signed())
			end.Err = string(r.text(maxText))
			if r.err == nil {
				r.end, r.err = end, io.EOF
			}
		default:
			r.fail("a record begins with %d", tag)
		}
	}
	switch {
	case r.err == nil:
		return &r.step, nil
	case errors.Is(r.err, io.EOF), errors.Is(r.err, io.ErrUnexpectedEOF):
		r.err = io.EOF // the run was killed, or the disk is full
	default:
		r.err = r.broken(r.err)
	}
	return nil, r.err
}

// End is how the trace has ended, after Next has returned io.EOF; nil: in the middle,
// because the run was killed or is under way.
func (r *Reader) End() *End { return r.end }

func (r *Reader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *Reader) byte() byte {
	if r.err != nil {
		return 0
	}
	b, err := r.in.ReadByte()
	r.err = err
	return b
}

func (r *Reader) number() uint64 {
	if r.err != nil {
		return 0
	}
	n, err := binary.ReadUvarint(r.in)
	r.err = err
	return n
}

func (r *Reader) signed() int64 {
	if r.err != nil {
		return 0
	}
	n, err := binary.ReadVarint(r.in)
	r.err = err
	return n
}

// below is a number that is less than limit.
func (r *Reader) below(limit int, what string) int {
	n := r.number()
	if n >= uint64(limit) && r.err == nil {
		r.fail("%s %d of %d", what, n, limit)
		return 0
	}
	return int(n)
}

// takes notes that the step takes so many bytes of memory more.
func (r *Reader) takes(bytes int) bool {
	if r.room -= bytes; r.room < 0 {
		r.fail("a step takes more than %d MB", maxStep>>20)
	}
	return r.err == nil
}

func (r *Reader) text(limit int) []byte {
	n := r.number()
	if r.err != nil || n == 0 {
		return nil
	}
	if n > uint64(limit) {
		r.fail("a text of %d bytes; the limit is %d", n, limit)
		return nil
	}
	if !r.takes(int(n)) {
		return nil
	}
	// What a wrong length claims is not there: allocate as it comes.
	const chunk = 1 << 16
	text := make([]byte, 0, min(int(n), chunk))
	for len(text) < int(n) {
		begin := len(text)
		more := min(int(n)-begin, max(chunk, begin))
		text = append(text, make([]byte, more)...)
		if _, err := io.ReadFull(r.in, text[begin:]); err != nil {
			r.err = err
			return nil
		}
	}
	return text
}

func (r *Reader) name() string {
	n := r.number()
	switch {
	case r.err != nil:
		return ""
	case n > uint64(len(r.names)):
		r.fail("name %d of %d", n, len(r.names))
		return ""
	case n > 0:
		return r.names[n-1]
	}
	s := string(r.text(maxText))
	if r.err == nil && len(s) <= maxName && len(r.names) < maxNames {
		r.names = append(r.names, s)
	}
	return s
}

// span is a length of time, added to t.
func (r *Reader) span(t sim.Time) sim.Time {
	d := r.number()
	if d > uint64(sim.Never-t) {
		r.fail("a time is out of range")
		return t
	}
	return t + sim.Time(d)
}

func (r *Reader) readStep() {
	w := &r.Header.World
	s := &r.step
	*s = sim.TraceStep{Sim: r.below(len(w.Sims), "simulator")}
	r.time = r.span(r.time)
	s.Stamp = scheduler.Stamp{Time: r.time, Tier: scheduler.Tier(r.number())}
	if s.Next = r.span(r.time); s.Next == r.time {
		s.Next = sim.Never
	}
	s.Output = r.span(r.time)
	flags := r.byte()
	s.External, s.Unsettled = flags&externalFlag != 0, flags&unsettledFlag != 0
	if flags&failedFlag != 0 {
		s.Err = string(r.text(maxText))
	}
	r.values = r.values[:0]
	last := int64(-1)
	for n := r.number(); n > 0 && r.takes(64); n-- {
		o := last + 1 + r.signed()
		if o < 0 || o >= int64(len(w.Outputs)) {
			r.fail("output %d of %d", o, len(w.Outputs))
			return
		}
		last = o
		v, omitted := r.value()
		r.values = append(r.values, sim.TraceValue{Output: int(o), Omitted: omitted, Value: v})
	}
	s.Values = r.values
	for n := r.number(); n > 0 && r.takes(128); n-- {
		q := sim.TraceRequest{Set: r.byte() == 1, Entity: r.name(), Attr: r.name(), Source: r.name()}
		q.Value, _ = r.value()
		s.Requests = append(s.Requests, q)
	}
	for n := r.number(); n > 0 && r.takes(256); n-- {
		s.Agents = append(s.Agents, r.event())
	}
}

func (r *Reader) value() (v sim.Value, omitted bool) {
	kind := r.byte()
	omitted = kind&omittedFlag != 0
	switch sim.Kind(kind &^ omittedFlag) {
	case sim.KindNull:
	case sim.KindBool:
		v = sim.Bool(r.byte() == 1)
	case sim.KindInt:
		v = sim.Int(r.signed())
	case sim.KindFloat:
		var b [8]byte
		if r.err == nil {
			_, r.err = io.ReadFull(r.in, b[:])
		}
		v = sim.Float(math.Float64frombits(binary.LittleEndian.Uint64(b[:])))
	case sim.KindText:
		v = sim.Text(string(r.text(maxText)))
	case sim.KindRaw, sim.KindAny:
		v = sim.RawValue(codec.Raw(r.text(maxText)))
	default:
		r.fail("a value of kind %d", kind)
	}
	return v, omitted
}

func (r *Reader) event() sim.AgentEvent {
	before := r.number()
	if before > uint64(r.time) {
		r.fail("an event before the beginning of time")
	}
	e := sim.AgentEvent{Time: r.time - sim.Time(before), Round: int(r.number()), Key: scheduler.Key(r.number()), Agent: r.name(), Behaviour: r.name()}
	what := r.below(9, "kind of message")
	if what == 0 {
		return e
	}
	what--
	m := &container.Message{Kind: container.MessageKind(what % 4), Fate: container.Fate(what / 4)}
	if m.Kind > container.OneWayMessage {
		r.fail("a message of kind %d", m.Kind)
		return e
	}
	m.From, m.To, m.Method = r.name(), r.name(), r.name()
	m.Sent = scheduler.Key(r.number())
	m.Content = r.text(maxText)
	m.Err = string(r.text(maxText))
	e.Message = m
	return e
}
