package mosaik

import (
	"fmt"

	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// parseEntities reads what a program answers to create. That the number, the
// models and the IDs are right is for the World to check.
func parseEntities(reply codec.Raw) ([]sim.NewEntity, error) {
	decoded, err := codec.JSON.Decode(reply)
	if err != nil {
		return nil, err
	}
	return entityList(decoded, "it answered")
}

func entityList(v any, what string) ([]sim.NewEntity, error) {
	list, isList := v.([]any)
	if !isList {
		return nil, fmt.Errorf("%s %v instead of a list of entities", what, sim.ValueOf(v))
	}
	made := make([]sim.NewEntity, len(list))
	for i, item := range list {
		o, isObject := item.(codec.Object)
		if !isObject {
			return nil, fmt.Errorf("%s a list whose item %d is %v instead of an object with eid and type", what, i, sim.ValueOf(item))
		}
		if err := entity(&made[i], o); err != nil {
			return nil, fmt.Errorf("entity %d: %w", i, err)
		}
	}
	return made, nil
}

func entity(e *sim.NewEntity, o codec.Object) error {
	var err error
	if e.ID, err = text(o, "eid"); err != nil {
		return err
	}
	if e.Model, err = text(o, "type"); err != nil {
		return err
	}
	if e.Related, err = names(o, "rel", "entity "+e.ID); err != nil {
		return err
	}
	e.Extra, _ = o.Get("extra_info")
	if children, given := o.Get("children"); given && children != nil {
		if e.Children, err = entityList(children, "entity "+e.ID+": children are"); err != nil {
			return err
		}
	}
	return nil
}

func text(o codec.Object, key string) (string, error) {
	v, given := o.Get(key)
	if !given {
		return "", fmt.Errorf("it has no %s", key)
	}
	s, isText := v.(string)
	if !isText {
		return "", fmt.Errorf("its %s is %v instead of a text", key, sim.ValueOf(v))
	}
	return s, nil
}
