package codec_test

import (
	"encoding/hex"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/recordings"
)

// Every payload that aiomas sent has three elements; taken apart, decoded and
// encoded again it has the bytes that Python wrote.
func TestRecordedMsgPackPayloads(t *testing.T) {
	frames := 0
	for _, r := range recordings.MsgPack() {
		t.Run(r.Name, func(t *testing.T) {
			for _, line := range r.Lines {
				if line.Payload == "" {
					continue
				}
				frames++
				data := []byte(line.Payload)
				parts, err := codec.MsgPack.Split(nil, data)
				require.NoError(t, err)
				require.Len(t, parts, 3)
				v, err := codec.MsgPack.Decode(data)
				require.NoError(t, err)
				again, err := codec.MsgPack.Append(nil, v)
				require.NoError(t, err)
				require.Equal(t, hex.EncodeToString(data), hex.EncodeToString(again))
				rebuilt, err := rebuildMsgPack(data)
				require.NoError(t, err)
				require.Equal(t, hex.EncodeToString(data), hex.EncodeToString(rebuilt))
			}
		})
	}
	require.Equal(t, 338, frames, "recordings are missing")
}

// rebuildMsgPack takes lists apart, without decoding what is in them, and puts
// them together again.
func rebuildMsgPack(raw codec.Raw) (codec.Raw, error) {
	if codec.MsgPack.Kind(raw) != codec.List {
		return raw, nil
	}
	list := []any{}
	for element, err := range codec.MsgPack.Elements(raw) {
		if err != nil {
			return nil, err
		}
		part, err := rebuildMsgPack(element)
		if err != nil {
			return nil, err
		}
		list = append(list, part)
	}
	return codec.MsgPack.Append(nil, list)
}
