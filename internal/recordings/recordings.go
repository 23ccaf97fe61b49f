// Package recordings holds what real peers sent to each other, for tests. See
// README.md for where it comes from.
package recordings

import (
	"embed"
	"encoding/hex"
	"io/fs"
	"path"
	"strings"
)

//go:embed mosaik/*.txt aiomas/*.txt aiomas-msgpack/*.txt aiomas-msgpack-blosc/*.txt
var files embed.FS

// A Recording is the traffic of one scenario.
type Recording struct {
	Peer  string // "mosaik" or "aiomas"
	Name  string // of the scenario
	Lines []Line
}

// A Line is one frame, or the end of a direction.
type Line struct {
	Conn    string // which connection of the scenario: a simulator's id, or a number
	ToPeer  bool   // towards the side that serves: m2s (to the simulator) or c2s (to the side that listened)
	Payload string // of the frame, without its header; empty at the end of the direction
}

// All returns the recordings in JSON of all scenarios, mosaik's and aiomas', in
// the order of their names.
func All() []Recording {
	return append(read("aiomas", "aiomas"), read("mosaik", "mosaik")...)
}

// MsgPack returns the recordings of aiomas with its codec MsgPack.
func MsgPack() []Recording { return unhex(read("aiomas", "aiomas-msgpack")) }

// MsgPackBlosc returns the recordings of aiomas with its codec MsgPackBlosc. The
// payloads are Blosc chunks.
func MsgPackBlosc() []Recording { return unhex(read("aiomas", "aiomas-msgpack-blosc")) }

func read(peer, folder string) []Recording {
	names, err := fs.Glob(files, folder+"/*.txt")
	if err != nil {
		panic(err) // the pattern is malformed
	}
	var all []Recording
	for _, name := range names {
		text, err := files.ReadFile(name)
		if err != nil {
			panic(err) // an embedded file is always readable
		}
		all = append(all, Recording{
			Peer:  peer,
			Name:  strings.TrimSuffix(path.Base(name), ".txt"),
			Lines: parse(string(text)),
		})
	}
	return all
}

// unhex decodes the payloads of codecs that are not text.
func unhex(all []Recording) []Recording {
	for _, r := range all {
		for i := range r.Lines {
			payload, err := hex.DecodeString(r.Lines[i].Payload)
			if err != nil {
				panic(err) // the file is damaged
			}
			r.Lines[i].Payload = string(payload)
		}
	}
	return all
}

// parse reads lines of the form "connection direction payload".
func parse(text string) []Line {
	var lines []Line
	for line := range strings.Lines(text) {
		line = strings.TrimSuffix(line, "\n")
		if strings.HasPrefix(line, "#") {
			continue
		}
		conn, rest, _ := strings.Cut(line, " ")
		dir, payload, _ := strings.Cut(rest, " ")
		if payload == "eof" {
			payload = ""
		}
		lines = append(lines, Line{Conn: conn, ToPeer: dir == "m2s" || dir == "c2s", Payload: payload})
	}
	return lines
}

// Connections returns the lines of each connection, in the order in which the
// connections first appear.
func (r Recording) Connections() [][]Line {
	var (
		conns [][]Line
		index = map[string]int{}
	)
	for _, line := range r.Lines {
		i, known := index[line.Conn]
		if !known {
			i = len(conns)
			index[line.Conn] = i
			conns = append(conns, nil)
		}
		conns[i] = append(conns[i], line)
	}
	return conns
}

// FromPython reports whether a line was written by Python's json module, with its
// default separators. The Java simulator is the one peer that was not Python.
func (r Recording) FromPython(l Line) bool {
	return r.Name != "java_sim_unmodified" || l.ToPeer
}
