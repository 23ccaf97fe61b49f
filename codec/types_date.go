package codec

import (
	"errors"
	"fmt"
	"time"
)

// Date is the Type of time.Time, the first one in every list of an aiomas
// container. A date travels as arrow's ISO 8601 text: 2016-01-01T00:00:00+00:00,
// with six more digits if there are microseconds. So a date is rounded to
// microseconds, and must lie in the years 1 to 9999. The offset to UTC travels in
// whole minutes, the name of the zone does not: a date with another offset
// becomes UTC.
//
// Decoding also takes Z, an offset without a colon, any number of digits after
// the second, a text without offset (which is UTC), a day alone, and an integer,
// which is a Unix timestamp in seconds. Dates without an offset to UTC are in
// time.UTC.
func Date() Type { return NewType(encodeDate, decodeDate) }

const maxOffset = 24 * 60 * 60 // of Python, exclusive

func encodeDate(t time.Time) (any, error) {
	t = t.Round(time.Microsecond)
	if _, offset := t.Zone(); offset%60 != 0 || offset <= -maxOffset || offset >= maxOffset {
		t = t.UTC()
	}
	if t.Year() < 1 || t.Year() > 9999 || t.UTC().Year() < 1 || t.UTC().Year() > 9999 {
		return nil, fmt.Errorf("the year of %s is not in 1 to 9999", t.Format(time.RFC3339))
	}
	if t.Nanosecond() != 0 {
		return t.Format("2006-01-02T15:04:05.000000-07:00"), nil
	}
	return t.Format("2006-01-02T15:04:05-07:00"), nil
}

func decodeDate(data any) (time.Time, error) {
	switch data := data.(type) {
	case string:
		// The layouts accept a fraction of a second as well. ParseInLocation,
		// as Parse would give dates this machine's own zone if the offset fits.
		for _, layout := range []string{"2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05Z0700", "2006-01-02T15:04:05", "2006-01-02"} {
			if t, err := time.ParseInLocation(layout, data, time.UTC); err == nil {
				return t.Round(time.Microsecond), nil
			}
		}
		return time.Time{}, fmt.Errorf("the text %q is no date such as 2016-01-01T00:00:00+00:00", excerpt([]byte(data)))
	case int64:
		const first, last = -62135596800, 253402300799 // the years 1 to 9999
		if data < first || data > last {
			return time.Time{}, fmt.Errorf("the year of timestamp %d is not in 1 to 9999", data)
		}
		return time.Unix(data, 0).UTC(), nil
	}
	return time.Time{}, errors.New("found " + describe(data) + " instead of a date")
}
