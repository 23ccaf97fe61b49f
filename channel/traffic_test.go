package channel_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
)

func TestTrafficCountsFramesOnBothSides(t *testing.T) {
	var sent, received, bytesSent, bytesReceived int64
	client, server := connect(t, "tcp://127.0.0.1:0", channel.Config{OnFrame: func(dir channel.Direction, payload []byte) {
		if dir == channel.Sent {
			sent++
			bytesSent += 4 + int64(len(payload))
		} else {
			received++
			bytesReceived += 4 + int64(len(payload))
		}
	}}, channel.Config{Handler: echo})
	for range 10 {
		_, err := client.Call(t.Context(), "some text")
		require.NoError(t, err)
	}
	got := client.Traffic()
	assert.Equal(t, channel.Traffic{Sent: 10, Received: 10, BytesSent: bytesSent, BytesReceived: bytesReceived}, got)
	assert.Equal(t, int64(10), sent)
	assert.Equal(t, int64(10), received)
	assert.Equal(t, int64(10), server.Traffic().Received)
	assert.Equal(t, got.BytesSent, server.Traffic().BytesReceived)
}
