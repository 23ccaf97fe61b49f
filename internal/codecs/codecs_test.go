package codecs_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/internal/codecs"
)

func TestNamed(t *testing.T) {
	assert.Equal(t, []string{"json", "msgpack", "msgpack-blosc", "json-lz4", "msgpack-lz4"}, codecs.Names())
	for _, name := range codecs.Names() {
		c, err := codecs.Named(name)
		require.NoError(t, err)
		assert.Equal(t, name, c.Name())
	}
	c, err := codecs.Named("")
	require.NoError(t, err)
	assert.Equal(t, codec.JSON, c)
	_, err = codecs.Named("msgpak")
	require.EqualError(t, err, `no codec "msgpak"; did you mean "msgpack"?`)
}
