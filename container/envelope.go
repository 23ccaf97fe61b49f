package container

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/scheduler"
)

// Envelopes travel between processes as arrays that begin with the form, the key, the
// number of the recipient and the time of arrival, all integers, and go on
//
//	0 call      id, method, arguments (array), arguments by name (object)
//	1 answer    id, value
//	2 one-way   method, arguments, arguments by name
//	3 failure   id, type, message
//
// If the connection's codec cannot carry a value exactly (MsgPack no integer of more
// than 64 bits, no lone surrogate; neither what is nested too deep), 4 is added to the form, and arguments and values
// are strings that hold JSON. The key is a scheduler.Key and the id a uint64, both as
// the int64 of the same bits.
//
// The number of the recipient, and that of the sender in the key, are those of agents that
// were there at the beginning. If one of the two descends from such an agent, or does not
// exist, 8 is added to the form, and the names of recipient and sender follow.
//
// If the containers are traced (WithTrace), 16 is added to the form, and the key of the
// event in which the message was sent comes last, as the int64 of the same bits.
const (
	callForm = iota
	answerForm
	oneWayForm
	failureForm
	inText    // is added
	byNames   = 2 * inText
	withCause = 2 * byNames
)

// form is the form of a message in the codec's own values.
func (e *Envelope) form() int {
	switch {
	case e.kind == callMessage:
		return callForm
	case e.kind == oneWayMessage:
		return oneWayForm
	case e.err != nil:
		return failureForm
	}
	return answerForm
}

// messageTypes are those that values in messages may have in every container.
var messageTypes = func() *codec.Types {
	types, err := codec.NewTypes(codec.Date(), codec.NewType(
		func(p Proxy) (any, error) { return p.address, nil },
		func(data any) (Proxy, error) {
			address, ok := data.(string)
			if !ok {
				return Proxy{}, fmt.Errorf("the address of an agent is %v, which is no string", data)
			}
			return Proxy{address}, nil
		}))
	if err != nil {
		panic(err)
	}
	return types
}()

var jsonText = codec.JSON.WithTypes(messageTypes)

// AppendEnvelopes appends what ParseEnvelopes reads. An error says which message
// cannot be sent: those with values of types that a container has [WithTypes].
func AppendEnvelopes(dst []byte, c codec.Codec, es []Envelope) ([]byte, error) {
	return c.WithTypes(messageTypes).Append(dst, (*envelopes)(&es))
}

type envelopes []Envelope

func (es *envelopes) Len() int { return len(*es) }

func (es *envelopes) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	e := &(*es)[i]
	if !nestedDeeper(maxNesting, e.value) && !nestedDeeper(maxNesting, e.args) && !nestedDeeper(maxNesting, e.kwargs) {
		if encoded, err := c.Append(dst, (*nativeEnvelope)(e)); err == nil {
			return encoded, nil
		}
	}
	encoded, err := c.Append(dst, (*textEnvelope)(e))
	if err != nil {
		return dst, fmt.Errorf("message from %q to %q: %w", e.from, e.message.to, err)
	}
	return encoded, nil
}

// maxNesting leaves room for the levels around a value.
const maxNesting = codec.MaxDepth / 2

// nestedDeeper reports whether a value has more than depth levels.
func nestedDeeper(depth int, v any) bool {
	switch v := v.(type) {
	case []any:
		return depth == 0 || slices.ContainsFunc(v, func(item any) bool { return nestedDeeper(depth-1, item) })
	case codec.Object:
		return depth == 0 || slices.ContainsFunc(v, func(m codec.Member) bool { return nestedDeeper(depth-1, m.Value) })
	}
	return false
}

// nativeEnvelope and textEnvelope are the two ways to encode an envelope.
type (
	nativeEnvelope Envelope
	textEnvelope   Envelope
)

func (e *nativeEnvelope) Len() int { return (*Envelope)(e).fields() }
func (e *textEnvelope) Len() int   { return (*Envelope)(e).fields() }

var fieldsOfForm = [...]int{callForm: 8, answerForm: 6, oneWayForm: 7, failureForm: 7}

func (e *Envelope) fields() int { return fieldsOf(e.form(), e.named, e.sent != 0) }

func fieldsOf(form int, named, withCause bool) int {
	n := fieldsOfForm[form]
	if named {
		n += 2
	}
	if withCause {
		n++
	}
	return n
}

func (e *nativeEnvelope) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	return (*Envelope)(e).appendField(dst, c, i, 0, c.Append)
}

func (e *textEnvelope) AppendElement(dst []byte, c codec.Codec, i int) ([]byte, error) {
	return (*Envelope)(e).appendField(dst, c, i, inText, func(dst []byte, v any) ([]byte, error) {
		text, err := jsonText.Append(nil, v)
		if err != nil {
			return dst, err
		}
		return c.AppendString(dst, string(text))
	})
}

// appendField appends a field of the form, with add added to that.
func (e *Envelope) appendField(dst []byte, c codec.Codec, i, add int, value func([]byte, any) ([]byte, error)) ([]byte, error) {
	form := e.form()
	if e.sent != 0 {
		switch i {
		case 0:
			add += withCause
		case e.fields() - 1:
			return c.AppendInt(dst, int64(e.sent)), nil
		}
	}
	if e.named {
		switch n := fieldsOfForm[form]; i {
		case 0:
			add += byNames
		case n:
			return c.AppendString(dst, e.message.to)
		case n + 1:
			return c.AppendString(dst, e.from)
		}
	}
	switch i {
	case 0:
		return c.AppendInt(dst, int64(form+add)), nil
	case 1:
		return c.AppendInt(dst, int64(e.key)), nil
	case 2:
		return c.AppendInt(dst, int64(e.to)), nil
	case 3:
		return c.AppendInt(dst, int64(e.at)), nil
	}
	if form == oneWayForm {
		i++ // it has no id
	}
	switch {
	case i == 4:
		return c.AppendInt(dst, int64(e.id)), nil
	case form == answerForm:
		return value(dst, e.value)
	case form == failureForm && i == 5:
		return c.AppendString(dst, e.err.Type)
	case form == failureForm:
		return c.AppendString(dst, e.err.Message)
	case i == 5:
		return c.AppendString(dst, e.method)
	case i == 6:
		return value(dst, e.args)
	}
	return value(dst, e.kwargs)
}

