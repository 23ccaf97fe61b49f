package progress

import (
	"encoding/json"
	"time"
)

// object is what a line of JSON says.
type object struct {
	Name     string  `json:"name"`
	Reached  float64 `json:"reached_seconds"`
	Until    float64 `json:"until_seconds"`
	Fraction float64 `json:"fraction"`
	Real     float64 `json:"real_seconds"`
	Speed    float64 `json:"speed"`                  // virtual time over real time, of late
	Left     float64 `json:"left_seconds,omitempty"` // of real time; missing: not known
	Steps    int64   `json:"steps"`
	Waiting  string  `json:"waiting,omitempty"` // in words, if a step takes long
	Slowest  string  `json:"slowest,omitempty"` // the simulator that has taken the most time, if it is much
	Share    float64 `json:"slowest_share,omitempty"`
	Ended    bool    `json:"ended"` // this is the last line
}

// object prints one line of JSON.
func (d *Display) object(ended bool) {
	d.sample()
	d.mu.Lock()
	defer d.mu.Unlock()
	o := object{Name: d.cfg.Name, Reached: d.status.Reached.Seconds(), Until: d.status.Until.Seconds(),
		Real: time.Since(d.slowest.began).Seconds(), Speed: d.estimate.Speed(), Steps: d.status.Steps,
		Waiting: d.waiting, Slowest: d.slowest.sim, Ended: ended}
	if d.status.Until > 0 {
		o.Fraction = float64(d.status.Reached) / float64(d.status.Until)
	}
	if left := d.estimate.Left(d.status.Until); left > 0 && !ended {
		o.Left = left.Seconds()
	}
	if o.Slowest != "" {
		o.Share = d.slowest.share
	}
	text, err := json.Marshal(o)
	if err != nil {
		panic(err) // all of its numbers are finite
	}
	// The run does not end because nobody can read how far it is.
	_, _ = d.cfg.Out.Write(append(text, '\n'))
}
