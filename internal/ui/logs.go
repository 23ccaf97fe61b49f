package ui

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"
)

const (
	// mostRead is how much of a log file is read at a time. Of more, the end is.
	mostRead = 16 << 10
	// longestLine is how much of a line is shown, in bytes.
	longestLine = 400
)

// logFiles follows the files of a folder as they grow.
type logFiles struct {
	dir  string
	seen map[string]int64 // by file name, how much
}

// printed is a line of a file.
type printed struct{ from, text string }

func newLogFiles(dir string) *logFiles { return &logFiles{dir, make(map[string]int64)} }

// read returns the lines that have been completed since the last time. What
// cannot be read is left out: nobody's run fails for that.
func (f *logFiles) read() []printed {
	entries, err := os.ReadDir(f.dir)
	if err != nil {
		return nil
	}
	var all []printed
	for _, e := range entries {
		info, err := e.Info()
		if name := e.Name(); err == nil && info.Mode().IsRegular() && info.Size() > f.seen[name] {
			all = f.readFile(all, name, info.Size())
		}
	}
	return all
}

func (f *logFiles) readFile(dst []printed, name string, size int64) []printed {
	file, err := os.Open(filepath.Join(f.dir, name))
	if err != nil {
		return dst
	}
	defer file.Close()
	from := f.seen[name]
	cut := size-from > mostRead
	if cut {
		from = size - mostRead
	}
	buf := make([]byte, size-from)
	n, err := file.ReadAt(buf, from)
	if err != nil && !errors.Is(err, io.EOF) {
		return dst
	}
	buf = buf[:n]
	if cut {
		_, buf, _ = bytes.Cut(buf, []byte("\n")) // the rest of a line
	}
	end := bytes.LastIndexByte(buf, '\n') + 1
	f.seen[name] = from + int64(n-len(buf)+end)
	for line := range bytes.Lines(buf[:end]) {
		text := strings.TrimRight(string(line), "\r\n")
		if len(text) > longestLine {
			text = text[:longestLine] + "..."
		}
		if !utf8.ValidString(text) {
			text = strings.ToValidUTF8(text, "?")
		}
		if text != "" {
			dst = append(dst, printed{strings.TrimSuffix(name, ".log"), text})
		}
	}
	return dst
}
