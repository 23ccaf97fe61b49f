package trace

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"

	"github.com/klauspost/compress/zstd"

	"github.com/simrun/simrun/sim"
)

// magic begins a trace; the number is that of the format.
const magic = "simrun trace 1\n"

// What records begin with, see the package documentation.
const (
	stepRecord = 1
	endRecord  = 2

	externalFlag  = 1
	unsettledFlag = 2
	failedFlag    = 4

	omittedFlag = 0x80
)

// Names that are numbered.
const (
	maxName  = 256 // bytes
	maxNames = 1 << 16
)

// Writer writes a trace. It is a [sim.Tracer].
type Writer struct {
	about   About
	path    string
	file    *os.File
	zstd    *zstd.Encoder
	buf     []byte
	names   map[string]uint64
	time    sim.Time
	written bool // there is a header
}

// Create makes a file for a trace. It does not overwrite anything.
func Create(path string, about About) (*Writer, error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, writeError(path, err)
	}
	// One goroutine and a small window: a trace is written while the run needs the
	// processors.
	z, err := zstd.NewWriter(f, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return &Writer{about: about, path: path, file: f, zstd: z, names: make(map[string]uint64)}, nil
}

// pathless is an error about a file that begins with its path, once.
func pathless(path string, err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return fmt.Errorf("trace %s: %w", path, err)
}

// writeError says that a trace could not be written, and what to do about it.
func writeError(path string, err error) error {
	return fmt.Errorf("%w; choose another place, or make room there", pathless(path, err))
}

// Begin implements sim.Tracer.
func (w *Writer) Begin(world sim.TraceWorld) error {
	text, err := (&Header{w.about, world}).encode()
	if err != nil {
		return writeError(w.path, err)
	}
	w.written = true
	w.buf = append(w.buf, magic...)
	w.text(text)
	return w.flush()
}

// Write implements sim.Tracer. What was written can be read from then on, also if
// the program is killed.
func (w *Writer) Write(steps []sim.TraceStep) error {
	for i := range steps {
		if err := w.step(&steps[i]); err != nil {
			return err
		}
	}
	return w.flush()
}

// Close ends the trace.
func (w *Writer) Close(end End) error {
	var err error
	if w.written {
		complete := byte(0)
		if end.Complete {
			complete = 1
		}
		w.buf = append(w.buf, endRecord, complete)
		w.buf = binary.AppendVarint(w.buf, int64(end.Reached))
		w.text([]byte(end.Err))
		err = w.flush()
	}
	if err = errors.Join(err, w.zstd.Close(), w.file.Close()); err != nil {
		return writeError(w.path, err)
	}
	return nil
}

func (w *Writer) flush() error {
	_, err := w.zstd.Write(w.buf)
	w.buf = w.buf[:0]
	if err == nil {
		err = w.zstd.Flush()
	}
	if err != nil {
		return writeError(w.path, err)
	}
	return nil
}

func (w *Writer) number(n uint64) { w.buf = binary.AppendUvarint(w.buf, n) }

func (w *Writer) text(t []byte) {
	w.number(uint64(len(t)))
	w.buf = append(w.buf, t...)
}

func (w *Writer) name(s string) {
	if n, ok := w.names[s]; ok {
		w.number(n)
		return
	}
	if len(s) <= maxName && len(w.names) < maxNames {
		w.names[s] = uint64(len(w.names) + 1)
	}
	w.number(0)
	w.number(uint64(len(s)))
	w.buf = append(w.buf, s...)
}

func (w *Writer) step(s *sim.TraceStep) error {
	w.buf = append(w.buf, stepRecord)
	t := s.Stamp.Time
	w.number(uint64(s.Sim))
	w.number(uint64(t - w.time))
	w.time = t
	w.number(uint64(s.Stamp.Tier))
	if s.Next == sim.Never {
		w.number(0)
	} else {
		w.number(uint64(s.Next - t))
	}
	w.number(uint64(s.Output - t))
	flags := byte(0)
	for _, f := range []struct {
		on   bool
		flag byte
	}{{s.External, externalFlag}, {s.Unsettled, unsettledFlag}, {s.Err != "", failedFlag}} {
		if f.on {
			flags |= f.flag
		}
	}
	w.buf = append(w.buf, flags)
	if s.Err != "" {
		w.text([]byte(s.Err))
	}
	w.number(uint64(len(s.Values)))
	last := -1
	for i := range s.Values {
		v := &s.Values[i]
		w.buf = binary.AppendVarint(w.buf, int64(v.Output-last-1))
		last = v.Output
		if err := w.value(v.Value, v.Omitted); err != nil {
			return err
		}
	}
	w.number(uint64(len(s.Requests)))
	for i := range s.Requests {
		q := &s.Requests[i]
		set := byte(0)
		if q.Set {
			set = 1
		}
		w.buf = append(w.buf, set)
		w.name(q.Entity)
		w.name(q.Attr)
		w.name(q.Source)
		if err := w.value(q.Value, false); err != nil {
			return err
		}
	}
	w.number(uint64(len(s.Agents)))
	for i := range s.Agents {
		w.event(&s.Agents[i], t)
	}
	return nil
}

func (w *Writer) value(v sim.Value, omitted bool) error {
	kind := byte(v.Kind())
	if omitted {
		kind |= omittedFlag
	}
	w.buf = append(w.buf, kind)
	switch v.Kind() {
	case sim.KindNull:
		return nil
	case sim.KindRaw, sim.KindAny:
		text, err := v.Append(nil)
		if err != nil {
			text = []byte(`"` + v.String() + `"`) // a type, in parentheses
		}
		w.text(text)
		return nil
	}
	plain, err := v.Any()
	if err != nil {
		return writeError(w.path, err)
	}
	switch p := plain.(type) {
	case bool:
		b := byte(0)
		if p {
			b = 1
		}
		w.buf = append(w.buf, b)
	case int64:
		w.buf = binary.AppendVarint(w.buf, p)
	case float64:
		w.buf = binary.LittleEndian.AppendUint64(w.buf, math.Float64bits(p))
	case string:
		w.number(uint64(len(p)))
		w.buf = append(w.buf, p...)
	}
	return nil
}

func (w *Writer) event(e *sim.AgentEvent, now sim.Time) {
	w.number(uint64(now - e.Time))
	w.number(uint64(e.Round))
	w.number(uint64(e.Key))
	w.name(e.Agent)
	w.name(e.Behaviour)
	m := e.Message
	if m == nil {
		w.number(0)
		return
	}
	w.number(1 + uint64(m.Kind) + 4*uint64(m.Fate))
	w.name(m.From)
	w.name(m.To)
	w.name(m.Method)
	w.number(uint64(m.Sent))
	w.text(m.Content)
	w.text([]byte(m.Err))
}

// isTrace reports whether a file begins as zstd streams do.
func isTrace(begin []byte) bool { return bytes.HasPrefix(begin, []byte{0x28, 0xb5, 0x2f, 0xfd}) }

// Path is where the trace is.
func (w *Writer) Path() string { return w.path }
