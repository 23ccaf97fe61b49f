"""Everything that a transform may be written with, and values of all kinds."""

import argparse
import math

import mosaik

world = mosaik.World({"Samples": {"python": "sims:Samples"}, "Collector": {"cmd": "%(python)s sims.py Collector %(addr)s"}})
numbers = [0, 1, -1, 2, 7, -13, 0.5, 2.5, -2.5, 1e-7, 1e150, 3.0, 123456789, 0.1]
others = [None, 1, 2.5, "a", "ü\"\\$", [1, 2.5], {"b": 1, "a": [True, None]}]
tables = [{"p": [1, 2.5], "two words": -3}, {"p": [0.1, 7], "two words": 4.5}]
units, row = {"k": [1, 1000], "M": {"factor": 1e6}}, "M"
options = argparse.Namespace(offset=-4)
maximum, text = 3, "${x} $$\"é\\"

transforms = {"numbers": [
    lambda v: v + 1 - 2 * v,
    lambda v: (v + 1) * (v - 2) - (3 - v),
    lambda v: v - (v - 1) - (v + 0.1),
    lambda v: v / 3 / (7 / 2) * 2,
    lambda v: -v * 2 - -v + +v,
    lambda v: v * 1e-05 + math.pi,
    lambda v: v * units["k"][1] + options.offset,
    lambda v, column="factor": v * units[row][column],
    lambda v: max(v, 0),
    lambda v: max(0.0, v, maximum),
    lambda v: min(v, 2.5, -v),
    lambda v: abs(v),
    lambda v: int(v / 1e145) + int(2.9),
    lambda v: float(v),
    lambda v: 1 / v if v != 0 else 0,
    lambda v: 1 if 0 < v <= maximum else -1 if v < 0 else 0,
    lambda v: (v if v > 0 else 2 * v) * 3,
    lambda v: v == 1 or v >= 2.5 and not v > 7,
    lambda v: (v > 1) if v < 3 else (not v < 100),
    lambda v: [v, [v < 1, None], "x"],
    lambda v: {"value": v, "b": {"less than": v < 1}, text: True},
    lambda v: 9007199254740993,
    lambda v: text,
    int if maximum > 3 else abs,
], "others": [
    lambda v: v,
    lambda v: v is None,
    lambda v: 5 if v is None else v,
    lambda v: [v, v],
    lambda v: v != "a",
], "tables": [
    lambda v: v["p"][1] * 2,
    lambda v: v["two words"] > 0,
    lambda v: text + "b" if v["p"][0] < 1 else "é" + text,
]}
samples = {}
for kind, values in {"numbers": numbers, "others": others, "tables": tables}.items():
    samples[kind] = world.start("Samples", sim_id=kind).Samples(values=values)
monitor = world.start("Collector").Monitor()
for kind, functions in transforms.items():
    for i, function in enumerate(functions):
        world.connect_one(samples[kind], monitor, "value", "%s_%d" % (kind, i), transform=function)
world.set_initial_event("Collector-0")
world.run(until=15)
