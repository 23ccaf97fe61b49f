package scenarios

import (
	"context"
	"log/slog"
	"maps"
	"slices"

	"github.com/simrun/simrun/sim"
)

// logRead logs what was read, and with debug which parameters there are and which
// settings of the file have their default.
func (a *assembly) logRead() {
	s, log := a.s, a.logger("scenarios")
	log.Info("scenario read", "file", s.Path, "scenario", s.Name, "digest", s.Digest, "simulators", len(s.simulators),
		"groups", len(s.groups), "connections", len(s.connections), "recordings", len(s.recordings))
	if !log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(s.Parameters)) {
		log.Debug("parameter", "param", name, "value", s.Parameters[name])
	}
	for _, d := range []struct {
		setting string
		is      bool // what it is by default; it may have been overridden
		value   any
	}{
		{"start", s.Start.IsZero(), "none"}, {"resolution", true, s.Resolution}, {"pace", s.Pace == 0, "fast"},
		{"max_lag", s.MaxLag == 0, "any"}, {"seed", s.Seed == 0, 0}, {"max_rounds", true, sim.DefaultMaxRounds},
	} {
		if d.is && !slices.Contains(s.given, d.setting) {
			log.Debug("default taken", "setting", d.setting, "value", d.value)
		}
	}
}

// logDefaults logs the parameters of a simulator, or of the entities of a group, that the file does not give.
func (a *assembly) logDefaults(key, name string, known []sim.Param, given sim.Params) {
	log := a.logger("scenarios")
	if !log.Enabled(context.Background(), slog.LevelDebug) {
		return
	}
	for _, p := range known {
		if _, ok := given[p.Name]; !ok && p.Default != "" {
			log.Debug("default taken", key, name, "param", p.Name, "value", p.Default)
		}
	}
}

// agentLogger is the logger of agents, nil if nothing is logged.
func (o *assembleOptions) agentLogger() *slog.Logger {
	log := o.logger("container")
	if !log.Enabled(context.Background(), slog.LevelError) {
		return nil
	}
	return log
}

// logBuilt logs what there is to run.
func (a *assembly) logBuilt() {
	entities, all := 0, a.world.Instances()
	for _, in := range all {
		entities += len(in.Entities())
	}
	a.logger("scenarios").Info("world built", "simulators", len(all), "entities", entities)
}
