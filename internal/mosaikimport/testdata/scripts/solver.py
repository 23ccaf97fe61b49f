"""Simulators of mosaik itself, modules in another folder, and all kinds of options."""

import argparse
import pathlib
import sys

import mosaik
from mosaik.util import connect_zip

sys.path.insert(0, str(pathlib.Path(__file__).parent / "library"))

parser = argparse.ArgumentParser()
parser.add_argument("--count", type=int)
parser.add_argument("-x", action="store_true")
options = parser.parse_args()

world = mosaik.World(
    {
        "Input": {"python": "mosaik.basic_simulators:InputSimulator"},
        "Solver": {"python": "parts.solver:Solver", "api_version": "3.0"},
        "Collector": {"cmd": "%(python)s ../sims.py Collector %(addr)s", "cwd": "library"},
    },
    time_resolution=0.25,
    cache=False,
)
inputs = world.start("Input", step_size=2)
with world.group("same"):
    one = world.start("Solver", sim_id="one", share=0.5)
with world.group("same"):
    other = world.start("Solver", sim_id="other", share=0.25)
collector = world.start("Collector", file="../collected.jsonl")

constants = [inputs.Constant(constant=c) for c in (8, 5, 2)][: options.count]
halves = one.Equation.create(options.count)
quarters = other.Equation.create(options.count)
monitor = collector.Monitor()
connect_zip(world, constants, halves, ("value", "given"))
connect_zip(world, halves, quarters, ("found", "heard"))
connect_zip(world, quarters, halves, ("found", "heard"), weak=True)
for entities in (halves, quarters):
    for solver in entities:
        world.connect_one(solver, monitor, "found", dest_attr=solver.sid)
world.run(until=8, lazy_stepping=not options.x)
