package results

import (
	"encoding/binary"
	"errors"
	"io"
	"maps"
	"os"
	"slices"

	"github.com/parquet-go/parquet-go/encoding/thrift"
	"github.com/parquet-go/parquet-go/format"
)

// magic is at both ends of a Parquet file.
const magic = "PAR1"

// footers writes a Parquet file that can be read whenever the program dies. The
// format wants one footer, at the end, which tells where all row groups are; what
// has none cannot be read. So each row group is written together with a footer of
// all row groups so far:
//
//	PAR1  group 1  footer of 1  group 2  footer of 1 and 2  ...
//
// where a footer is its Thrift struct FileMetaData, the length of that in 4 bytes
// (little-endian), and PAR1. Readers look at the last footer only; earlier
// ones are a gap between row groups, which the format allows. If the program
// dies in the middle of a write, the file ends in a part of a row group, and
// [lastFooter] finds where to cut.
type footers struct {
	path string
	f    file
	size int64
	meta format.FileMetaData
}

// append writes the row group of a Parquet file that has one, or none.
func (w *footers) append(one []byte, metadata map[string]string) error {
	meta, begin, err := parseFooter(one)
	if err != nil {
		return err
	}
	body := one[len(magic):begin]
	var block []byte
	if w.size == 0 {
		block = append(block, magic...)
	}
	moved := w.size + int64(len(block)) - int64(len(magic))
	groups := w.meta.RowGroups
	for _, g := range meta.RowGroups {
		if g.NumRows == 0 {
			continue
		}
		move(&g, moved)
		g.Ordinal = int16(len(groups))
		groups = append(groups, g)
	}
	rows := w.meta.NumRows + meta.NumRows
	w.meta = meta
	w.meta.RowGroups, w.meta.NumRows = groups, rows
	w.meta.KeyValueMetadata = nil
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		w.meta.KeyValueMetadata = append(w.meta.KeyValueMetadata, format.KeyValue{Key: key, Value: metadata[key]})
	}
	block = append(block, body...)
	footer, err := thrift.Marshal(new(thrift.CompactProtocol), &w.meta)
	if err != nil {
		return err
	}
	block = append(block, footer...)
	block = binary.LittleEndian.AppendUint32(block, uint32(len(footer)))
	block = append(block, magic...)
	if _, err := w.f.Write(block); err != nil {
		// If this fails too, there is still lastFooter.
		_ = w.f.Truncate(w.size)
		return &failedWrite{writeError("write", w.path, err)}
	}
	w.size += int64(len(block))
	return nil
}

// move adds to all offsets of a row group, and takes out those of the page
// indexes, which are not copied.
func move(g *format.RowGroup, by int64) {
	g.FileOffset += by
	for i := range g.Columns {
		c := &g.Columns[i]
		if c.FileOffset != 0 {
			c.FileOffset += by
		}
		c.OffsetIndexOffset, c.OffsetIndexLength = 0, 0
		c.ColumnIndexOffset, c.ColumnIndexLength = 0, 0
		c.MetaData.DataPageOffset += by
		if c.MetaData.DictionaryPageOffset != 0 {
			c.MetaData.DictionaryPageOffset += by
		}
	}
}

// close makes the file durable.
func (w *footers) close() error {
	err := w.f.Sync()
	if errors.Is(err, errors.ErrUnsupported) {
		err = nil
	}
	if err = errors.Join(err, w.f.Close()); err != nil {
		return &failedWrite{writeError("close", w.path, err)}
	}
	return nil
}

// errWrite is in the chain of errors of the file system.
var errWrite = errors.New("write")

type failedWrite struct{ error }

func (e *failedWrite) Unwrap() error   { return e.error }
func (e *failedWrite) Is(t error) bool { return t == errWrite }

// parseFooter reads the footer at the end of a file, and tells where it begins.
func parseFooter(text []byte) (meta format.FileMetaData, begin int, err error) {
	end := len(text) - len(magic) - 4
	if end < len(magic) || string(text[end+4:]) != magic {
		return meta, 0, errors.New("no Parquet footer")
	}
	begin = end - int(binary.LittleEndian.Uint32(text[end:]))
	if begin < len(magic) {
		return meta, 0, errors.New("the Parquet footer is longer than the file")
	}
	err = thrift.Unmarshal(new(thrift.CompactProtocol), text[begin:end], &meta)
	return meta, begin, err
}

// lastFooter returns where the last whole footer of a file ends: the size that
// it had before the write in the middle of which its writer died.
func lastFooter(f *os.File) (int64, error) {
	size, err := f.Seek(0, io.SeekEnd)
	if err != nil {
		return 0, err
	}
	const window = 1 << 20
	buf := make([]byte, window)
	for end := size; end > int64(len(magic)); {
		begin := max(0, end-window)
		part := buf[:end-begin]
		if _, err := f.ReadAt(part, begin); err != nil && !errors.Is(err, io.EOF) {
			return 0, err
		}
		for i := len(part) - len(magic); i >= 0; i-- {
			if string(part[i:i+len(magic)]) == magic && footerEnds(f, begin+int64(i+len(magic))) {
				return begin + int64(i+len(magic)), nil
			}
		}
		if begin == 0 {
			break
		}
		end = begin + int64(len(magic)) - 1 // a magic may lie across the border
	}
	return 0, errors.New("there is no whole Parquet footer in it, as in that of a run that was killed before its first step")
}

// footerEnds reports whether a footer ends there.
func footerEnds(f *os.File, end int64) bool {
	var tail [8]byte
	if end < int64(2*len(magic)+4) {
		return false
	}
	if _, err := f.ReadAt(tail[:], end-int64(len(tail))); err != nil {
		return false
	}
	size := int64(binary.LittleEndian.Uint32(tail[:])) + int64(len(tail))
	if size > end-int64(len(magic)) {
		return false
	}
	text := make([]byte, int64(len(magic))+size)
	copy(text, magic)
	if _, err := f.ReadAt(text[len(magic):], end-size); err != nil {
		return false
	}
	_, _, err := parseFooter(text)
	return err == nil
}
