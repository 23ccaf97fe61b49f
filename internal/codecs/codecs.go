// Package codecs finds codecs by the names that users give them.
package codecs

import (
	"fmt"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/codec/compress"
	"github.com/simrun/simrun/internal/suggest"
)

// Default is the name of the codec of those who do not choose, as in aiomas.
const Default = "json"

var all = []codec.Codec{
	codec.JSON, codec.MsgPack,
	compress.Blosc(codec.MsgPack), // MsgPackBlosc of aiomas
	compress.LZ4(codec.JSON), compress.LZ4(codec.MsgPack),
}

// Names lists the names of all codecs.
func Names() []string {
	names := make([]string, len(all))
	for i, c := range all {
		names[i] = c.Name()
	}
	return names
}

// Named returns the codec of that name, Default if it is empty.
func Named(name string) (codec.Codec, error) {
	if name == "" {
		name = Default
	}
	for _, c := range all {
		if c.Name() == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("no codec %q; %s", name, suggest.Sentence(name, Names()))
}
