package process_test

import (
	"context"
	"errors"
	"math"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/simrun/simrun/scheduler"
	"github.com/simrun/simrun/sim/process"
	"github.com/simrun/simrun/sim/random"
	"github.com/simrun/simrun/sim/stat"
)

// Models whose means are known from theory: the true mean is in the interval of 99 % that a
// long run gives, and the interval is narrow enough to find a mistake.
//
// Kleinrock I and II are L. Kleinrock, Queueing Systems, volume I: Theory, Wiley 1975, and
// Data Networks is D. Bertsekas and R. Gallager, Data Networks, 2nd ed., Prentice Hall 1992.
// In all of them lambda is a rate of arrivals and mu one of service, per second.

const (
	warmup    = 2_000  // customers that do not count
	customers = 80_000 // customers that do
)

// queueing is a model with customers, who come at random times.
type queueing struct {
	*process.Simulation
	t      *testing.T
	counts int // customers that have left
	times  stat.BatchMeans
}

func newQueueing(t *testing.T) *queueing {
	t.Parallel()
	s := process.New(t.Name())
	t.Cleanup(func() { assert.NoError(t, s.Close()) })
	return &queueing{Simulation: s, t: t}
}

// exponential returns a function that draws times with a rate per second.
func (q *queueing) exponential(rate float64, name string) func() time.Duration {
	stream := random.New(1, q.t.Name(), name)
	return func() time.Duration { return time.Duration(stream.ExpFloat64() / rate * float64(time.Second)) }
}

// arrive starts a customer at each arrival of a Poisson process.
func (q *queueing) arrive(rate float64, name string, customer func(p *process.Process) error) {
	between := q.exponential(rate, name+" arrivals")
	q.Start(name+" arrivals", func(p *process.Process) error {
		for {
			if err := p.Hold(between()); err != nil {
				return err
			}
			q.Start(name, customer)
		}
	})
}

// timed is a customer whose time in the system counts.
func (q *queueing) timed(times *stat.BatchMeans, customer func(p *process.Process) error) func(p *process.Process) error {
	return func(p *process.Process) error {
		came := p.Now()
		if err := customer(p); err != nil {
			return err
		}
		if q.counts++; q.counts > warmup {
			times.Add(scheduler.Time(p.Now().Sub(came)).Seconds())
		}
		return nil
	}
}

// run runs until enough customers have left.
func (q *queueing) run() {
	for q.counts < warmup+customers {
		require.NoError(q.t, q.RunUntil(context.Background(), q.Now()+1000*scheduler.Second))
	}
}

// within checks that the mean of a series is what theory says, and that the interval
// is narrow: half of it is no more than a share of the mean.
func (q *queueing) within(what string, theory float64, series *stat.BatchMeans, share float64) {
	q.t.Helper()
	i, err := series.Interval(0.99)
	require.NoError(q.t, err, what)
	q.t.Logf("%s: theory %.4f, %v", what, theory, i)
	assert.True(q.t, i.Contains(theory), "%s: theory says %v, the run %v", what, theory, i)
	assert.Less(q.t, i.HalfWidth/theory, share, "%s: the interval says little", what)
}

// serve is a customer who wants one unit for a while.
func serve(r *process.Resource, service func() time.Duration) func(p *process.Process) error {
	return func(p *process.Process) error {
		if err := r.Acquire(p); err != nil {
			return err
		}
		defer r.Release()
		return p.Hold(service())
	}
}

// Kleinrock I, section 3.2: T = 1/(mu-lambda); N = rho/(1-rho).
func TestMM1(t *testing.T) {
	const lambda, mu = 0.6, 1.0
	q := newQueueing(t)
	server := process.NewResource(q.Simulation, "server", 1)
	usage := server.Monitor()
	q.arrive(lambda, "customer", q.timed(&q.times, serve(server, q.exponential(mu, "service"))))
	q.run()
	q.within("T", 1/(mu-lambda), &q.times, 0.08)
	// Little's result holds for what the resource has seen itself, too.
	inLine, wait := usage.Queue.Mean(q.Now()), usage.Waits.Mean()
	assert.InDelta(t, inLine, float64(usage.Waits.Count())/q.Now().Seconds()*wait, 0.01*inLine)
	assert.InDelta(t, lambda/mu, usage.Content.Mean(q.Now()), 0.02)
}

