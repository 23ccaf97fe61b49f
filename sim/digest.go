package sim

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"slices"
	"strings"
)

// digest condenses everything that one simulator put out, step by step. The
// digest of a run is made from those of its simulators in order of their names,
// so it does not depend on which of them was faster.
type digest struct {
	hash    hash.Hash
	buf     []byte
	scratch []byte // of value
}

func newDigest() digest { return digest{hash: sha256.New(), buf: make([]byte, 0, 4096)} }

// keptScratch is the most memory that is kept for the next value.
const keptScratch = 64 << 10

func (d *digest) time(t Time) {
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(t))
	d.room()
}

func (d *digest) value(slot uint32, v Value) {
	d.buf = binary.LittleEndian.AppendUint32(d.buf, slot)
	d.buf = append(d.buf, byte(v.kind))
	if v.ref == nil {
		d.buf = binary.LittleEndian.AppendUint64(d.buf, v.num)
		d.room()
		return
	}
	text, err := v.Append(d.scratch[:0])
	if err != nil {
		text = []byte(err.Error())
	}
	d.text(text)
	if d.scratch = text; cap(text) > keptScratch {
		d.scratch = nil
	}
}

func (d *digest) text(text []byte) {
	d.buf = binary.LittleEndian.AppendUint64(d.buf, uint64(len(text)))
	if len(d.buf)+len(text) < cap(d.buf)-64 {
		d.buf = append(d.buf, text...)
		return
	}
	d.flush()
	d.hash.Write(text)
}

func (d *digest) room() {
	if len(d.buf) > cap(d.buf)-64 {
		d.flush()
	}
}

func (d *digest) flush() {
	d.hash.Write(d.buf)
	d.buf = d.buf[:0]
}

// digestOf is the digest of a run.
func digestOf(instances []*Instance) string {
	sorted := slices.Clone(instances)
	slices.SortFunc(sorted, func(a, b *Instance) int { return strings.Compare(a.name, b.name) })
	all := newDigest()
	for _, in := range sorted {
		all.text([]byte(in.name))
		in.digest.flush()
		all.text(in.digest.hash.Sum(nil))
	}
	all.flush()
	return hex.EncodeToString(all.hash.Sum(nil))
}
