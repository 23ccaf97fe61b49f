"""Runs a shipped scenario with the real mosaik 3.7.1: its unmodified simulators as child processes over TCP.

Writes one line for every value of every recorded output: time in seconds, entity, attribute, value with all its
digits (Python's repr of a float), sorted by time, entity, attribute. Standard output if no file is named.
"""

import argparse
import csv
import sys
from pathlib import Path

import mosaik
import mosaik_api_v3

ROOT = Path(__file__).resolve().parents[3]


def program(module, folder):
    """The main() of a module, with the input of a shipped scenario as its working directory."""
    return {"cmd": f"%(python)s {ROOT / 'peers' / 'launch.py'} {module} %(addr)s", "cwd": str(folder)}


class Recorder(mosaik_api_v3.Simulator):
    """Keeps (time, source, attribute, value) of whatever is connected to its one entity."""

    def __init__(self):
        super().__init__(
            {
                "type": "time-based",
                "models": {"Recorder": {"public": True, "any_inputs": True, "params": [], "attrs": []}},
            }
        )

    def init(self, sid, time_resolution, rows, step):
        self.rows, self.step_size = rows, step
        return self.meta

    def create(self, num, model):
        return [{"eid": "all", "type": model}]

    def step(self, time, inputs, max_advance):
        for attr, values in inputs["all"].items():
            self.rows.extend((time, source, attr, value) for source, value in values.items())
        return time + self.step_size


def run(programs, compose, step, until):
    """Runs what compose(world) makes and records, every step seconds, what it returns: (entity, attributes) pairs.

    The rows are (time, entity, attribute, value), sorted.
    """
    world = mosaik.World(
        {**programs, "Recorder": {"python": "common:Recorder"}},
        mosaik_config={"start_timeout": 60},
        time_resolution=1.0,
        skip_greetings=True,
    )
    rows = []
    try:
        recorded = compose(world)
        recorder = world.start("Recorder", sim_id="recorder", rows=rows, step=step).Recorder()
        for entity, attrs in recorded:
            for attr in attrs:
                world.connect_one(entity, recorder, attr, attr)
        world.run(until=until, print_progress=False)
    finally:
        world.shutdown()
    return sorted(rows)


def main(programs, compose, step, folder):
    """programs is a function of the folder in which the simulators find their files."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--until", type=int, default=7 * 86400, help="end of the run in seconds (default: one week)")
    parser.add_argument("--out", help="file to write (default: standard output)")
    parser.add_argument("--dir", type=Path, default=ROOT / "scenarios" / "data" / folder, help="folder with the input")
    args = parser.parse_args()
    rows = run(programs(args.dir), compose, step, args.until)
    missing = -(-args.until // step) - len({time for time, *_ in rows})
    if missing:
        # mosaik logs a simulator's failure in a step and then ends as if all was well.
        sys.exit(f"{missing} steps are missing from the results: a simulator failed, see above")
    with open(args.out, "w", newline="", encoding="utf-8") if args.out else sys.stdout as file:
        out = csv.writer(file, lineterminator="\n")
        out.writerow(["time", "entity", "attr", "value"])
        for time, entity, attr, value in rows:
            # mosaik joins the ids of simulator and entity with a dot.
            out.writerow([time, entity, attr, repr(float(value))])
