package rpc

import (
	"fmt"
	"sync"
	"unsafe"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

// An Invocation is a call that the peer made.
type Invocation struct {
	Conn   *channel.Conn // over which it came; the function may call back
	Peer   *Conn         // the same with its proxies; nil if a channel serves the Router by itself
	Path   string
	Args   []codec.Raw
	Kwargs []codec.RawMember // in the peer's order; of equal keys the last counts

	few          [4]codec.Raw // Args, if they are few
	args, kwargs codec.Raw    // encoded
}

var invocations = sync.Pool{New: func() any { return new(Invocation) }}

// release lets in be used for another call.
func (in *Invocation) release() {
	*in = Invocation{}
	invocations.Put(in)
}

// Parse reads the content of a request that came over in.Conn. It is for those who
// serve channels without a Conn; the error is for the peer.
func (in *Invocation) Parse(content codec.Raw) error {
	if err := in.ParsePath(content); err != nil {
		return err
	}
	return in.ParseArguments()
}

// ParsePath is the first half of Parse: it sets Path.
func (in *Invocation) ParsePath(content codec.Raw) error {
	c := in.Conn.Codec()
	parts, err := c.Split(in.few[:0], content)
	if err != nil {
		return malformed(err)
	}
	if len(parts) != 3 {
		return malformed(fmt.Errorf("found %d items", len(parts)))
	}
	in.args, in.kwargs = parts[1], parts[2]
	if in.Path, err = text(c, parts[0]); err != nil {
		return malformed(fmt.Errorf("path: %w", err))
	}
	return nil
}

// ParseArguments is the other half: it sets Args and Kwargs.
func (in *Invocation) ParseArguments() (err error) {
	c := in.Conn.Codec()
	if in.Args, err = c.Split(in.few[:0], in.args); err != nil {
		return malformed(fmt.Errorf("args: %w", err))
	}
	if in.Kwargs, err = c.SplitMap(nil, in.kwargs); err != nil {
		return malformed(fmt.Errorf("kwargs: %w", err))
	}
	return nil
}

// DecodeArguments appends the arguments decoded by c to dst after ParsePath, if c can,
// there are none by name and nothing is wrong. That is quicker than
// ParseArguments, which tells what is wrong.
func (in *Invocation) DecodeArguments(dst []any, c codec.Codec) (args []any, ok bool) {
	if c.Kind(in.kwargs) != codec.Map || len(in.kwargs) > len("{}") {
		return dst, false
	}
	var err error
	switch c := c.(type) {
	case codec.JSONCodec:
		args, err = c.DecodeItems(dst, in.args)
	case codec.MsgPackCodec:
		args, err = c.DecodeItems(dst, in.args)
	default:
		return dst, false
	}
	if err != nil {
		return dst, false
	}
	return args, true
}

func malformed(err error) error {
	return &channel.RemoteError{Type: "TypeError", Message: fmt.Sprintf("malformed request: want [path, args, kwargs]: %v", err)}
}

// text is c.String for a string that need not be copied: data is never
// overwritten, and plain ASCII without escapes stands in it as it is.
func text(c codec.Codec, data codec.Raw) (string, error) {
	var body []byte
	switch c.(type) {
	case codec.JSONCodec:
		if n := len(data); n > 2 && data[0] == '"' && data[n-1] == '"' {
			body = data[1 : n-1]
		}
	case codec.MsgPackCodec:
		if n := len(data); n > 1 && data[0] == 0xa0+byte(n-1) && n <= 32 { // fixstr
			body = data[1:]
		}
	}
	for _, b := range body {
		if b < ' ' || b == '"' || b == '\\' || b > '~' {
			body = nil
			break
		}
	}
	if len(body) == 0 {
		return c.String(data)
	}
	return unsafe.String(&body[0], len(body)), nil
}

// Expect checks that there are from least to most positional arguments and that
// named ones are among names.
func (in *Invocation) Expect(least, most int, names ...string) error {
	if n := len(in.Args); n < least || n > most {
		want := fmt.Sprint(least)
		if most > least {
			want = fmt.Sprintf("%d to %d", least, most)
		}
		return in.typeError("takes %s positional arguments but %d were given", want, n)
	}
	for _, m := range in.Kwargs {
		if !contains(names, m.Key) {
			return in.typeError("got an unexpected keyword argument '%s'", m.Key)
		}
	}
	return nil
}

func contains(names []string, key []byte) bool {
	for _, name := range names {
		if name == string(key) {
			return true
		}
	}
	return false
}

func (in *Invocation) typeError(format string, args ...any) error {
	return &channel.RemoteError{Type: "TypeError", Message: in.Path + "() " + fmt.Sprintf(format, args...)}
}

// Kwarg returns the named argument, and whether it was given.
func (in *Invocation) Kwarg(name string) (codec.Raw, bool) {
	for i := len(in.Kwargs) - 1; i >= 0; i-- {
		if string(in.Kwargs[i].Key) == name {
			return in.Kwargs[i].Value, true
		}
	}
	return nil, false
}

// arg returns positional argument i.
func (in *Invocation) arg(i int) (codec.Raw, error) {
	if i >= len(in.Args) {
		return nil, in.typeError("missing required positional argument %d", i+1)
	}
	return in.Args[i], nil
}

// argument converts positional argument i with one of the codec's methods.
func argument[T any](in *Invocation, i int, convert func(codec.Raw) (T, error)) (v T, err error) {
	raw, err := in.arg(i)
	if err != nil {
		return v, err
	}
	if v, err = convert(raw); err != nil {
		return v, in.typeError("argument %d: %v", i+1, err)
	}
	return v, nil
}

// Int, Float, String and Value return positional argument i, counted from 0. If it
// is missing or of another kind the error says so to the caller of the function.
func (in *Invocation) Int(i int) (int64, error) { return argument(in, i, in.Conn.Codec().Int) }

// Float returns positional argument i, a number of either kind.
func (in *Invocation) Float(i int) (float64, error) { return argument(in, i, in.Conn.Codec().Float) }

// String returns positional argument i, a string.
func (in *Invocation) String(i int) (string, error) { return argument(in, i, in.Conn.Codec().String) }

// Value returns positional argument i, decoded.
func (in *Invocation) Value(i int) (any, error) { return argument(in, i, in.Conn.Codec().Decode) }
