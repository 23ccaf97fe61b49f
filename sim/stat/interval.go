package stat

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/stat/distuv"
)

// An Interval is a confidence interval for a mean: a procedure that gives intervals of
// Level 0.95 covers the true mean in about 95 of 100 experiments.
type Interval struct {
	Mean      float64 // the estimate, in the middle
	HalfWidth float64
	Level     float64 // in (0, 1)
}

// Low returns the lower end.
func (i Interval) Low() float64 { return i.Mean - i.HalfWidth }

// High returns the upper end.
func (i Interval) High() float64 { return i.Mean + i.HalfWidth }

// Contains reports whether x is in the interval, ends included.
func (i Interval) Contains(x float64) bool { return i.Low() <= x && x <= i.High() }

// String gives the interval as "3.21 ± 0.0456 (95%)".
func (i Interval) String() string {
	return fmt.Sprintf("%.6g ± %.3g (%.4g%%)", i.Mean, i.HalfWidth, 100*i.Level)
}

// studentT returns the point that the absolute value of Student's t does not exceed
// with probability level; NaN if there are no degrees of freedom.
func studentT(level, freedom float64) float64 {
	if !(level > 0 && level < 1) {
		panic(fmt.Sprintf("stat: confidence level %v; it must be in (0, 1), 0.95 for 95%%", level))
	}
	if !(freedom > 0) {
		return math.NaN()
	}
	return distuv.StudentsT{Sigma: 1, Nu: freedom}.Quantile((1 + level) / 2)
}
