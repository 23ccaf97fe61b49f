package channel_test

import (
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
)

func TestRemoteError(t *testing.T) {
	for _, tt := range []struct {
		name, content    string
		typ, msg, tbPart string // tbPart is "" if there must be no traceback
		text             string
	}{
		{"mosaik", `["KeyError", "'nope'", "Traceback (most recent call last):\n", "  File \"x.py\", line 1\n", "KeyError: 'nope'\n"]`,
			"KeyError", "'nope'", "line 1\nKeyError", "KeyError: 'nope'"},
		{"list of two", `["ScenarioError", "not allowed"]`, "ScenarioError", "not allowed", "", "ScenarioError: not allowed"},
		{"list of one", `["ValueError: 3"]`, "ValueError", "3", "", "ValueError: 3"},
		{"aiomas traceback", `"Traceback (most recent call last):\n  File \"x.py\", line 1, in f\n    g()\n    ^^^\nValueError: 42\n"`,
			"ValueError", "42", "in f", "ValueError: 42"},
		{"qualified", `"aiomas.exceptions.SerializationError: No serializer\n"`,
			"aiomas.exceptions.SerializationError", "No serializer", "", "aiomas.exceptions.SerializationError: No serializer"},
		{"chained", `"Traceback (most recent call last):\n  a\nKeyError: 1\n\nDuring handling of the above exception, another exception occurred:\n\nTraceback (most recent call last):\n  b\nLookupError: Name \"x\" not found in \"\"\n"`,
			"LookupError", `Name "x" not found in ""`, "KeyError: 1", `LookupError: Name "x" not found in ""`},
		{"message of several lines", `"Traceback (most recent call last):\n  a\nmod.MyError: one\n two: x\nthree: y\n"`,
			"mod.MyError", "one\n two: x\nthree: y", "mod.MyError", "mod.MyError: one\n two: x\nthree: y"},
		{"message of several lines without a traceback", `"Error: one\ntwo: x\nthree"`, "Error", "one\ntwo: x\nthree", "", "Error: one\ntwo: x\nthree"},
		{"lines without a type", `"it is broken\nbadly: yes\n"`, "", "it is broken\nbadly: yes", "", "it is broken\nbadly: yes"},
		{"a stack without a header", `"  File \"x.py\", line 1\n    f(\n      ^\nSyntaxError: '(' was never closed\n"`, "SyntaxError", "'(' was never closed", "line 1", "SyntaxError: '(' was never closed"},
		{"indented lines", `"  one\n  two"`, "", "  one\n  two", "", "  one\n  two"},
		{"no message", `"Traceback (most recent call last):\n  a\nKeyboardInterrupt\n"`, "KeyboardInterrupt", "", "  a", "KeyboardInterrupt"},
		{"one word", `"broken"`, "", "broken", "", "broken"},
		{"a sentence", `"it is broken: badly"`, "", "it is broken: badly", "", "it is broken: badly"},
		{"empty text", `""`, "", "", "", "the peer gave no reason"},
		{"only a header", `"Traceback (most recent call last):\n"`, "", "", "Traceback", "the peer gave no reason"},
		{"only a stack", `"Traceback (most recent call last):\n  a"`, "", "", "  a", "the peer gave no reason"},
		{"object", `{"code": 7}`, "", `{"code": 7}`, "", `{"code": 7}`},
		{"null", `null`, "", "null", "", "null"},
		{"mixed list", `["a", 1]`, "", `["a", 1]`, "", `["a", 1]`},
		{"empty list", `[]`, "", "[]", "", "[]"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, peer := newScripted(t, channel.Config{})
			p := start(t, c, nil)
			peer.expect("[0, 0, null]")
			peer.send("[2, 0, " + tt.content + "]")
			_, err := p.Wait(t.Context())
			var remote *channel.RemoteError
			require.ErrorAs(t, err, &remote)
			require.Equal(t, tt.typ, remote.Type)
			require.Equal(t, tt.msg, remote.Message)
			require.Equal(t, tt.content, string(remote.Content))
			require.Equal(t, tt.text, err.Error())
			if tt.tbPart == "" {
				require.Empty(t, remote.Traceback)
			} else {
				require.Contains(t, remote.Traceback, tt.tbPart)
			}
		})
	}
}

// A failure that is no text can be read, whatever the codec.
func TestFailuresOfOtherCodecs(t *testing.T) {
	for _, tt := range []struct {
		content any
		want    string
	}{
		{nil, `null`},
		{42, `42`},
		{[]any{1, "x"}, `[1, "x"]`},
		{codec.Object{{Key: "code", Value: 5.0}}, `{"code": 5.0}`},
		{"ValueError: 3", `ValueError: 3`},
		{[]byte("a\x00"), `"\xc4\x02a\x00"`},
	} {
		c, peer := newScripted(t, channel.Config{Codec: codec.MsgPack})
		p := start(t, c, nil)
		peer.receive()
		failure, err := codec.MsgPack.Append(nil, []any{2, 0, tt.content})
		require.NoError(t, err)
		peer.send(string(failure))
		_, err = p.Wait(t.Context())
		require.EqualError(t, err, tt.want)
	}
}

func TestFailureForms(t *testing.T) {
	plain := errors.New("no such thing")
	typed := &channel.RemoteError{Type: "LookupError", Message: "nope"}
	require.Equal(t, "Error: no such thing\n", channel.FailureText(plain))
	require.Equal(t, "LookupError: nope\n", channel.FailureText(typed))
	require.Equal(t, []string{"Error", "no such thing"}, channel.FailureList(plain))
	require.Equal(t, []string{"LookupError", "nope"}, channel.FailureList(typed))
}
