package rpc_test

import (
	"context"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/internal/recordings"
	"github.com/simrun/simrun/rpc"
)

// recordedCall is a request with its reply.
type recordedCall struct {
	content string       // as recorded
	request *rpc.Request // the same, taken apart
	reply   string       // content of the reply
	failed  bool
}

// recordedCalls collects the calls that one side of a connection made and that
// were answered. Contents that are no calls (of aiomas' lower layer) are left out.
func recordedCalls(t *testing.T, c codec.Codec, lines []recordings.Line, toPeer bool) []recordedCall {
	t.Helper()
	var (
		calls []recordedCall
		open  = map[string]recordedCall{}
	)
	for _, line := range lines {
		if line.Payload == "" {
			continue
		}
		payload := []byte(line.Payload)
		if packer, ok := c.(codec.Packer); ok {
			var err error
			payload, err = packer.Unpack(nil, payload, channel.DefaultMaxFrame)
			require.NoError(t, err)
		}
		parts, err := c.Split(nil, payload)
		require.NoError(t, err)
		typ, err := c.Int(parts[0])
		require.NoError(t, err)
		id, content := string(parts[1]), parts[2]
		switch isRequest := typ == 0; {
		case isRequest && line.ToPeer == toPeer:
			v, err := c.Decode(content)
			require.NoError(t, err)
			list, _ := v.([]any)
			if len(list) != 3 {
				continue
			}
			path, ok1 := list[0].(string)
			args, ok2 := list[1].([]any)
			kwargs, ok3 := list[2].(codec.Object)
			if ok1 && ok2 && ok3 {
				open[id] = recordedCall{content: string(content), request: &rpc.Request{Path: path, Args: args, Kwargs: kwargs}}
			}
		case !isRequest && line.ToPeer != toPeer:
			if call, ok := open[id]; ok {
				call.reply, call.failed = string(content), typ == 2
				calls = append(calls, call)
			}
		}
	}
	return calls
}

// Every recorded call is made again: the request has the recorded bytes, the
// serving side sees the recorded arguments, and the result has the recorded
// bytes when it gets back.
func TestRecordedCalls(t *testing.T) {
	for _, recorded := range []struct {
		codec codec.Codec
		all   []recordings.Recording
		least int // calls
	}{
		{codec.JSON, recordings.All(), 500},
		{codec.MsgPack, recordings.MsgPack(), 90},
		{compress.Blosc(codec.MsgPack), recordings.MsgPackBlosc(), 5},
	} {
		total := 0
		for _, r := range recorded.all {
			for _, lines := range r.Connections() {
				for _, toPeer := range []bool{true, false} {
					calls := recordedCalls(t, recorded.codec, lines, toPeer)
					if len(calls) == 0 {
						continue
					}
					total += len(calls)
					t.Run(recorded.codec.Name()+"/"+r.Peer+"/"+r.Name+"/"+lines[0].Conn, func(t *testing.T) { makeAgain(t, recorded.codec, calls) })
				}
			}
		}
		require.Greater(t, total, recorded.least, "recordings are missing")
	}
}

func makeAgain(t *testing.T, co codec.Codec, calls []recordedCall) {
	var (
		router  rpc.Router
		exposed = map[string]bool{}
		current recordedCall
		content string
	)
	for _, call := range calls {
		path := call.request.Path
		if call.failed || exposed[path] {
			continue
		}
		exposed[path] = true
		router.Handle(path, func(_ context.Context, in *rpc.Invocation) (any, error) {
			args, err := co.Append(nil, in.Args)
			require.NoError(t, err)
			want, err := co.Append(nil, current.request.Args)
			require.NoError(t, err)
			require.Equal(t, string(want), string(args))
			require.Len(t, in.Kwargs, len(current.request.Kwargs))
			for i, m := range current.request.Kwargs {
				require.Equal(t, m.Key, string(in.Kwargs[i].Key))
			}
			return codec.Raw(current.reply), nil
		})
	}
	// What the recorded servers exposed and nobody called with success.
	for _, path := range []string{"a/b/c", "d/other", "none"} {
		if !exposed[path] {
			router.Handle(path, func(context.Context, *rpc.Invocation) (any, error) { return nil, nil })
		}
	}
	serve := func(ctx context.Context, conn *channel.Conn, raw codec.Raw) (any, error) {
		content = string(raw)
		return router.Serve(ctx, conn, raw)
	}
	c, _ := pair(t, channel.Config{Codec: co}, channel.Config{Codec: co, Handler: serve})
	for _, current = range calls {
		reply, err := c.Call(t.Context(), current.request)
		require.Equal(t, current.content, content)
		if !current.failed {
			require.NoError(t, err)
			require.Equal(t, current.reply, string(reply))
			continue
		}
		// The words for an unknown path are aiomas' own.
		if strings.Contains(current.reply, "LookupError: Name") {
			text, errText := co.String(codec.Raw(current.reply))
			require.NoError(t, errText)
			last := text[strings.LastIndex(text, "LookupError"):]
			require.EqualError(t, err, strings.TrimSpace(last))
		}
	}
}
