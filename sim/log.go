package sim

import (
	"context"
	"log/slog"
)

// logBegin logs that the run begins.
func (r *run) logBegin(ctx context.Context) {
	log := r.w.cfg.Logger
	r.debug = log.Enabled(ctx, slog.LevelDebug)
	log.Info("run begins", "simulators", len(r.w.instances), "until", r.until, "pace", r.pace)
}

// logStep logs a step that is complete.
func (r *run) logStep(in *Instance) {
	next := "never"
	if in.next != Never {
		next = in.next.String()
	}
	r.w.cfg.Logger.Debug("step", "t", in.stamp.Time, "round", in.stamp.Tier, "simulator", in.name, "next", next, "values", len(in.dirty), "took", in.stepTook)
}
