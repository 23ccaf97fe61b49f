package container

import (
	"fmt"
	"math"
	"unicode/utf8"

	"github.com/simrun/simrun/codec"
)

// copyOf returns what arrives of a value that is sent.
func (c *Container) copyOf(v any) (any, error) {
	switch known := v.(type) {
	case nil, bool, int64:
		return v, nil
	case float64:
		if known != known {
			return math.NaN(), nil // as it is elsewhere: of many, messages know one
		}
		return v, nil
	case int:
		return int64(known), nil
	case string:
		if utf8.ValidString(known) {
			return v, nil
		}
	}
	encoded, err := c.copier.Append(nil, v)
	if err != nil {
		return nil, err
	}
	return c.copier.Decode(encoded)
}

// copyResult returns what arrives of a result, see copyArgs.
func (c *Container) copyResult(to string, v any) (any, error) {
	if c.leaves(to) {
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
