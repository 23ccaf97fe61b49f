package proc

import (
	"io"
	"os"
	"strings"
)

const (
	// TailLines is how many lines Tail returns at most.
	TailLines = 20
	// tailBytes is how much of a log is read for them.
	tailBytes = 8 << 10
	// maxLine is the length to which a line is cut.
	maxLine = 500
)

// readTail returns the last lines of a file, none if it cannot be read: they
// only help to explain another error.
func readTail(path string) []string {
	f, err := os.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	end, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return nil
	}
	from := max(0, end-tailBytes)
	data, err := io.ReadAll(io.NewSectionReader(f, from, tailBytes))
	if err != nil {
		return nil
	}
	text := strings.ToValidUTF8(string(data), "?")
	lines := strings.Split(strings.TrimRight(text, "\r\n"), "\n")
	if from > 0 && len(lines) > 1 {
		lines = lines[1:] // the first one is cut
	}
	lines = lines[max(0, len(lines)-TailLines):]
	var kept []string
	for _, line := range lines {
		line = strings.TrimRight(line, "\r")
		if len(line) > maxLine {
			line = line[:maxLine] + "..."
		}
		if line != "" {
			kept = append(kept, line)
		}
	}
	return kept
}
