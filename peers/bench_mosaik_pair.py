"""How many steps per second the real mosaik makes with one external Python simulator whose output a collector reads.

    .venv/bin/python peers/bench_mosaik_pair.py [STEPS]

The simulator is sim/mosaik/testdata/bench.py, a child process over TCP; the collector is in-process. STEPS (10000) are the
simulator's. Starting and stopping are not in the time. Prints one JSON line {"mosaik", "steps", "seconds", "steps_per_s"}.
"""

import json
import sys
import time
import warnings
from pathlib import Path

import mosaik
import mosaik_api_v3

BENCH = Path(__file__).resolve().parents[1] / "sim" / "mosaik" / "testdata" / "bench.py"


class Collector(mosaik_api_v3.Simulator):
    """Keeps the newest value and how many there were; stepped by each value."""

    values = 0

    def __init__(self):
        super().__init__(
            {
                "type": "event-based",
                "models": {"Sink": {"public": True, "any_inputs": True, "params": [], "attrs": []}},
            }
        )

    def create(self, num, model):
        return [{"eid": "sink", "type": model}]

    def step(self, time, inputs, max_advance):
        for values in inputs["sink"].values():
            Collector.values += len(values)
        return None

    def get_data(self, outputs):
        return {}


def main():
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 10000
    warnings.simplefilter("ignore")
    world = mosaik.World(
        {"Bench": {"cmd": f"%(python)s {BENCH} %(addr)s"}, "Collector": {"python": "__main__:Collector"}},
        skip_greetings=True,
        configure_logging=False,
    )
    try:
        source = world.start("Bench").Source()
        sink = world.start("Collector").Sink()
        world.connect_one(source, sink, "x", "x")
        start = time.perf_counter()
        world.run(until=steps, print_progress=False, shutdown=False)
        seconds = time.perf_counter() - start
    finally:
        world.shutdown()
    if Collector.values != steps:
        sys.exit(f"bench_mosaik_pair.py: the collector got {Collector.values} values of {steps}")
    result = {"mosaik": mosaik.__version__, "steps": steps, "seconds": round(seconds, 6), "steps_per_s": round(steps / seconds, 1)}
    print(json.dumps(result))


if __name__ == "__main__":
    main()
