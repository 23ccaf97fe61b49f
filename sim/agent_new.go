package sim

import (
	"errors"
	"io/fs"
	"reflect"

	"github.com/simrun/simrun/container"
)

// New returns an agent of the type with these parameters, for a container that is
// not that of a run. Its inputs have no values, and its outputs nobody reads. If it
// is an [Initer], id is the name that it is told, and the Env has seed 0, no start
// and no files.
func (t AgentType) New(id string, params Params) (container.Member, error) {
	if err := checkParams(params, t.fields.model(t.Name, t.Doc).Params); err != nil {
		return nil, err
	}
	agent := t.make()
	if _, _, err := t.fields.fill(reflect.ValueOf(agent).Elem(), params); err != nil {
		return nil, err
	}
	if initer, ok := agent.(Initer); ok {
		noFiles := func(name string) (fs.File, error) {
			return nil, &fs.PathError{Op: "open", Path: name, Err: errors.New("an agent outside of a run has no files")}
		}
		if err := initer.Init(&Env{ID: "agents", Params: Params{}, open: noFiles}, id); err != nil {
			return nil, err
		}
	}
	return agent, nil
}
