package results

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"math"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	_ "modernc.org/sqlite" // the driver, in Go

	"github.com/simrun/simrun/sim"
)

// schemaSQL makes the tables and views.
//
//go:embed schema.sql
var schemaSQL string

const (
	// sqliteBatch is how many rows one statement inserts.
	sqliteBatch = 100
	// commitRows is how many rows one transaction has at most.
	commitRows = 100_000
)

// sqliteFile writes a database of one run. Others can read it meanwhile: its
// journal is a write-ahead log, which is also what brings back what was
// committed if the program dies.
type sqliteFile struct {
	path  string
	start time.Time
	index []int64 // IDs of the recorded series

	mu      sync.Mutex // protects the following
	db      *sql.DB
	conn    *sql.Conn
	many    *sql.Stmt // inserts sqliteBatch values
	one     *sql.Stmt
	args    []any // of many
	pending int   // rows in the transaction that is open
	err     error // the first failure; nothing is written after it

	flusher *flusher
}

func newSQLiteFile(path string, a about) (*sqliteFile, error) {
	// The driver opens what is there already, and says little if it cannot.
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o644)
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		return nil, writeError("create", path, err)
	}
	s := &sqliteFile{path: path, start: a.start}
	if s.db, err = sql.Open("sqlite", fileURL(path, "")); err != nil {
		return nil, writeError("create", path, err)
	}
	// Transactions belong to a connection.
	if s.conn, err = s.db.Conn(context.Background()); err == nil {
		// Only the death of the system, not that of the program, can lose more than
		// the last transactions with synchronous=normal.
		err = s.exec("PRAGMA journal_mode=wal; PRAGMA synchronous=normal; PRAGMA cache_size=-16000;" + schemaSQL)
	}
	if err == nil {
		err = s.exec("INSERT INTO runs (id, start, manifest) VALUES (1, ?, ?)", s.date(), string(a.manifest))
	}
	if err == nil {
		s.one, err = s.conn.PrepareContext(context.Background(), "INSERT INTO points VALUES (?, ?, ?)")
	}
	if err == nil {
		s.many, err = s.conn.PrepareContext(context.Background(), "INSERT INTO points VALUES "+
			strings.TrimSuffix(strings.Repeat("(?, ?, ?), ", sqliteBatch), ", "))
	}
	if err != nil {
		return nil, writeError("create", path, errors.Join(err, s.db.Close()))
	}
	s.flusher = startFlusher(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.commit()
	})
	return s, nil
}

// fileURL names a database for the driver, which takes a question mark in the
// path for the beginning of options.
func fileURL(path, query string) string {
	if abs, err := filepath.Abs(path); err == nil {
		path = abs
	}
	slashed := filepath.ToSlash(path)
	if !strings.HasPrefix(slashed, "/") {
		slashed = "/" + slashed // C:/...
	}
	return (&url.URL{Scheme: "file", Path: slashed, RawQuery: query}).String()
}

// date is the start as SQLite's date functions read it, nil if there is none.
func (s *sqliteFile) date() any {
	if s.start.IsZero() {
		return nil
	}
	return s.start.UTC().Format("2006-01-02 15:04:05.000")
}

func (s *sqliteFile) exec(query string, args ...any) error {
	_, err := s.conn.ExecContext(context.Background(), query, args...)
	return err
}

func (s *sqliteFile) begin(series []sim.Series, topology Topology) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	err := s.exec("BEGIN")
	if err == nil {
		err = s.describe(series, topology)
	}
	if err == nil {
		err = s.exec("COMMIT")
	}
	if err != nil {
		s.err = writeError("write", s.path, err)
	}
	return s.err
}

