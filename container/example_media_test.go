package container_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/simrun/simrun/container"
	"github.com/simrun/simrun/scheduler"
)

// operator asks a sensor far away, and asks again if it hears nothing.
type operator struct{ container.Agent }

func (o *operator) Start(ctx context.Context) error {
	for {
		power, err := container.As[float64](o.Call(o.Within(ctx, time.Second), "sensor", "read"))
		switch {
		case errors.Is(err, context.DeadlineExceeded):
			fmt.Println(o.Now(), "nothing heard")
		case err != nil:
			return err
		default:
			fmt.Println(o.Now(), power, "kW")
			return nil
		}
	}
}

// sensor knows the power at its place.
type sensor struct{ container.Agent }

func (s *sensor) Start(context.Context) error {
	s.Expose("read", container.Instant0(func() (float64, error) { return 3.5, nil }))
	return nil
}

// Messages between two containers take 20 to 50 ms, and half of them are lost.
func ExampleNewMedia() {
	media, err := container.NewMedia(2,
		container.Medium{From: "office/*", To: "field/*", Delay: 20 * time.Millisecond, MaxDelay: 50 * time.Millisecond, Loss: 0.5},
		container.Medium{From: "field/*", To: "office/*", Delay: 20 * time.Millisecond})
	if err != nil {
		fmt.Println(err)
		return
	}
	loop := scheduler.NewLoop(scheduler.Config{})
	office := container.New(loop, "office", container.WithMedia(media))
	field := container.New(loop, "field", container.WithMedia(media))
	err = errors.Join(
		office.Add("operator", &operator{}),
		field.Add("sensor", &sensor{}),
		scheduler.RunUntil(context.Background(), loop, scheduler.Minute),
		office.Close(), field.Close(), loop.Close())
	if err != nil {
		fmt.Println(err)
	}
	// Output:
	// 1s nothing heard
	// 1.066645652s 3.5 kW
}
