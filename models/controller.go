package models

import (
	"time"

	"github.com/simrun/simrun/sim"
)

// Controller is a proportional-integral controller with a limited output.
//
// Model: v = gain*e + I with e = setpoint - measured, the command u being v
// limited to low..high. After each step I grows by h*gain/integral_time*e +
// h/tracking_time*(u - v), h being the step: the second term, back-calculation,
// keeps the integral from winding up while the command is limited (K. J. Åström
// and T. Hägglund, "PID Controllers: Theory, Design, and Tuning", 2nd ed., ISA,
// 1995, sections 3.5 and 3.6; integral by forward differences).
//
// A process that falls when the command rises needs a negative gain. An
// integral_time of 0 leaves the integral out: the command is bias + gain*e.
// For a stable loop the step should be well below the integral time.
type Controller struct {
	Gain         float64       `param:"gain" default:"1" doc:"change of the command per unit of error"`
	IntegralTime time.Duration `param:"integral_time" default:"1h" doc:"time in which the integral repeats the proportional part; 0s: none"`
	TrackingTime time.Duration `param:"tracking_time" default:"0s" doc:"time constant of the anti-windup; 0s: that of the integral"`
	Low          float64       `param:"low" default:"0" doc:"least command"`
	High         float64       `param:"high" default:"1" doc:"largest command"`
	Bias         float64       `param:"bias" default:"0" doc:"command at the start, without error"`

	Measured sim.Input `attr:"measured,single" doc:"what is controlled"`
	Setpoint sim.Input `attr:"setpoint,single" doc:"what it should be"`

	Command sim.Output `attr:"command" doc:"what to do, low to high"`
	Error   sim.Output `attr:"error" doc:"setpoint - measured"`

	step     time.Duration
	integral float64
}

const controllerStep = time.Minute

// NewController returns a time-based simulator of [Controller] entities, with
// steps of one minute.
func NewController() sim.Simulator {
	return sim.NewModel[Controller](sim.ModelConfig{Name: "Controller", Step: controllerStep,
		Doc: "PI controller with limits and anti-windup"})
}

// Init checks the parameters.
func (c *Controller) Init(env *sim.Env, _ string) error {
	var b bounds
	if c.Gain == 0 {
		b.fail("parameter gain = 0 never does anything; give another number, negative if the command lowers what is measured")
	}
	if !(c.Low < c.High) {
		b.fail("parameters low = %v and high = %v: low must be below high", c.Low, c.High)
	}
	b.within("bias", c.Bias, c.Low, c.High, "")
	if c.TrackingTime == 0 {
		c.TrackingTime = c.IntegralTime
	}
	c.step = stepOf(env, controllerStep)
	c.integral = c.Bias
	return b.err()
}

// Step computes the command until the next step. As long as one of its inputs
// has no value, there is no error.
func (c *Controller) Step(*sim.Step) error {
	e := 0.0
	if c.Setpoint.Has() && c.Measured.Has() {
		e = c.Setpoint.Float() - c.Measured.Float()
	}
	// The conversions round each product by itself. Some processors would
	// otherwise fuse it with the sum and give other last digits than the rest.
	v := float64(c.Gain*e) + c.integral
	u := min(max(v, c.Low), c.High)
	if c.IntegralTime > 0 {
		h := c.step.Hours()
		c.integral += float64(h*c.Gain/c.IntegralTime.Hours()*e) + float64(h/c.TrackingTime.Hours()*(u-v))
	}
	c.Command.Set(u)
	c.Error.Set(e)
	return nil
}
