package codec

import "fmt"

// A SyntaxError reports bytes that are not one valid value of the codec, or a
// valid value of another kind than the one asked for.
type SyntaxError struct {
	Codec  string // name of the codec
	Offset int    // where, in bytes from the start of the data
	Msg    string // what is wrong
}

func (e *SyntaxError) Error() string {
	return fmt.Sprintf("%s: at byte %d: %s", e.Codec, e.Offset, e.Msg)
}

// An EncodeError reports a value that cannot be encoded.
type EncodeError struct {
	Codec string // name of the codec
	Path  string // where in the value: $ is the whole, $[1]["a"] a part
	Msg   string // what is wrong, with the Go type if that is the reason
}

func (e *EncodeError) Error() string {
	return fmt.Sprintf("%s: cannot encode %s: %s", e.Codec, e.Path, e.Msg)
}

// within puts the step that leads to the failing part in front of the path.
func within(err error, format string, arg any) error {
	if e, ok := err.(*EncodeError); ok {
		e.Path = "$" + fmt.Sprintf(format, arg) + e.Path[1:]
	}
	return err
}

func atIndex(err error, i int) error    { return within(err, "[%d]", i) }
func atKey(err error, key string) error { return within(err, "[%q]", key) }