// Kleinrock I, section 3.5: W = C(m, lambda/mu) / (m mu - lambda), where C is Erlang's second
// formula (3.40), the probability that a customer has to wait.
func TestMMC(t *testing.T) {
	const lambda, mu, m = 2.1, 1.0, 3
	const a, rho = lambda / mu, lambda / mu / m
	var sum, term float64 = 0, 1 // term: a^k/k!
	for k := range m {
		sum += term
		term *= a / float64(k+1)
	}
	erlangC := term / (1 - rho) / (sum + term/(1-rho))

	q := newQueueing(t)
	servers := process.NewResource(q.Simulation, "servers", m)
	service := q.exponential(mu, "service")
	var waits stat.BatchMeans
	q.arrive(lambda, "customer", q.timed(&q.times, func(p *process.Process) error {
		came := p.Now()
		if err := servers.Acquire(p); err != nil {
			return err
		}
		defer servers.Release()
		if q.counts > warmup {
			waits.Add(scheduler.Time(p.Now().Sub(came)).Seconds())
		}
		return p.Hold(service())
	}))
	q.run()
	q.within("W", erlangC/(m*mu-lambda), &waits, 0.15)
	q.within("T", 1/mu+erlangC/(m*mu-lambda), &q.times, 0.05)
}

// Kleinrock I, section 5.5 (Pollaczek and Khinchine): W = lambda x2 / (2 (1-rho)), where x2 is
// the second moment of the time of service.
func TestMG1(t *testing.T) {
	for name, service := range map[string]struct {
		mean, second float64 // moments
		quantile     func(u float64) float64
	}{
		"deterministic": {1, 1, func(float64) float64 { return 1 }},
		"uniform":       {1, 4.0 / 3, func(u float64) float64 { return 2 * u }},
		// A mixture of two constants is a service that varies more than an exponential one.
		"two kinds": {1, 0.9*0.25 + 0.1*5.5*5.5, func(u float64) float64 {
			if u < 0.9 {
				return 0.5
			}
			return 5.5
		}},
	} {
		t.Run(name, func(t *testing.T) {
			const lambda = 0.5
			q := newQueueing(t)
			server := process.NewResource(q.Simulation, "server", 1)
			stream := random.New(1, t.Name(), "service")
			q.arrive(lambda, "customer", q.timed(&q.times, serve(server, func() time.Duration {
				return time.Duration(service.quantile(stream.Float64()) * float64(time.Second))
			})))
			q.run()
			q.within("T", service.mean+lambda*service.second/(2*(1-lambda*service.mean)), &q.times, 0.1)
		})
	}
}

// Kleinrock I, section 3.6: with K places in all, p_k = (1-rho) rho^k / (1-rho^(K+1)). Who finds
// all taken balks; T is that of the others, by Little's result N / (lambda (1-p_K)).
func TestMM1K(t *testing.T) {
	const lambda, mu, places = 0.9, 1.0, 4
	rho := lambda / mu
	full := (1 - rho) * math.Pow(rho, places) / (1 - math.Pow(rho, places+1))
	var number float64
	for k := 1; k <= places; k++ {
		number += float64(k) * (1 - rho) * math.Pow(rho, float64(k)) / (1 - math.Pow(rho, places+1))
	}

	q := newQueueing(t)
	server := process.NewResource(q.Simulation, "server", 1)
	customer := q.timed(&q.times, serve(server, q.exponential(mu, "service")))
	var lost stat.BatchMeans
	q.arrive(lambda, "customer", func(p *process.Process) error {
		if server.InUse()+server.Queue() == places {
			lost.Add(1)
			return nil
		}
		lost.Add(0)
		return customer(p)
	})
	q.run()
	q.within("p_K", full, &lost, 0.1)
	q.within("T", number/(lambda*(1-full)), &q.times, 0.05)
}

