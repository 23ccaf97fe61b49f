package codec_test

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/recordings"
)

// Every recorded payload has three elements; taken apart, decoded and encoded
// again it has the bytes that Python wrote.
func TestRecordedPayloads(t *testing.T) {
	frames := 0
	for _, r := range recordings.All() {
		t.Run(r.Peer+"/"+r.Name, func(t *testing.T) {
			for _, line := range r.Lines {
				if line.Payload == "" {
					continue
				}
				frames++
				parts, err := codec.JSON.Split(nil, []byte(line.Payload))
				require.NoError(t, err)
				require.Len(t, parts, 3)
				for i := range parts {
					rebuilt, err := rebuild(parts[i])
					require.NoError(t, err)
					if r.FromPython(line) {
						require.Equal(t, string(parts[i]), string(rebuilt))
					}
				}
				v, err := codec.JSON.Decode([]byte(line.Payload))
				require.NoError(t, err)
				again, err := codec.JSON.Append(nil, v)
				require.NoError(t, err)
				if r.FromPython(line) {
					require.Equal(t, line.Payload, string(again))
				}
			}
		})
	}
	require.Equal(t, 1486, frames, "recordings are missing")
}

// rebuild takes a value apart down to its scalars, without decoding those, and
// puts it together again.
func rebuild(raw codec.Raw) (codec.Raw, error) {
	switch codec.JSON.Kind(raw) {
	case codec.List:
		list := []any{}
		for element, err := range codec.JSON.Elements(raw) {
			if err != nil {
				return nil, err
			}
			part, err := rebuild(element)
			if err != nil {
				return nil, err
			}
			list = append(list, part)
		}
		return codec.JSON.Append(nil, list)
	case codec.Map:
		object := codec.Object{}
		for m, err := range codec.JSON.Members(raw) {
			if err != nil {
				return nil, err
			}
			part, err := rebuild(m.Value)
			if err != nil {
				return nil, err
			}
			object = append(object, codec.Member{Key: string(m.Key), Value: part})
		}
		return codec.JSON.Append(nil, object)
	}
	return raw, nil
}
