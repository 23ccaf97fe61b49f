package results

import (
	"bufio"
	"bytes"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"

	"github.com/parquet-go/parquet-go"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// readJSONLines reads results.jsonl.
func readJSONLines(r io.Reader, _ string, index *seriesIndex, yield func(sim.Row) error) error {
	in := bufio.NewReaderSize(r, 1<<20)
	for n := 1; ; n++ {
		line, err := in.ReadBytes('\n')
		if errors.Is(err, io.EOF) {
			return nil // what has no end of line was being written
		}
		if err != nil {
			return err
		}
		var one struct {
			Time              json.Number
			Entity, Attribute string
			Value             json.RawMessage
		}
		if err := json.Unmarshal(line, &one); err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		at, err := parseSeconds(one.Time.String())
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		i, err := index.find(one.Entity, one.Attribute)
		if err != nil {
			return fmt.Errorf("line %d: %w", n, err)
		}
		if err := yield(sim.Row{Time: at, Series: i, Value: jsonValue(one.Value)}); err != nil {
			return err
		}
	}
}

func jsonValue(raw json.RawMessage) sim.Value {
	switch {
	case len(raw) == 0:
		return sim.Null
	case raw[0] == '{' || raw[0] == '[':
		return sim.RawValue(codec.Raw(bytes.Clone(raw)))
	case raw[0] != '"':
		return unquoted(raw)
	}
	var text string
	if err := json.Unmarshal(raw, &text); err != nil {
		return sim.Text(string(raw))
	}
	if text == "NaN" || text == "Infinity" || text == "-Infinity" {
		return unquoted([]byte(text))
	}
	return sim.Text(text)
}

// readParquet reads results.parquet.
func readParquet(path string, index *seriesIndex, yield func(sim.Row) error) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	size, err := lastFooter(f)
	if err != nil {
		return err
	}
	file, err := parquet.OpenFile(io.NewSectionReader(f, 0, size), size, parquet.SkipPageIndex(true))
	if err != nil {
		return err
	}
	r := parquet.NewGenericReader[parquetRow](file)
	defer r.Close()
	rows := make([]parquetRow, parquetBatch)
	for {
		n, err := r.Read(rows)
		for i := range rows[:n] {
			row := &rows[i]
			at, findErr := index.find(row.Entity, row.Attribute)
			if findErr != nil {
				return findErr
			}
			if err := yield(sim.Row{Time: sim.Time(row.TimeNS), Series: at, Value: row.plain()}); err != nil {
				return err
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// plain is the value of a row, see split.
func (r *parquetRow) plain() sim.Value {
	switch {
	case r.Value != nil && r.Text != nil:
		return unquoted([]byte(*r.Text))
	case r.Value != nil:
		return sim.Float(*r.Value)
	case r.Text != nil:
		return sim.Text(*r.Text)
	}
	return sim.Null
}

// readSQLite reads results.sqlite, whose series have the order of series.csv, which has so many.
func readSQLite(path string, series int, yield func(sim.Row) error) (err error) {
	db, err := sql.Open("sqlite", fileURL(path, ""))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	rows, err := db.Query("SELECT series, time_ns, value FROM points ORDER BY rowid")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var number, at int64
		var value any
		if err := rows.Scan(&number, &at, &value); err != nil {
			return err
		}
		if number < 1 || number > int64(series) {
			return fmt.Errorf("a value of series %d, which is not in %s", number, seriesName)
		}
		row := sim.Row{Time: sim.Time(at), Series: int(number - 1), Value: sim.ValueOf(value)}
		if value == "NaN" {
			row.Value = sim.Float(math.NaN())
		}
		if err := yield(row); err != nil {
			return err
		}
	}
	return rows.Err()
}
