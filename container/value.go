package container

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/simrun/simrun/codec"
)

// copyOf returns what arrives of a value that is sent.
func (c *Container) copyOf(v any) (any, error) {
	if copied, ok := c.lists.plain(v, 0); ok {
		return copied, nil
	}
	encoded, err := c.copier.Append(nil, v)
	if err != nil {
		return nil, err
	}
	return c.copier.Decode(encoded)
}

// maxPlain limits the nesting of lists that plain copies.
const maxPlain = 8

// plain is copyOf for values of the most frequent types, which need not be
// encoded.
func (l *lists) plain(v any, depth int) (any, bool) {
	switch known := v.(type) {
	case nil, bool, int64:
		return v, true
	case float64:
		if known != known {
			return math.NaN(), true // as it is elsewhere: of many, messages know one
		}
		return v, true
	case int:
		return int64(known), true
	case string:
		return v, utf8.ValidString(known)
	case []any:
		if known == nil || depth == maxPlain {
			return nil, false
		}
		if copied, ok := l.copy(known); ok {
			return copied, true
		}
		list := make([]any, len(known))
		for i, item := range known {
			var ok bool
			if list[i], ok = l.plain(item, depth+1); !ok {
				return nil, false
			}
		}
		return list, true
	case []float64:
		if known == nil {
			return nil, false
		}
		list := make([]any, len(known))
		for i, x := range known {
			list[i], _ = l.plain(x, depth) // it always is
		}
		return list, true
	}
	return nil, false
}

// copyResult returns what arrives of the result of a call. What leaves the container is
// not copied, because it is encoded at once.
func (c *Container) copyResult(call *parcel, v any) (any, error) {
	if call.sender == nil && c.leaves(call.from) {
		return v, nil
	}
	return c.copyOf(v)
}

// As gives the result of a call a type, see [codec.Convert]. It takes the two
// results of [Agent.Call], or those of a [Reply]:
//
//	price, err := container.As[float64](a.Call(ctx, "seller", "offer", 3))
func As[R any](value any, err error) (R, error) {
	if err != nil {
		var none R
		return none, err
	}
	r, err := codec.Convert[R](value)
	if err != nil {
		return r, fmt.Errorf("the result: %w", err)
	}
	return r, nil
}
