package results

import (
	"errors"
	"log/slog"
	"path/filepath"

	"github.com/simrun/simrun/sim"
)

// recorder is the sink of a run: it keeps statistics and passes everything on.
type recorder struct {
	dir      string
	log      *slog.Logger
	targets  []target
	stats    []SeriesStats
	topology Topology
}

// Begin implements [sim.Sink].
func (r *recorder) Begin(series []sim.Series) error {
	r.stats = make([]SeriesStats, len(series))
	for i, one := range series {
		r.stats[i].Series = one
	}
	if err := writeEntities(filepath.Join(r.dir, entitiesName), series); err != nil {
		return err
	}
	if err := writeSeries(filepath.Join(r.dir, seriesName), series); err != nil {
		return err
	}
	r.log.Debug("lists written", "path", filepath.Join(r.dir, entitiesName), "series", len(series))
	for _, t := range r.targets {
		if err := t.begin(series, r.topology); err != nil {
			return err
		}
	}
	return nil
}

// Write implements [sim.Sink].
func (r *recorder) Write(rows []sim.Row) error {
	for _, t := range r.targets {
		if err := t.write(rows); err != nil {
			return err
		}
	}
	for i := range rows {
		r.stats[rows[i].Series].add(rows[i].Value)
	}
	return nil
}

func (r *recorder) close(manifest []byte) error {
	var errs []error
	for _, t := range r.targets {
		errs = append(errs, t.close(manifest))
	}
	return errors.Join(errs...)
}
