// Package codec turns values into bytes and back.
//
// # Model
//
// A [Codec] encodes one value at a time. There are two forms of a value:
//
//   - decoded: nil, bool, int64, [*math/big.Int] (beyond int64), float64, string,
//     []any and [Object], whose members keep their order;
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
// # Limits
//
// [MaxDepth] bounds nesting in both directions, so that neither a hostile peer
// nor a cyclic value can exhaust the stack. [MaxIntDigits] bounds the integers
// that are converted (not those that pass through as Raw). The size of a
// message is bounded by the channel that carries it.
//
// # Guarantees
//
// Equal values give equal bytes: Go maps are written in the order of their keys.
// Codecs hold no state and may be used concurrently. Encoding the common types
// into a slice with room does not allocate.
package codec