// ParseEnvelopes reads what AppendEnvelopes has written. names are those of all
// agents, by number.
func ParseEnvelopes(c codec.Codec, data codec.Raw, names []string) ([]Envelope, error) {
	items, err := c.Split(nil, data)
	if err != nil {
		return nil, fmt.Errorf("messages: %w", err)
	}
	es := make([]Envelope, len(items))
	r := envelopeReader{codec: c.WithTypes(messageTypes), names: names}
	for i, item := range items {
		if err := r.read(&es[i], item); err != nil {
			return nil, fmt.Errorf("message %d: %w", i+1, err)
		}
	}
	return es, nil
}

type envelopeReader struct {
	codec codec.Codec
	names []string
	room  []codec.Raw // for parts
	parts []codec.Raw // of the present one, that have not been read
	text  bool        // values are in text
	err   error
}

// read reads one envelope.
func (r *envelopeReader) read(e *Envelope, data codec.Raw) error {
	if r.parts, r.err = r.codec.Split(r.room[:0], data); r.err != nil {
		return r.err
	}
	r.room = r.parts
	if len(r.parts) == 0 {
		return fmt.Errorf("it is empty")
	}
	all := r.int()
	form := all % inText
	r.text, e.named = all&inText != 0, all&byNames != 0
	traced := all&withCause != 0
	if r.err == nil && (all < 0 || all >= 2*withCause || len(r.parts)+1 != fieldsOf(int(form), e.named, traced)) {
		return fmt.Errorf("it has form %d and %d fields, which is none that is known", all, len(r.parts)+1)
	}
	e.key = scheduler.Key(r.int())
	e.to = int(r.int())
	e.at = scheduler.Time(r.int())
	if r.err == nil && (e.to < 0 || e.to >= len(r.names) || e.key.Source() >= len(r.names)) {
		return fmt.Errorf("it goes from agent %d to agent %d, but there are %d", e.key.Source(), e.to, len(r.names))
	}
	if r.err != nil {
		return r.err
	}
	e.from, e.message.to = r.names[e.key.Source()], r.names[e.to]
	switch form {
	case callForm, oneWayForm:
		e.kind = oneWayMessage
		if form == callForm {
			e.kind, e.id = callMessage, uint64(r.int())
		}
		e.method = r.string()
		args, isList := r.value().([]any)
		kwargs, isObject := r.value().(codec.Object)
		if r.err == nil && (!isList || !isObject) {
			return fmt.Errorf("its arguments are not a list and an object")
		}
		e.args = args
		if len(kwargs) > 0 {
			e.kwargs = kwargs
		}
	case answerForm:
		e.kind, e.id, e.value = answerMessage, uint64(r.int()), r.value()
	case failureForm:
		e.kind, e.id = answerMessage, uint64(r.int())
		e.err = &channel.RemoteError{Type: r.string(), Message: r.string()}
	}
	if e.named {
		r.readNames(e)
	}
	if traced {
		e.sent = scheduler.Key(r.int())
	}
	return r.err
}

// readNames reads the names of the ends. Who has sent a message, and who receives it,
// belongs to the family of the agent that the number says.
func (r *envelopeReader) readNames(e *Envelope) {
	recipient, sender := e.message.to, e.from
	e.message.to, e.from = r.string(), r.string()
	if r.err == nil {
		r.err = descends(e.message.to, recipient)
	}
	if r.err == nil {
		r.err = descends(e.cause(), sender)
	}
}

// descends returns an error unless a name is that of an agent or of a descendant.
func descends(name, ancestor string) error {
	if rest, found := strings.CutPrefix(name, ancestor); !found || rest != "" && rest[0] != '/' {
		return fmt.Errorf("agent %q is not %q, and does not descend from it", name, ancestor)
	}
	return nil
}

// next takes the next field. After an error it goes on with nothing.
func (r *envelopeReader) next() codec.Raw {
	if r.err != nil {
		return nil
	}
	field := r.parts[0]
	r.parts = r.parts[1:]
	return field
}

func (r *envelopeReader) int() int64 {
	return field(r, r.codec.Int)
}

func (r *envelopeReader) string() string { return field(r, r.codec.String) }

func (r *envelopeReader) value() any {
	return field(r, func(data codec.Raw) (any, error) {
		if !r.text {
			v, err := r.codec.Decode(data)
			return oneNaN(v), err
		}
		text, err := r.codec.String(data)
		if err != nil {
			return nil, err
		}
		return jsonText.Decode(codec.Raw(text))
	})
}

// oneNaN returns a value in which every NaN is the one that messages know. Codecs
// have others.
func oneNaN(v any) any {
	switch v := v.(type) {
	case float64:
		if v != v {
			return math.NaN()
		}
	case []any:
		for i := range v {
			v[i] = oneNaN(v[i])
		}
	case codec.Object:
		for i := range v {
			v[i].Value = oneNaN(v[i].Value)
		}
	}
	return v
}

func field[T any](r *envelopeReader, read func(codec.Raw) (T, error)) (v T) {
	data := r.next()
	if r.err == nil {
		v, r.err = read(data)
	}
	return v
}