// describe fills the tables that do not grow.
func (s *sqliteFile) describe(series []sim.Series, topology Topology) error {
	entities := make(map[string]int64)
	add := func(fullID, model string) error {
		id := int64(len(entities) + 1)
		entities[fullID] = id
		simulator, _, _ := strings.Cut(fullID, ".")
		return s.exec("INSERT INTO entities VALUES (?, 1, ?, ?, ?)", id, fullID, simulator, model)
	}
	for _, e := range topology.Entities {
		if err := add(e.FullID(), e.Model().Name); err != nil {
			return err
		}
	}
	for _, c := range topology.Connections {
		if err := s.exec("INSERT INTO relations VALUES (?, ?, ?, ?, ?, ?, ?)", entities[c.Source.FullID()], c.SourceAttr,
			entities[c.Destination.FullID()], c.DestinationAttr, c.Shift.Seconds(), c.Weak, c.Event); err != nil {
			return err
		}
	}
	all, index := distinct(series)
	for i, one := range all {
		if _, known := entities[one.FullID]; !known { // nobody has described the world
			if err := add(one.FullID, ""); err != nil {
				return err
			}
		}
		if err := s.exec("INSERT INTO series VALUES (?, ?, ?, ?, ?, ?)", i+1, entities[one.FullID], one.Entity, one.Attr, one.Unit, kindOf(one)); err != nil {
			return err
		}
	}
	for _, i := range index {
		s.index = append(s.index, int64(i+1))
	}
	return nil
}

func (s *sqliteFile) write(rows []sim.Row) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range rows {
		if s.err != nil {
			return s.err
		}
		value, err := sqlValue(rows[i].Value)
		if err != nil {
			return fmt.Errorf("t=%v: %w", rows[i].Time, err)
		}
		s.args = append(s.args, s.index[rows[i].Series], int64(rows[i].Time), value)
		if len(s.args) == 3*sqliteBatch {
			s.insert()
		}
		if s.pending >= commitRows {
			s.commit()
		}
	}
	return s.err
}

// sqlValue is a value as SQLite keeps it: it has no NaN and no booleans.
func sqlValue(v sim.Value) (any, error) {
	if v.IsNull() {
		return nil, nil
	}
	switch v.Kind() {
	case sim.KindFloat:
		f, err := v.Float64()
		if math.IsNaN(f) {
			return "NaN", err
		}
		return f, err
	case sim.KindInt, sim.KindText, sim.KindBool:
		return v.Any()
	}
	number, numberErr := v.Float64()
	if numberErr == nil && math.IsNaN(number) {
		return "NaN", nil
	}
	plain, err := v.Any()
	if err != nil {
		return nil, err
	}
	switch plain.(type) {
	case int64, float64, string, bool:
		return plain, nil
	}
	if numberErr == nil { // an integer of more than 64 bits
		return number, nil
	}
	text, err := v.Append(nil)
	return string(text), err
}

// insert puts the collected rows into a transaction.
func (s *sqliteFile) insert() {
	if s.err != nil || len(s.args) == 0 {
		return
	}
	var err error
	if s.pending == 0 {
		err = s.exec("BEGIN")
	}
	if err == nil && len(s.args) == 3*sqliteBatch {
		_, err = s.many.Exec(s.args...)
	} else {
		for i := 0; i < len(s.args) && err == nil; i += 3 {
			_, err = s.one.Exec(s.args[i : i+3]...)
		}
	}
	s.pending += len(s.args) / 3
	if s.args = s.args[:0]; err != nil {
		s.err = writeError("write", s.path, err)
	}
}

// commit lets others see what was written, and keeps it if the program dies.
func (s *sqliteFile) commit() {
	s.insert()
	if s.err != nil || s.pending == 0 {
		return
	}
	if err := s.exec("COMMIT"); err != nil {
		s.err = writeError("write", s.path, err)
	}
	s.pending = 0
}

// endSQL completes a database: one file without a log, in which a series is
// found fast.
const endSQL = `CREATE INDEX IF NOT EXISTS points_of_series ON points (series, time_ns);
PRAGMA wal_checkpoint(truncate); PRAGMA journal_mode=delete;`

func (s *sqliteFile) close(manifest []byte) error {
	s.flusher.stop()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.commit()
	if s.err == nil && manifest != nil {
		if err := s.exec("UPDATE runs SET manifest = ?", string(manifest)); err != nil {
			s.err = writeError("write", s.path, err)
		}
	}
	if s.err == nil {
		if err := s.exec(endSQL); err != nil {
			s.err = writeError("write", s.path, err)
		}
	}
	if err := errors.Join(s.one.Close(), s.many.Close(), s.conn.Close(), s.db.Close()); err != nil && s.err == nil {
		s.err = writeError("close", s.path, err)
	}
	return s.err
}
