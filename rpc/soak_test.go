package rpc_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/channel"
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/rpc"
)

// numbers is a set of numbers that may be used concurrently.
type numbers []atomic.Uint32

// add adds n and reports whether it is new.
func (s numbers) add(n int64) bool {
	bit := uint32(1) << (n % 32)
	return s[n/32].Or(bit)&bit == 0
}

func (s numbers) has(n int64) bool { return s[n/32].Load()&(1<<(n%32)) != 0 }

// A soak is a server and clients that come and go.
type soak struct {
	addrs            []string
	total            int64
	next             atomic.Int64 // number of the next call
	handled          numbers      // by the server
	answered         atomic.Int64
	twice, abandoned atomic.Int64
}

var errGivenUp = errors.New("given up")

// client connects, calls, and disconnects, until all calls are made. Every tenth
// connection is cut off with calls under way, and some calls are given up.
func (s *soak) client(ctx context.Context, seed uint64, cfg rpc.Config) error {
	random := rand.New(rand.NewPCG(seed, 0))
	for s.next.Load() < s.total {
		c, err := rpc.Dial(ctx, s.addrs[random.IntN(len(s.addrs))], cfg)
		if err != nil {
			return err
		}
		err = s.calls(ctx, c, random)
		if closed := c.Close(); err == nil {
			err = closed
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *soak) calls(ctx context.Context, c *rpc.Conn, random *rand.Rand) error {
	var futures []rpc.Future[int]
	var ids []int64
	for range 1 + random.IntN(20) {
		futures, ids = futures[:0], ids[:0]
		for range 1 + random.IntN(50) {
			n := s.next.Add(1) - 1
			if n >= s.total {
				break
			}
			f, err := rpc.Go[int](ctx, c.Remote(), "echo", n)
			if err != nil {
				return err
			}
			futures, ids = append(futures, f), append(ids, n)
		}
		if random.IntN(100) == 0 {
			c.Channel().Abort(errGivenUp)
		}
		given, cancel := context.WithCancelCause(ctx)
		if random.IntN(50) == 0 {
			cancel(errGivenUp)
		}
		for i, f := range futures {
			got, err := f.Wait(given)
			switch {
			case errors.Is(err, errGivenUp):
				s.abandoned.Add(1)
			case err != nil:
				cancel(nil)
				return err
			case int64(got) != ids[i] || !s.handled.has(ids[i]):
				cancel(nil)
				return errors.New("the reply to another call")
			default:
				s.answered.Add(1)
			}
		}
		cancel(nil)
		if c.Channel().Err() != nil {
			return nil
		}
	}
	return nil
}

// usage is what must not grow.
func usage(t *testing.T) (heap uint64, goroutines, files int) {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	if runtime.GOOS == "linux" {
		entries, err := os.ReadDir("/proc/self/fd")
		require.NoError(t, err)
		files = len(entries)
	}
	return m.HeapAlloc, runtime.NumGoroutine(), files
}

// 100 clients connect and disconnect all the time: no call is handled twice, each
// answer belongs to its call, and no memory, goroutine or file is left. SOAK_CALLS
// says how many calls are made (200,000).
func TestSoak(t *testing.T) {
	s := &soak{total: 200_000}
	if text := os.Getenv("SOAK_CALLS"); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		require.NoError(t, err)
		s.total = n
	}
	s.handled = make(numbers, s.total/32+1)
	var service rpc.Router
	service.Expose("echo", func(_ context.Context, n int64) (int64, error) {
		if !s.handled.add(n) {
			s.twice.Add(1)
		}
		return n, nil
	})
	cfg := rpc.Config{Config: channel.Config{Codec: codec.MsgPack}, Service: &service}
	var (
		listeners []*rpc.Listener
		serving   = make(chan error, 2)
	)
	for _, addr := range []string{"tcp://127.0.0.1:0", "ipc://" + filepath.Join(shortDir(t), "s")} {
		l, err := rpc.Listen(addr, cfg)
		require.NoError(t, err)
		listeners, s.addrs = append(listeners, l), append(s.addrs, l.Addr())
		go func() { serving <- l.Serve(context.Background(), nil) }()
	}
	part := func(until int64) {
		whole := s.total
		s.total = until
		var wg sync.WaitGroup
		failed := make(chan error, 100)
		for i := range 100 {
			wg.Go(func() {
				if err := s.client(t.Context(), uint64(until)+uint64(i), cfg); err != nil {
					failed <- err
				}
			})
		}
		wg.Wait()
		s.next.Store(until)
		s.total = whole
		select {
		case err := <-failed:
			require.NoError(t, err)
		default:
		}
		for _, l := range listeners { // the server learns of the end of a connection a little later
			for _, c := range l.Conns() {
				<-c.Channel().Done()
			}
			for len(l.Conns()) > 0 {
				runtime.Gosched()
			}
		}
	}
	part(s.total / 4)
	heap, goroutines, files := usage(t)
	part(s.total)
	heapAfter, goroutinesAfter, filesAfter := usage(t)
	for end := time.Now().Add(time.Minute); (goroutinesAfter > goroutines+2 || filesAfter > files+2) && time.Now().Before(end); {
		// What served a connection may not be gone yet, and one that its client has closed
		// already may only now be accepted.
		runtime.Gosched()
		heapAfter, goroutinesAfter, filesAfter = usage(t)
	}
	t.Logf("%d calls: %d answered, %d given up; heap %d to %d KiB, %d to %d goroutines, %d to %d files",
		s.total, s.answered.Load(), s.abandoned.Load(), heap>>10, heapAfter>>10, goroutines, goroutinesAfter, files, filesAfter)
	require.Zero(t, s.twice.Load())
	require.Equal(t, s.total, s.answered.Load()+s.abandoned.Load())
	require.Greater(t, s.answered.Load(), s.total*8/10)
	require.Less(t, heapAfter, heap+2<<20)
	require.LessOrEqual(t, goroutinesAfter, goroutines+2)
	require.LessOrEqual(t, filesAfter, files+2)
	for _, l := range listeners {
		require.NoError(t, l.Close())
		require.NoError(t, <-serving)
	}
}
