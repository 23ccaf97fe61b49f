package channel

import (
	"errors"
	"regexp"
	"strconv"
	"strings"

	"github.com/simrun/simrun/codec"
)

// A RemoteError is the failure that a peer sent in reply to a request. A handler
// may return one to choose the type that the peer sees.
type RemoteError struct {
	// Type is the class of the error in the words of the peer, such as
	// "ValueError" or "aiomas.exceptions.SerializationError". Empty if the
	// failure names none.
	Type string
	// Message is the peer's text.
	Message string
	// Traceback is the peer's traceback, lines separated by newlines, if it sent one.
	Traceback string
	// Content is the failure as it came; nil in an error made here.
	Content codec.Raw
}

func (e *RemoteError) Error() string {
	switch {
	case e.Type == "" && e.Message == "":
		return "the peer gave no reason"
	case e.Type == "":
		return e.Message
	case e.Message == "":
		return e.Type
	}
	return e.Type + ": " + e.Message
}

// FailureText is the failure that aiomas expects: a text whose last line is
// "Type: message".
func FailureText(err error) any {
	typ, msg := describe(err)
	return typ + ": " + msg + "\n"
}

// FailureList is the failure that mosaik expects: a list of type and message.
// (A single string, or a list of one, makes mosaik 3 hang.)
func FailureList(err error) any {
	typ, msg := describe(err)
	return []string{typ, msg}
}

// describe gives the type and message that stand for err on the wire.
func describe(err error) (typ, msg string) {
	if remote, ok := errors.AsType[*RemoteError](err); ok && remote.Type != "" {
		return remote.Type, remote.Message
	}
	if _, ok := errors.AsType[*codec.EncodeError](err); ok {
		return "SerializationError", err.Error() // as aiomas calls it
	}
	return "Error", err.Error()
}

// remoteError reads the content of a failure, which may be anything:
//
//   - mosaik-api: a list of type, message and the lines of the traceback;
//   - aiomas: a text, normally a Python traceback;
//   - other peers: any value, which then is the message, as JSON.
func remoteError(c codec.Codec, content codec.Raw) *RemoteError {
	e := &RemoteError{Content: content}
	switch c.Kind(content) {
	case codec.String:
		if text, err := c.String(content); err == nil {
			e.parseText(text)
			return e
		}
	case codec.List:
		if parts, ok := stringList(c, content); ok && len(parts) > 0 {
			e.parseList(parts)
			return e
		}
	}
	e.Message = readable(c, content)
	return e
}

// readable shows a value as JSON if it can be said so.
func readable(c codec.Codec, content codec.Raw) string {
	if v, err := c.Decode(content); err == nil {
		if text, err := codec.JSON.Append(nil, v); err == nil {
			return string(text)
		}
	}
	return strconv.Quote(string(content))
}

func stringList(c codec.Codec, content codec.Raw) ([]string, bool) {
	elements, err := c.Split(nil, content)
	if err != nil {
		return nil, false
	}
	parts := make([]string, len(elements))
	for i, element := range elements {
		if parts[i], err = c.String(element); err != nil {
			return nil, false
		}
	}
	return parts, true
}

func (e *RemoteError) parseList(parts []string) {
	if len(parts) == 1 {
		e.parseText(parts[0])
		return
	}
	e.Type, e.Message = parts[0], parts[1]
	lines := make([]string, len(parts)-2)
	for i, line := range parts[2:] {
		lines[i] = strings.TrimRight(line, "\n")
	}
	e.Traceback = strings.Join(lines, "\n")
}

// typeAndMessage is the form in which Python prints an exception.
var typeAndMessage = regexp.MustCompile(`(?s)^([A-Za-z_][A-Za-z0-9_.]*)(?:: (.*))?$`)

// tracebackHeader begins every traceback of Python.
const tracebackHeader = "Traceback (most recent call last):\n"

func (e *RemoteError) parseText(text string) {
	report := strings.TrimRight(text, "\n")
	if i := strings.LastIndex(text, tracebackHeader); i >= 0 {
		e.Traceback = text
		report = withoutStack(text[i+len(tracebackHeader):]) // of chained exceptions the last one counts
	} else if rest := withoutStack(text); rest != "" && rest != report {
		e.Traceback, report = text, rest
	}
	e.Message = report
	if m := typeAndMessage.FindStringSubmatch(report); m != nil && (e.Traceback != "" || strings.Contains(report, ": ")) {
		e.Type, e.Message = m[1], m[2]
	}
}

// withoutStack returns what follows the stack, which is indented: the exception, whose
// message may have several lines.
func withoutStack(report string) string {
	report = strings.TrimRight(report, "\n")
	for strings.HasPrefix(report, " ") {
		_, report, _ = strings.Cut(report, "\n")
	}
	return report
}
