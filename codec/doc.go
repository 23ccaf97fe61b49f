// Package codec turns values into bytes and back.
//
// # Model
//
// A [Codec] encodes one value at a time. There are two forms of a value:
//
//   - decoded: nil, bool, int64, [*math/big.Int] (beyond int64), float64, string,
//     []any and [Object], whose members keep their order; with MsgPack also
//     []byte, [Pairs], which is an object with keys that are not all strings, and
//     [Extension]; and values of the registered types;
//   - encoded: [Raw], the value's own bytes. A Raw passes through untouched: its
//     digits, its kind (1 and 1.0 differ), NaN, the order of its keys and the
//     spelling of its strings stay as the sender wrote them. Whoever only
//     forwards a value should keep it Raw.
//
// Split and SplitMap take a Raw apart by one level without decoding what is
// inside; Kind, Int, Float and String read a scalar. All of them check the bytes
// they look at, so a Raw of any origin may be given to them.
//
// # JSON
//
// [JSON] is the dialect of Python's json module, because that is what the peers
// (aiomas 2.0.1, mosaik-api-v3 3.0.16) send and expect:
//
//   - written with ", " and ": " between items, ASCII only, floats as Python's
//     repr prints them, so that equal values give the bytes Python would give;
//   - NaN, Infinity and -Infinity are literals, in both directions;
//   - integers have any size, and 1 is an integer where 1.0 is a float;
//   - of equal keys in one object the last one wins, at the place of the first;
//   - a lone surrogate (\ud800) is kept; in a Go string it is its three bytes in
//     generalised UTF-8 (WTF-8), and it is written as the same escape again;
//   - a byte order mark, raw control characters, bytes after the value and
//     invalid UTF-8 are errors.
//
// # MsgPack
//
// [MsgPack] writes what Python's msgpack writes for aiomas: packb with
// use_bin_type.
//
//   - Integers have their shortest form, unsigned if they are not negative; they
//     are in -2^63 to 2^64-1. What is beyond int64 is decoded as a *big.Int, as in
//     JSON. Floats have eight bytes. Strings are valid UTF-8: there are no lone
//     surrogates. Bytes are the type bin.
//   - Read is every form of these: float32, wide integers, long headers.
//   - The keys of an object are anything but objects. One whose keys are all
//     strings is decoded as an [Object], any other as [Pairs]: an integer key is
//     an int64 there. SplitMap gives the key 5 as "5". Go maps with integer keys
//     are written in the order of the numbers.
//   - An extension is an [Extension]. Those from -128 to -1 are MsgPack's own
//     (-1 is a timestamp): they are read, but not written, as old peers do not
//     read them. Dates travel as a registered type.
//
// # Types
//
// A [Types] is an ordered list of types which both sides of a connection know.
// A codec bound to one by WithTypes sends values of these types as typed objects,
// {"__type__": [number, data]}, and decodes those: dates ([Date]), structs
// ([Struct]), others by functions of yours ([NewType], [Fallback]). The lists of
// aiomas: a channel has the extra serializers; on RPC connections follow the
// services, as a fallback; in containers a date comes before them all.
//
// [Convert] gives decoded values the Go types that a program wants.
//
// # Codecs of your own
//
// Whatever implements [Codec] can be used where these are. Encode [Array] and the
// types that Append's comment lists, and ask [Types.Encode] about others; give what
// you decoded to [Types.Resolve]. One that implements [Packer] also transforms each
// payload as a whole, as compression does.
//
// # Limits
//
// [MaxDepth] bounds nesting in both directions, so that neither a hostile peer
// nor a cyclic value can exhaust the stack. [MaxIntDigits] bounds the integers
// that are converted (not those that pass through as Raw), [MaxValues] the values
// of one MsgPack payload. What a payload claims to hold costs nothing: it is
// walked over before anything is allocated. The size of a message is bounded by
// the channel that carries it.
//
// # Guarantees
//
// Equal values give equal bytes: Go maps are written in the order of their keys.
// Codecs hold no state and may be used concurrently. Encoding the common types
// into a slice with room does not allocate.
package codec
