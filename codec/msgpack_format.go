package codec

// The first bytes of MsgPack values (https://github.com/msgpack/msgpack/blob/master/spec.md),
// those below mpNil and above mpMap32 with the number, length or value in them.
const (
	mpFixMap  = 0x80 // to 0x8f; below, integers from 0 to 127
	mpFixList = 0x90 // to 0x9f
	mpFixStr  = 0xa0 // to 0xbf
	mpNil     = 0xc0 // 0xc1 is no value
	mpFalse   = 0xc2
	mpTrue    = 0xc3
	mpBin8    = 0xc4
	mpBin16   = 0xc5
	mpBin32   = 0xc6
	mpExt8    = 0xc7
	mpExt16   = 0xc8
	mpExt32   = 0xc9
	mpFloat32 = 0xca
	mpFloat64 = 0xcb
	mpUint8   = 0xcc
	mpUint16  = 0xcd
	mpUint32  = 0xce
	mpUint64  = 0xcf
	mpInt8    = 0xd0
	mpInt16   = 0xd1
	mpInt32   = 0xd2
	mpInt64   = 0xd3
	mpFixExt1 = 0xd4 // then 2, 4, 8 and 16, to 0xd8
	mpStr8    = 0xd9
	mpStr16   = 0xda
	mpStr32   = 0xdb
	mpList16  = 0xdc
	mpList32  = 0xdd
	mpMap16   = 0xde
	mpMap32   = 0xdf
	mpFixNeg  = 0xe0 // to 0xff, integers from -32 to -1
)

// A mpForm says how a value with some first byte goes on.
type mpForm struct {
	kind Kind
	// sizeLen is how many bytes of length, or of the number of items, follow the
	// first byte. If there are none, size is the length or the number itself.
	sizeLen uint8
	size    uint8
	// extra bytes follow that the length does not count: the type of an extension.
	extra uint8
}

// mpForms holds the form for every first byte. An Invalid one is no value.
var mpForms = func() (t [256]mpForm) {
	for c := range t {
		switch {
		case c < mpFixMap || c >= mpFixNeg:
			t[c] = mpForm{kind: Int}
		case c < mpFixList:
			t[c] = mpForm{kind: Map, size: uint8(c - mpFixMap)}
		case c < mpFixStr:
			t[c] = mpForm{kind: List, size: uint8(c - mpFixList)}
		case c < mpNil:
			t[c] = mpForm{kind: String, size: uint8(c - mpFixStr)}
		}
	}
	t[mpNil] = mpForm{kind: Null}
	t[mpFalse] = mpForm{kind: Bool}
	t[mpTrue] = mpForm{kind: Bool}
	t[mpFloat32] = mpForm{kind: Float, size: 4}
	t[mpFloat64] = mpForm{kind: Float, size: 8}
	for i := range 4 {
		t[mpUint8+i] = mpForm{kind: Int, size: 1 << i}
		t[mpInt8+i] = mpForm{kind: Int, size: 1 << i}
	}
	for i := range 5 {
		t[mpFixExt1+i] = mpForm{kind: Ext, size: 1 << i, extra: 1}
	}
	for i := range 3 {
		t[mpStr8+i] = mpForm{kind: String, sizeLen: 1 << i}
		t[mpBin8+i] = mpForm{kind: Bytes, sizeLen: 1 << i}
		t[mpExt8+i] = mpForm{kind: Ext, sizeLen: 1 << i, extra: 1}
	}
	for i := range 2 {
		t[mpList16+i] = mpForm{kind: List, sizeLen: 2 << i}
		t[mpMap16+i] = mpForm{kind: Map, sizeLen: 2 << i}
	}
	return t
}()
