package ui

import (
	"net/http"
	"strconv"
	"strings"

	"github.com/simrun/simrun/sim"
)

// metrics are the numbers of the page for Prometheus, in its text format 0.0.4.
func (s *Server) metrics(w http.ResponseWriter, _ *http.Request) {
	w.Header().Set("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
	// Who does not read it has gone.
	_, _ = w.Write(appendMetrics(nil, s.view.State()))
}

// metric is one of all simulators.
type metric struct {
	name, kind, help string
	of               func(*sim.Activity) float64
}

var perSimulator = []metric{
	{"steps_total", "counter", "Steps that were made.", func(a *sim.Activity) float64 { return float64(a.Stats.Steps) }},
	{"early_steps_total", "counter", "Steps before the time that the step before had asked for, or though it had asked for none.", func(a *sim.Activity) float64 { return float64(a.Stats.Early) }},
	{"own_seconds_total", "counter", "Real time in its own steps.", func(a *sim.Activity) float64 { return a.Stats.Own.Seconds() }},
	{"waiting_seconds_total", "counter", "Real time between its steps.", func(a *sim.Activity) float64 { return a.Stats.Waiting.Seconds() }},
	{"messaging_seconds_total", "counter", "Real time for messages to and from its process.", func(a *sim.Activity) float64 { return a.Stats.Messaging.Seconds() }},
	{"messages_sent_total", "counter", "Messages sent to its process.", func(a *sim.Activity) float64 { return float64(a.Stats.Traffic.Sent) }},
	{"messages_received_total", "counter", "Messages received from its process.", func(a *sim.Activity) float64 { return float64(a.Stats.Traffic.Received) }},
	{"sent_bytes_total", "counter", "Bytes sent to its process.", func(a *sim.Activity) float64 { return float64(a.Stats.Traffic.BytesSent) }},
	{"received_bytes_total", "counter", "Bytes received from its process.", func(a *sim.Activity) float64 { return float64(a.Stats.Traffic.BytesReceived) }},
	{"stepping", "gauge", "Whether it is in the middle of a step.", func(a *sim.Activity) float64 {
		if a.State == sim.StateStepping {
			return 1
		}
		return 0
	}},
}

func appendMetrics(dst []byte, s State) []byte {
	head := func(name, kind, help string) {
		dst = append(dst, "# HELP simrun_"+name+" "+help+"\n# TYPE simrun_"+name+" "+kind+"\n"...)
	}
	value := func(name, labels string, v float64) {
		dst = append(dst, "simrun_"+name+labels+" "...)
		dst = append(strconv.AppendFloat(dst, v, 'g', -1, 64), '\n')
	}
	one := func(name, kind, help string, v float64) {
		head(name, kind, help)
		value(name, "", v)
	}
	one("virtual_seconds", "gauge", "Virtual time that the run has reached.", s.Reached)
	one("virtual_until_seconds", "gauge", "Virtual time at which the run ends.", s.Until)
	one("real_seconds", "gauge", "Real time since the run began.", s.Wall)
	one("speed_ratio", "gauge", "Virtual time over real time, of late.", s.Speed)
	one("lag_seconds", "gauge", "How far behind the wall clock the latest step of a run with a pace has ended.", s.Lag)
	one("steps_total", "counter", "Steps of all simulators.", float64(s.Steps))
	one("recorded_values_total", "counter", "Values that were recorded.", float64(s.Rows))
	head("phase", "gauge", "1 for the phase that the run is in.")
	for _, phase := range []string{phaseStarting, phaseRunning, phasePaused, phaseDone, phaseFailed, phaseStopped} {
		is := 0.0
		if phase == s.Phase {
			is = 1
		}
		value("phase", label("phase", phase), is)
	}
	for _, m := range perSimulator {
		head("simulator_"+m.name, m.kind, m.help)
		for i := range s.activities {
			value("simulator_"+m.name, label("simulator", s.activities[i].Sim), m.of(&s.activities[i]))
		}
	}
	head("simulator_waited_seconds_total", "counter", "Real time that a simulator has waited for another one, estimated from samples.")
	for i := range s.activities {
		for _, w := range s.activities[i].Stats.For {
			value("simulator_waited_seconds_total", label("simulator", s.activities[i].Sim, "for", w.Sim), w.For.Seconds())
		}
	}
	return dst
}

var escapeLabel = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

// label writes names and values of labels.
func label(pairs ...string) string {
	var parts []string
	for i := 0; i < len(pairs); i += 2 {
		parts = append(parts, pairs[i]+`="`+escapeLabel.Replace(pairs[i+1])+`"`)
	}
	return "{" + strings.Join(parts, ",") + "}"
}