// Kleinrock I, section 3.8 (M/M/1//M): M machines, each of which fails at rate lambda while it
// works, and one repairman. p_k = p_0 (lambda/mu)^k M!/(M-k)!
func TestMachineRepair(t *testing.T) {
	const lambda, mu, machines = 0.2, 1.0, 6
	var sum, number, term float64 = 1, 0, 1
	for k := 1; k <= machines; k++ {
		term *= lambda / mu * float64(machines-k+1)
		sum += term
		number += float64(k) * term
	}

	q := newQueueing(t)
	repairman := process.NewResource(q.Simulation, "repairman", 1)
	repair, failure := q.exponential(mu, "repair"), q.exponential(lambda, "failure")
	broken, now := stat.TimeWeighted{}, 0.0
	broken.Set(0, 0)
	change := func(by float64) {
		now += by
		broken.Set(q.Now(), now)
	}
	for range machines {
		q.Start("machine", func(p *process.Process) error {
			for {
				if err := p.Hold(failure()); err != nil {
					return err
				}
				change(1)
				if err := serve(repairman, repair)(p); err != nil {
					return err
				}
				change(-1)
			}
		})
	}
	var means stat.BatchMeans
	for i := range 8_000 {
		require.NoError(t, q.RunUntil(context.Background(), q.Now()+20*scheduler.Second))
		if i > 100 {
			means.Add(broken.Mean(q.Now()))
		}
		broken.Reset(q.Now())
	}
	q.within("N", number/sum, &means, 0.05)
}

// Data Networks, section 3.5.3, preemptive resume priority: with R_k half the sum of lambda_i
// x2_i over the classes up to k,
//
//	T_k = (x_k (1-rho_1-...-rho_k) + R_k) / ((1-rho_1-...-rho_(k-1)) (1-rho_1-...-rho_k)).
func TestPreemptivePriorities(t *testing.T) {
	lambda, mu := [2]float64{0.3, 0.3}, [2]float64{1, 0.8}
	q := newQueueing(t)
	server := process.NewPreemptiveResource(q.Simulation, "server", 1)
	var times [2]stat.BatchMeans
	for class, name := range []string{"urgent", "usual"} {
		service := q.exponential(mu[class], name+" service")
		q.arrive(lambda[class], name, q.timed(&times[class], func(p *process.Process) error {
			for left := service(); ; {
				if err := server.Acquire(p, class); err != nil {
					return err
				}
				since := p.Now()
				err := p.Hold(left)
				server.Release(p)
				if err == nil {
					return nil
				}
				var lost *process.PreemptedError
				if !errors.As(err, &lost) {
					return err
				}
				left -= p.Now().Sub(since)
			}
		}))
	}
	q.run()
	var residual, used float64 // R_k, and the sum of rho up to k
	for class := range times {
		before := used
		used += lambda[class] / mu[class]
		residual += lambda[class] / (mu[class] * mu[class]) // half of the second moment, 2/mu^2
		theory := (1/mu[class]*(1-used) + residual) / ((1 - before) * (1 - used))
		q.within([]string{"T_1", "T_2"}[class], theory, &times[class], 0.15)
	}
}

// Kleinrock I, section 4.8, after J. R. Jackson, "Jobshop-Like Queueing Systems", Management
// Science 10(1), 1963: the stations of an open network are like M/M/m queues of their own
// with the rates of arrival that solve lambda = gamma + lambda R.
func TestJacksonNetwork(t *testing.T) {
	// All jobs come to station 0; of those that leave it, half go to 1, the others to 2. From 1
	// all go to 2; from 2, one in four back to 0.
	const gamma = 0.45
	next := [3][3]float64{{0, 0.5, 0.5}, {0, 0, 1}, {0.25, 0, 0}}
	mu := [3]float64{1, 0.6, 0.9}
	const through = gamma / 0.75 // of 0 and of 2: all pass 2 as often as 0
	lambda := [3]float64{through, through / 2, through}
	var number float64
	for i := range mu {
		rho := lambda[i] / mu[i]
		number += rho / (1 - rho)
	}

	q := newQueueing(t)
	route := random.New(1, t.Name(), "route")
	var stations [3]func(p *process.Process) error
	for i := range stations {
		name := string(rune('0' + i))
		stations[i] = serve(process.NewResource(q.Simulation, "station "+name, 1), q.exponential(mu[i], "service "+name))
	}
	q.arrive(gamma, "job", q.timed(&q.times, func(p *process.Process) error {
		for at := 0; at >= 0; {
			if err := stations[at](p); err != nil {
				return err
			}
			u, to := route.Float64(), -1
			for i, share := range next[at] {
				if u < share {
					to = i
					break
				}
				u -= share
			}
			at = to
		}
		return nil
	}))
	q.run()
	q.within("T", number/gamma, &q.times, 0.1)
}
