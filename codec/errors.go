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

// A TypeError reports a typed object of which no value can be made.
type TypeError struct {
	Path string // where the typed object is: $ is the whole, $[1]["a"] a part
	Type string // the Go type it should have become; empty if it names none that is known
	Err  error  // the reason
}

func (e *TypeError) Error() string {
	if e.Type == "" {
		return fmt.Sprintf("cannot decode the typed object %s: %v", e.Path, e.Err)
	}
	return fmt.Sprintf("cannot decode the typed object %s as a %s: %v", e.Path, e.Type, e.Err)
}

// Unwrap returns the reason.
func (e *TypeError) Unwrap() error { return e.Err }

// A ConvertError reports a decoded value that is not of the type asked for.
type ConvertError struct {
	Path string // where in the value: $ is the whole, $[1]["a"] a part
	Msg  string // what is wrong
}

func (e *ConvertError) Error() string {
	if e.Path == "$" {
		return e.Msg
	}
	return fmt.Sprintf("at %s: %s", e.Path, e.Msg)
}

// within puts the step that leads to the failing part in front of the path.
func within(err error, format string, arg any) error {
	var path *string
	switch e := err.(type) {
	case *EncodeError:
		path = &e.Path
	case *TypeError:
		path = &e.Path
	case *ConvertError:
		path = &e.Path
	default:
		return err
	}
	*path = "$" + fmt.Sprintf(format, arg) + (*path)[1:]
	return err
}

func atIndex(err error, i int) error    { return within(err, "[%d]", i) }
func atKey(err error, key string) error { return within(err, "[%q]", key) }
func atAnyKey(err error, key any) error { return within(err, "[%s]", keyText(key)) }

// keyText is how a path shows a key.
func keyText(key any) string {
	if key == nil {
		return "null"
	}
	return fmt.Sprintf("%#v", key)
}
