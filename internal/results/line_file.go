package results

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"sync"
	"syscall"
)

// bufferSize is how much is collected before it is written.
const bufferSize = 64 << 10

// file is what a lineFile needs of an *os.File.
type file interface {
	Write([]byte) (int, error)
	Truncate(size int64) error
	Sync() error
	Close() error
}

// lineFile is a buffered file that never holds a part of a line: not after a
// kill, not on a full disk. Its goroutine writes what has waited long enough;
// close ends it.
type lineFile struct {
	path string // for errors

	mu   sync.Mutex // protects the following
	f    file
	buf  []byte // whole lines
	size int64  // of the file: whole lines
	err  error  // the first failure; nothing is written after it

	flusher *flusher
}

func newLineFile(path string, f file) *lineFile {
	l := &lineFile{path: path, f: f, buf: make([]byte, 0, bufferSize+bufferSize/4)}
	l.flusher = startFlusher(func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.flush()
	})
	return l
}

// update calls add with the buffer, to which it appends whole lines. The error
// is add's, or the first one of the file.
func (l *lineFile) update(add func(buf []byte) ([]byte, error)) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err != nil {
		return l.err
	}
	buf, err := add(l.buf)
	if err != nil {
		return err
	}
	if l.buf = buf; len(buf) >= bufferSize {
		l.flush()
	}
	return l.err
}

// flush writes the buffer. l.mu is held.
func (l *lineFile) flush() {
	if l.err != nil || len(l.buf) == 0 {
		return
	}
	n, err := l.f.Write(l.buf)
	if err != nil {
		l.fail("write", err)
		// Keep the whole lines that did fit.
		whole := bytes.LastIndexByte(l.buf[:n], '\n') + 1
		l.size += int64(whole)
		if whole < n {
			// If this fails too, the last line is cut off: there is nothing left to try.
			_ = l.f.Truncate(l.size)
		}
		return
	}
	l.size += int64(n)
	// What a very wide step has made of the buffer need not stay.
	if l.buf = l.buf[:0]; cap(l.buf) > 16*bufferSize {
		l.buf = make([]byte, 0, bufferSize+bufferSize/4)
	}
}

// close writes what is left and makes it durable.
func (l *lineFile) close() error {
	l.flusher.stop()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.flush()
	if err := l.f.Sync(); err != nil && l.err == nil && !errors.Is(err, errors.ErrUnsupported) {
		l.fail("sync", err)
	}
	if err := l.f.Close(); err != nil && l.err == nil {
		l.fail("close", err)
	}
	return l.err
}

func (l *lineFile) fail(op string, err error) {
	if _, ok := l.f.(pipe); ok {
		err = bare(err)
		advice := "what reads it must read until the end"
		if errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EFBIG) { // it leads to a file
			advice = "make room there, or write to another place"
		}
		l.err = fmt.Errorf("%s stream %s: %w; %s", op, l.path, err, advice)
		return
	}
	l.err = writeError(op, l.path, err)
}

// writeError words a failure to write a file of values.
func writeError(op, path string, err error) error {
	err = bare(err)
	return fmt.Errorf("%s %s: %w; make room there, or choose another folder", op, path, err)
}

// bare is what has happened, without what was done and where.
func bare(err error) error {
	if oe, ok := errors.AsType[*net.OpError](err); ok {
		err = oe.Err
	}
	if se, ok := errors.AsType[*os.SyscallError](err); ok {
		return se.Err
	}
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		return pe.Err
	}
	return err
}
