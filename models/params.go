package models

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/simrun/simrun/internal/suggest"
	"github.com/simrun/simrun/sim"
)

// unknownParams refuses parameters that are not among the known, so that a
// misspelt one is not ignored.
func unknownParams(params sim.Params, known []sim.Param) error {
	names := make([]string, len(known))
	for i, p := range known {
		names[i] = p.Name
	}
	for _, name := range slices.Sorted(maps.Keys(params)) {
		if !slices.Contains(names, name) {
			return fmt.Errorf("no parameter %q; %s", name, suggest.Sentence(name, names))
		}
	}
	return nil
}

// textParam returns a parameter that must be text, or fallback if it is not
// given.
func textParam(params sim.Params, name, fallback string) (string, error) {
	given, ok := params[name]
	if !ok {
		return fallback, nil
	}
	text, ok := given.(string)
	if !ok {
		return "", fmt.Errorf("parameter %s: %v is not text; put it in quotes", name, given)
	}
	return text, nil
}

// choiceParam returns a parameter that must be one of the choices, or the
// first of them if it is not given.
func choiceParam(params sim.Params, name string, choices ...string) (string, error) {
	text, err := textParam(params, name, choices[0])
	if err == nil && !slices.Contains(choices, text) {
		err = fmt.Errorf("parameter %s: no choice %q; %s", name, text, suggest.Sentence(text, choices))
	}
	return text, err
}

// durationParam returns a parameter that must be a duration, or 0 if it is not
// given. A minus sign in front makes it negative.
func durationParam(params sim.Params, name string) (time.Duration, error) {
	switch given := params[name].(type) {
	case nil:
		return 0, nil
	case time.Duration:
		return given, nil
	case string:
		sign := time.Duration(1)
		if len(given) > 0 && given[0] == '-' {
			sign, given = -1, given[1:]
		}
		d, err := sim.ParseDuration(given)
		if err != nil {
			return 0, fmt.Errorf("parameter %s: %w", name, err)
		}
		return sign * d, nil
	case int, int64, float64:
		return 0, fmt.Errorf("parameter %s: %v has no unit of time; write %vs for seconds", name, given, given)
	default:
		return 0, fmt.Errorf("parameter %s: %v is not a duration; write it like 15m or 1h30m", name, given)
	}
}

// listParam returns a parameter that must be a list of texts, or nil if it is
// not given. One text alone is a list of one.
func listParam(params sim.Params, name string) ([]string, error) {
	switch given := params[name].(type) {
	case nil:
		return nil, nil
	case string:
		return []string{given}, nil
	case []string:
		return given, nil
	case []any:
		list := make([]string, len(given))
		for i, item := range given {
			text, ok := item.(string)
			if !ok {
				return nil, fmt.Errorf("parameter %s: item %d, %v, is not text; put it in quotes", name, i+1, item)
			}
			list[i] = text
		}
		return list, nil
	default:
		return nil, fmt.Errorf("parameter %s: %v is not a list of names", name, given)
	}
}

// defaultStep is the step of models of households and plants: the interval in
// which electricity is metered and traded in many countries.
const defaultStep = 15 * time.Minute

// stepOf returns the step of a simulator made by [sim.NewModel], which has
// checked the parameter: its models need the length of the step ahead.
func stepOf(env *sim.Env, fallback time.Duration) time.Duration {
	if step, err := durationParam(env.Params, "step"); err == nil && step > 0 {
		return step
	}
	return fallback
}
