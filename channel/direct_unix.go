//go:build unix

package channel

import (
	"net"
	"syscall"
)

// A directWriter writes to a socket as much as goes without waiting.
type directWriter struct {
	raw syscall.RawConn
	f   func(fd uintptr) bool // made once
	buf []byte                // in and out of f
	n   int
	err error
}

func newDirectWriter(nc net.Conn) *directWriter {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil // it is closed; the writer will notice
	}
	d := &directWriter{raw: raw}
	d.f = func(fd uintptr) bool {
		for {
			d.n, d.err = syscall.Write(int(fd), d.buf)
			if d.err != syscall.EINTR {
				return true // even if nothing was written: do not wait
			}
		}
	}
	return d
}

// tryWrite writes what it can of buf. That the socket takes nothing now is no
// error.
func (d *directWriter) tryWrite(buf []byte) (n int, err error) {
	d.buf = buf
	err = d.raw.Write(d.f)
	n, d.buf = d.n, nil
	d.n = 0
	if err == nil {
		err = d.err
	}
	if n < 0 {
		n = 0
	}
	if err == syscall.EAGAIN {
		err = nil
	}
	return n, err
}

// A directReader reads from a socket what is there, without waiting.
type directReader struct {
	raw syscall.RawConn
	f   func(fd uintptr) bool // made once
	buf []byte                // in and out of f
	n   int
	err error
}

func newDirectReader(nc net.Conn) *directReader {
	switch nc.(type) {
	case *net.TCPConn, *net.UnixConn:
	default:
		return nil
	}
	raw, err := nc.(syscall.Conn).SyscallConn()
	if err != nil {
		return nil // it is closed; the reader will notice
	}
	d := &directReader{raw: raw}
	d.f = func(fd uintptr) bool {
		d.n, d.err = syscall.Read(int(fd), d.buf)
		return true // even if nothing was read: do not wait
	}
	return d
}

// tryRead returns how much it has read; 0 also stands for the end, of which Read
// tells. An error of the socket is told only once.
func (d *directReader) tryRead(buf []byte) (n int, err error) {
	d.buf, d.n, d.err = buf, 0, nil
	_ = d.raw.Read(d.f) // it fails if the connection is closed, of which Read tells, too
	d.buf = nil
	if err = d.err; err == syscall.EAGAIN || err == syscall.EINTR {
		err = nil
	}
	return max(d.n, 0), err
}
