package mosaik_test

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/recordings"
)

// message is a message taken apart.
type message struct {
	typ     int64
	id      string
	content codec.Raw
	method  string // of a request
	args    codec.Raw
	kwargs  codec.Raw
}

func parseMessage(payload string) message {
	parts, err := codec.JSON.Split(nil, codec.Raw(payload))
	if err != nil || len(parts) != 3 {
		panic(fmt.Sprintf("not a message: %q", payload))
	}
	m := message{id: string(parts[1]), content: parts[2]}
	if m.typ, err = codec.JSON.Int(parts[0]); err != nil {
		panic(err)
	}
	if m.typ == 0 {
		if parts, err = codec.JSON.Split(nil, m.content); err != nil || len(parts) != 3 {
			return m // a request that is malformed on purpose
		}
		if m.method, err = codec.JSON.String(parts[0]); err != nil {
			panic(err)
		}
		m.args, m.kwargs = parts[1], parts[2]
	}
	return m
}

// fake is a simulator that answers what was recorded, and checks that it is sent
// what was recorded.
type fake struct {
	t       *testing.T
	lines   []recordings.Line
	instead map[string]string
	l       net.Listener // nil: there is a connection already
	done    chan error
	mayEnd  atomic.Bool // stop may come early
	delay   func()      // before each message that it sends
	loose   bool        // the order of members does not count, nor that of names in a list
	paced   bool        // events from outside come some time after what was sent before, in fake time

	conn     net.Conn
	r        *bufio.Reader
	requests []message // received and not looked at
	replies  []message
	ids      map[string]string // of recorded requests: the id that ours had
	data     codec.Raw         // the last reply to get_data
	asked    string            // method of the last request
	known    string            // id of a recorded request that was not made
}

func newFake(t *testing.T, rec recordings.Recording, conn string, instead map[string]string) *fake {
	f := &fake{t: t, instead: instead, done: make(chan error, 1), ids: map[string]string{}, delay: func() {}}
	for _, line := range rec.Lines {
		if line.Conn == conn {
			f.lines = append(f.lines, line)
		}
	}
	return f
}

// listen makes it play at an address.
func (f *fake) listen() (address string) {
	var err error
	f.l, err = net.Listen("tcp", "127.0.0.1:0")
	require.NoError(f.t, err)
	go func() { f.done <- f.play() }()
	return f.l.Addr().String()
}

// join makes it play over a connection in memory, of which it returns the other end.
func (f *fake) join() net.Conn {
	ours, theirs := net.Pipe()
	f.conn = newBuffered(theirs)
	go func() { f.done <- f.play() }()
	return ours
}

// buffered is a connection from which somebody always reads, as the kernel does from a socket.
type buffered struct {
	net.Conn
	chunks chan []byte
	chunk  []byte
}

func newBuffered(nc net.Conn) *buffered {
	b := &buffered{Conn: nc, chunks: make(chan []byte, 1<<10)}
	go func() {
		defer close(b.chunks)
		for {
			chunk := make([]byte, 1<<12)
			n, err := nc.Read(chunk)
			if err != nil {
				return
			}
			b.chunks <- chunk[:n]
		}
	}()
	return b
}

func (b *buffered) Read(p []byte) (int, error) {
	if len(b.chunk) == 0 {
		if b.chunk = <-b.chunks; b.chunk == nil {
			return 0, io.EOF
		}
	}
	n := copy(p, b.chunk)
	b.chunk = b.chunk[n:]
	return n, nil
}

func (f *fake) wait() {
	if f.l != nil {
		_ = f.l.Close()
	}
	require.NoError(f.t, <-f.done)
}

func (f *fake) play() error {
	var err error
	if f.l != nil {
		if f.conn, err = f.l.Accept(); err != nil {
			return err
		}
	}
	defer f.conn.Close()
	f.r = bufio.NewReader(f.conn)
	for _, line := range f.lines {
		switch {
		case line.Payload == "" && line.ToPeer:
			return f.expectEnd()
		case line.Payload == "":
			err = f.closeWrite()
		case line.ToPeer:
			var ended bool
			if ended, err = f.expect(parseMessage(line.Payload)); ended {
				return err
			}
		default:
			err = f.send(parseMessage(line.Payload))
		}
		if err != nil {
			return fmt.Errorf("%s %s: %w", line.Conn, line.Payload, err)
		}
	}
	return nil
}

func (f *fake) closeWrite() error {
	if c, ok := f.conn.(*net.TCPConn); ok {
		return c.CloseWrite()
	}
	return f.conn.Close() // a connection in memory has one end only
}

func (f *fake) expectEnd() error {
	for {
		m, err := f.read()
		if err != nil {
			return nil
		}
		if m.method != "stop" { // a failed simulator is not asked by mosaik
			return fmt.Errorf("after the end: got %s", m.content)
		}
	}
}

// expect receives a message and compares it with the recorded one.
func (f *fake) expect(want message) (ended bool, err error) {
	if want.typ != 0 {
		got, err := f.next(&f.replies)
		if err != nil {
			return false, err
		}
		return false, f.compareReply(got, want)
	}
	for {
		got, err := f.next(&f.requests)
		if err == io.EOF && want.method == "stop" {
			return true, nil // it had failed
		}
		if err != nil {
			return false, err
		}
		if got.method == "get_data" && want.method != "get_data" && f.data != nil {
			if err := f.write(1, got.id, f.data); err != nil {
				return false, err
			}
			continue
		}
		if want.method == "get_data" && got.method != "get_data" {
			// mosaik asked because of an asynchronous request. We knew the data.
			f.requests = append([]message{got}, f.requests...)
			f.known = want.id
			return false, nil
		}
		if got.method == "stop" && f.mayEnd.Load() {
			return true, nil
		}
		f.ids[want.id] = got.id
		f.asked = got.method
		return false, f.compareRequest(got, want)
	}
}

