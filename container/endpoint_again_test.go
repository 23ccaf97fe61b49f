package container_test

import (
	"context"
	"testing"
	"testing/synctest"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/container"
)

// The answer to a call that came over a connection which has ended answers no call that
// came over the next one to the same container.
func TestLateAnswerGoesNowhere(t *testing.T) {
	pair(t, container.EndpointConfig{}, func(t *testing.T, buyers, sellers *node, b *buyer) {
		market, err := channel.Listen("local://market", channel.Config{Handler: func(context.Context, *channel.Conn, codec.Raw) (any, error) { return 1, nil }})
		require.NoError(t, err)
		connect := func() *channel.Conn {
			go sellers.do("seller", func(ctx context.Context, _ inside) error {
				_, err := container.ProxyOf("local://market/clerk").Call(ctx, "price")
				return err
			})
			conn, err := market.Accept(t.Context())
			require.NoError(t, err)
			synctest.Wait()
			return conn
		}
		first := connect()
		_, err = first.Start(t.Context(), codec.Raw(`["agents/seller/sleep", [2], {}]`))
		require.NoError(t, err)
		synctest.Wait()
		require.NoError(t, first.Close())
		synctest.Wait()
		second := connect()
		slept, err := second.Call(t.Context(), codec.Raw(`["agents/seller/sleep", [3], {}]`))
		require.NoError(t, err)
		assert.Equal(t, "3.0", string(slept))
		require.NoError(t, second.Close())
		require.NoError(t, market.Close())
	})
}
