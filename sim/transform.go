package sim

import (
	"fmt"

	"github.com/simrun/simrun/internal/unit"
)

// change is what becomes of a connection's values on their way.
type change struct {
	transform func(Value) (Value, error) // nil: conversion
	convert   unit.Conversion
}

// changed returns what the reader sees of v.
func (c *conn) changed(v Value) (Value, error) {
	if c.change.transform != nil {
		return c.transformed(v)
	}
	if v.IsNull() {
		return v, nil
	}
	f, err := v.Float64()
	if err != nil {
		return Null, fmt.Errorf("output %s of %s: %w, but the connection to %s of %s converts units",
			c.src.attr, c.src.entity.full, err, c.dst.attr, c.dst.entity.full)
	}
	return Float(c.change.convert.Apply(f)), nil
}

// transformed calls the function of somebody else.
func (c *conn) transformed(v Value) (Value, error) {
	var to Value
	err := guard(func() (err error) {
		to, err = c.change.transform(v)
		return err
	})
	if err != nil {
		return Null, fmt.Errorf("connection from %s of %s to %s of %s: its transform cannot take the value %s: %w; correct the transform, or what %s puts out",
			c.src.attr, c.src.entity.full, c.dst.attr, c.dst.entity.full, v, err, c.src.entity.full)
	}
	return to, nil
}
