"""A simulator in the script itself, which takes arguments."""

import argparse

import mosaik
import mosaik.util
import mosaik_api_v3


class Ramp(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__({"type": "time-based", "models": {"Ramp": {"public": True, "params": ["slope", "label"], "attrs": ["y"]}}})
        self.slopes, self.time = {}, 0

    def init(self, sid, time_resolution=1.0, start=0.0, table=None):
        self.start, self.table = start, table or {}
        return self.meta

    def create(self, num, model, slope, label=""):
        made = ["%s%d" % (label, len(self.slopes) + i) for i in range(num)]
        self.slopes.update(dict.fromkeys(made, slope))
        return [{"eid": eid, "type": model} for eid in made]

    def step(self, time, inputs, max_advance):
        self.time = time
        return time + 3

    def get_data(self, outputs):
        return {eid: {"y": self.start + self.slopes[eid] * self.time + len(self.table)} for eid in outputs}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, required=True)
    count = parser.parse_args().count
    world = mosaik.World({"Ramp": {"python": "__main__:Ramp"}, "Collector": {"python": "sims:Collector"}})
    ramp = world.start("Ramp", start=1e-7, table={"a b": [1, 2.0, None], "no": {"${x}": True}})
    collector = world.start("Collector")
    ramps = [ramp.Ramp(slope=1 / (i + 1), label="${%d} #" % i) for i in range(count)]
    monitor = collector.Monitor()
    mosaik.util.connect_many_to_one(world, ramps, monitor, "y")
    for i in range(0, count, 2):
        world.connect(ramps[i], monitor, ("y", "every second: y"))
    world.run(until=30, rt_factor=1 / 300)


if __name__ == "__main__":
    main()
