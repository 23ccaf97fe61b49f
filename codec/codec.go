package codec

// Limits on what is encoded and decoded.
const (
	// MaxDepth is the deepest nesting of arrays and objects. CPython's json
	// stops at about 993 levels; real messages stay below 10.
	MaxDepth = 512
	// MaxIntDigits is the length of the longest integer that Decode converts;
	// conversion takes quadratic time. It is CPython's own default
	// (sys.int_info.default_max_str_digits).
	MaxIntDigits = 4300
)

// A Codec turns values into bytes and back. Implementations are stateless and
// may be used concurrently.
//
// A Raw belongs to the codec that produced it: no codec reads another's.
type Codec interface {
	// Name is the codec's name in configurations and error messages, such as "json".
	Name() string

	// Append appends the encoding of v to dst and returns the extended slice.
	// It takes the types listed in the package documentation, all Go integers
	// and floats, named types of these, slices and string-keyed maps of such
	// values, [Raw], and [Array], and the types it was bound to by WithTypes.
	// Anything else is an *EncodeError; dst is then returned with its original
	// length.
	Append(dst []byte, v any) ([]byte, error)

	// AppendInt appends an integer, as Append does, without boxing it.
	AppendInt(dst []byte, n int64) []byte

	// AppendString appends a string, as Append does, without boxing it.
	AppendString(dst []byte, s string) ([]byte, error)

	// AppendListStart, AppendListNext and AppendListEnd append what stands before,
	// between and after the n items of an array, so that one can be written item
	// by item without being a value.
	AppendListStart(dst []byte, n int) []byte
	AppendListNext(dst []byte) []byte
	AppendListEnd(dst []byte) []byte

	// Decode decodes data, which must hold exactly one value. Nothing in the
	// result refers to data. Its error is a *SyntaxError, or a *TypeError from
	// the types it was bound to.
	Decode(data Raw) (any, error)

	// Split appends the elements of an array to dst. The elements alias array
	// and have been checked; nothing has been decoded.
	Split(dst []Raw, array Raw) ([]Raw, error)

	// SplitMap appends the members of an object to dst in the order they have
	// in it, equal keys included (the last of them counts). Values alias
	// object and have been checked.
	SplitMap(dst []RawMember, object Raw) ([]RawMember, error)

	// Kind returns what data claims to hold, from its first bytes only.
	Kind(data Raw) Kind

	// Int returns an integer that fits into int64. A float is an error, even a
	// whole one.
	Int(data Raw) (int64, error)

	// Float returns a number of either kind as float64, rounded to nearest.
	Float(data Raw) (float64, error)

	// String returns a string.
	String(data Raw) (string, error)

	// WithTypes returns the same codec, bound to a list of types instead of the
	// one it was bound to before; nil stands for none. Append, also of what it
	// hands to an [Array], then takes values of these types, and Decode returns
	// them. All the rest works on bytes and sees a typed object as the object
	// that it is on the wire.
	WithTypes(types *Types) Codec
}

// A Packer is a Codec whose payloads are transformed as a whole before they are
// sent, such as compressed. Only the sender and the receiver of a whole payload
// pack and unpack: the methods of Codec work on what is not packed.
type Packer interface {
	Codec

	// Pack appends the packed form of a payload to dst.
	Pack(dst, payload []byte) ([]byte, error)

	// Unpack appends the payload to dst. It is an error, and next to nothing is
	// allocated, if the payload has more than limit bytes.
	Unpack(dst, packed []byte, limit int) ([]byte, error)
}

// A Kind says what sort of value a Raw holds.
type Kind uint8

// The kinds of values. Invalid is the kind of bytes that begin no value.
const (
	Invalid Kind = iota
	Null
	Bool
	Int
	Float
	String
	List
	Map
	Bytes // MsgPack only
	Ext   // MsgPack only: an Extension
)

var kindNames = [...]string{"no value", "null", "a boolean", "an integer", "a float", "a string", "an array", "an object", "bytes", "an extension"}

// String returns the kind with its article, for error messages: "an array".
func (k Kind) String() string { return kindNames[k] }
