package mosaik

import (
	"github.com/simrun/simrun/codec"
	"github.com/simrun/simrun/sim"
)

// ParseMeta gives tests what a reply to init says.
func ParseMeta(reply codec.Raw) (sim.Meta, error) {
	m, _, err := parseMeta(reply, nil)
	return m, err
}

// ParseEntities gives tests what a reply to create says.
func ParseEntities(reply codec.Raw) ([]sim.NewEntity, error) { return parseEntities(reply) }
