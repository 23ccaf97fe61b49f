package results

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/parquet-go/parquet-go"
	"github.com/parquet-go/parquet-go/compress/zstd"

	"github.com/simrun/simrun/sim"
)

const (
	// rowGroupRows is how many values a full row group has.
	rowGroupRows = 1 << 18
	// parquetBatch is how many values are handed to the library at once.
	parquetBatch = 1 << 10
	// patience is the part of a run's duration that its last values may wait for
	// their row group to become full. A run of T seconds writes about
	// 1/patience * (1 + log(T * patience)) row groups that are not.
	patience = 0.05
)

// Keys of the metadata of Parquet files.
const (
	seriesKeyName   = "simrun.series"
	manifestKeyName = "simrun.manifest"
)

// parquetRow is a row of a Parquet file: a value.
type parquetRow struct {
	Time      float64  `parquet:"time"` // seconds
	Date      *int64   `parquet:"date,optional,timestamp(nanosecond:utc)"`
	Entity    string   `parquet:"entity,dict"`
	Attribute string   `parquet:"attribute,dict"`
	Value     *float64 `parquet:"value,optional"`
	Text      *string  `parquet:"text,optional,dict"`
	TimeNS    int64    `parquet:"time_ns,delta"`
}

// seriesMeta describes a series in the metadata.
type seriesMeta struct {
	Entity    string `json:"entity"`
	Attribute string `json:"attribute"`
	Unit      string `json:"unit"`
	Kind      string `json:"kind"`
	ID        string `json:"id"`
}

// parquetFile writes row groups, each with a footer, see [footers].
type parquetFile struct {
	start  time.Time
	series []sim.Series

	mu       sync.Mutex // protects the following
	out      *footers
	group    bytes.Buffer // a Parquet file of one row group
	writer   *parquet.GenericWriter[parquetRow]
	rows     [parquetBatch]parquetRow
	values   [parquetBatch]float64 // that rows point to
	dates    [parquetBatch]int64
	texts    [parquetBatch]string
	batched  int
	grouped  int // rows in writer
	began    time.Time
	wrote    time.Time // the last row group
	scratch  []byte
	digits   []byte
	err      error // the first failure; nothing is written after it
	manifest []byte

	flusher *flusher
}

func newParquetFile(path string, f *os.File, a about) *parquetFile {
	p := &parquetFile{start: a.start, manifest: a.manifest, began: time.Now(), wrote: time.Now(), out: &footers{path: path, f: f}}
	p.writer = parquet.NewGenericWriter[parquetRow](&p.group, parquet.Compression(&zstd.Codec{Level: zstd.SpeedFastest}),
		parquet.CreatedBy("simrun", "", ""), parquet.DataPageStatistics(false))
	p.flusher = startFlusher(p.flushIfDue)
	return p
}

func (p *parquetFile) begin(series []sim.Series, _ Topology) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.series = series
	p.writeGroup() // with no rows: a file that can be opened
	return p.err
}

func (p *parquetFile) write(rows []sim.Row) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range rows {
		if p.err != nil {
			return p.err
		}
		if err := p.add(&rows[i]); err != nil {
			return valueError(p.series[rows[i].Series], rows[i].Time, err)
		}
	}
	return p.err
}

// add takes in one value. The error is about the value.
func (p *parquetFile) add(row *sim.Row) (err error) {
	at, n := &p.rows[p.batched], p.batched
	s := &p.series[row.Series]
	*at = parquetRow{Time: row.Time.Seconds(), TimeNS: int64(row.Time), Entity: s.Entity, Attribute: s.Attr}
	if !p.start.IsZero() {
		if date := p.start.Add(time.Duration(row.Time)); 1678 <= date.Year() && date.Year() < 2262 { // others do not fit
			p.dates[n] = date.UnixNano()
			at.Date = &p.dates[n]
		}
	}
	var hasNumber, hasText bool
	if p.values[n], hasNumber, p.texts[n], hasText, err = p.split(row.Value); err != nil {
		return err
	}
	if hasNumber {
		at.Value = &p.values[n]
	}
	if hasText {
		at.Text = &p.texts[n]
	}
	if p.batched++; p.batched == parquetBatch {
		p.writeBatch()
		if p.grouped >= rowGroupRows {
			p.writeGroup()
		}
	}
	return nil
}

// split gives what goes into the column of numbers and what into that of texts:
// there is a text if the number does not say it all.
func (p *parquetFile) split(v sim.Value) (number float64, hasNumber bool, text string, hasText bool, err error) {
	if v.IsNull() {
		return 0, false, "", false, nil
	}
	if k := v.Kind(); k != sim.KindText && k != sim.KindAny {
		if number, err = v.Float64(); err == nil {
			hasNumber = true
			if k == sim.KindFloat {
				return number, true, "", false, nil
			}
		}
	}
	if p.scratch, err = v.Append(p.scratch[:0]); err != nil {
		return 0, false, "", false, err
	}
	if hasNumber {
		// Digits that a float64 has are not kept twice.
		p.digits = appendFloat(p.digits[:0], number)
		if bytes.Equal(p.digits, p.scratch) {
			return number, true, "", false, nil
		}
		return number, true, string(p.scratch), true, nil
	}
	plain, err := v.Any()
	if text, isText := plain.(string); isText {
		return 0, false, text, true, err
	}
	return 0, false, string(p.scratch), true, err
}

func (p *parquetFile) writeBatch() {
	if p.err != nil || p.batched == 0 {
		return
	}
	if _, err := p.writer.Write(p.rows[:p.batched]); err != nil {
		p.err = err
	}
	p.grouped += p.batched
	p.batched = 0
}

// writeGroup writes the row group so far, and a footer.
func (p *parquetFile) writeGroup() {
	p.writeBatch()
	if p.err != nil {
		return
	}
	if p.err = p.writer.Close(); p.err != nil {
		return
	}
	p.err = p.out.append(p.group.Bytes(), map[string]string{seriesKeyName: p.seriesJSON(), manifestKeyName: string(p.manifest)})
	p.group.Reset()
	p.writer.Reset(&p.group)
	p.grouped, p.wrote = 0, time.Now()
}

// flushIfDue writes a row group that is not full if its values have waited long.
func (p *parquetFile) flushIfDue() {
	p.mu.Lock()
	defer p.mu.Unlock()
	waited, ran := time.Since(p.wrote), time.Since(p.began)
	if p.grouped+p.batched > 0 && waited.Seconds() >= patience*ran.Seconds() {
		p.writeGroup()
	}
}

// seriesJSON describes the series.
func (p *parquetFile) seriesJSON() string {
	list := []seriesMeta{}
	all, _ := distinct(p.series)
	for _, s := range all {
		list = append(list, seriesMeta{s.Entity, s.Attr, s.Unit, kindOf(s), s.FullID})
	}
	text, err := json.Marshal(list)
	if err != nil {
		panic(err) // texts have a form in JSON
	}
	return string(text)
}

func (p *parquetFile) close(manifest []byte) error {
	p.flusher.stop()
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.manifest = manifest; p.err == nil {
		p.writeGroup()
	}
	if err := p.out.close(); err != nil && p.err == nil {
		p.err = err
	}
	if errors.Is(p.err, errWrite) {
		return p.err
	}
	if p.err != nil {
		return fmt.Errorf("%s: %w", p.out.path, p.err)
	}
	return nil
}