// next returns the next request, or the next reply, whatever else comes before.
func (f *fake) next(queue *[]message) (message, error) {
	for len(*queue) == 0 {
		m, err := f.read()
		if err != nil {
			return m, err
		}
		if m.typ == 0 {
			f.requests = append(f.requests, m)
		} else {
			f.replies = append(f.replies, m)
		}
	}
	m := (*queue)[0]
	*queue = (*queue)[1:]
	return m, nil
}

func (f *fake) read() (message, error) {
	var header [4]byte
	if _, err := io.ReadFull(f.r, header[:]); err != nil {
		return message{}, err
	}
	payload := make([]byte, binary.BigEndian.Uint32(header[:]))
	if _, err := io.ReadFull(f.r, payload); err != nil {
		return message{}, err
	}
	return parseMessage(string(payload)), nil
}

func (f *fake) send(m message) error {
	if m.typ != 0 && m.id == f.known {
		return nil
	}
	if m.typ != 0 {
		if f.asked == "get_data" {
			f.data = m.content
		}
		return f.write(m.typ, f.ids[m.id], m.content)
	}
	if f.paced && m.method == "set_event" {
		time.Sleep(50 * time.Millisecond) // who learns of it before the next step, max_advance tells
	}
	return f.write(m.typ, m.id, m.content)
}

func (f *fake) write(typ int64, id string, content codec.Raw) error {
	f.delay()
	payload := fmt.Sprintf("[%d, %s, %s]", typ, id, content)
	_, err := f.conn.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(payload))), payload...))
	return err
}

func (f *fake) compareReply(got, want message) error {
	if got.id != want.id || got.typ != want.typ {
		return fmt.Errorf("got reply %d to %s, %s", got.typ, got.id, got.content)
	}
	wanted := string(want.content)
	if ours, differs := f.instead[wanted]; differs {
		wanted = ours
	}
	if codec.JSON.Kind(want.content) == codec.Float || want.typ == 2 || f.same(got.content, codec.Raw(wanted)) {
		return nil // progress, and the texts of failures, are our own
	}
	return fmt.Errorf("got the reply %s", got.content)
}

func (f *fake) compareRequest(got, want message) error {
	if ours, differs := f.instead[string(want.content)]; differs {
		if !f.same(got.content, codec.Raw(ours)) {
			return fmt.Errorf("got the request %s", got.content)
		}
		return nil
	}
	args := want.args
	if want.method == "get_data" {
		args = withoutRepetitions(args)
	}
	if got.method == want.method && f.same(got.args, args) && sameMembers(got.kwargs, want.kwargs) {
		return nil
	}
	return fmt.Errorf("got the request %s", got.content)
}

// same compares two values.
func (f *fake) same(a, b codec.Raw) bool {
	if f.loose {
		return sorted(a) == sorted(b)
	}
	return string(a) == string(b)
}

// sorted writes a value with the members of objects, and lists of names or of lists, in
// the order of their text.
func sorted(raw codec.Raw) string {
	switch codec.JSON.Kind(raw) {
	case codec.Map:
		members, err := codec.JSON.SplitMap(nil, raw)
		if err != nil {
			panic(err)
		}
		var out []string
		for _, m := range members {
			out = append(out, fmt.Sprintf("%s: %s", m.Key, sorted(m.Value)))
		}
		slices.Sort(out)
		return fmt.Sprintf("{%s}", strings.Join(out, ", "))
	case codec.List:
		parts, err := codec.JSON.Split(nil, raw)
		if err != nil {
			panic(err)
		}
		var out []string
		of := map[codec.Kind]bool{}
		for _, p := range parts {
			out = append(out, sorted(p))
			of[codec.JSON.Kind(p)] = true
		}
		if len(of) == 1 && (of[codec.List] || of[codec.String]) {
			slices.Sort(out)
		}
		return fmt.Sprintf("[%s]", strings.Join(out, ", "))
	}
	return string(raw)
}

func sameMembers(a, b codec.Raw) bool {
	sorted := func(raw codec.Raw) []string {
		members, err := codec.JSON.SplitMap(nil, raw)
		if err != nil {
			panic(err)
		}
		var out []string
		for _, m := range members {
			out = append(out, fmt.Sprintf("%s: %s", m.Key, m.Value))
		}
		slices.Sort(out)
		return out
	}
	return slices.Equal(sorted(a), sorted(b))
}

// withoutRepetitions removes those in the lists of attributes of the arguments
// of get_data.
func withoutRepetitions(args codec.Raw) codec.Raw {
	v, err := codec.JSON.Decode(args)
	if err != nil {
		panic(err)
	}
	entities := v.([]any)[0].(codec.Object)
	for i := range entities {
		var once []any
		for _, attr := range entities[i].Value.([]any) {
			if !slices.Contains(once, attr) {
				once = append(once, attr)
			}
		}
		entities[i].Value = once
	}
	out, err := codec.JSON.Append(nil, v)
	if err != nil {
		panic(err)
	}
	return out
}
