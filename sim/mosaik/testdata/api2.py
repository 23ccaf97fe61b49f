"""A simulator for API version 2 on the unmodified mosaik-api 2.4.2 (2020): entities that count their steps.

init knows no time_resolution and answers no type, step has no max_advance. At its k-th step (k = 0, 1, ...)
an entity's `out` is k + the sum of its inputs `in`. Parameters of init: step_size (1); fail_at, the
time of a step that raises ValueError. This library does not answer an error: the program ends with a
traceback and status 1, with the connection, and so does one that gets time_resolution in init.
"""

import sys

import mosaik_api


class Api2(mosaik_api.Simulator):
    def __init__(self):
        super().__init__({"models": {"Counter": {"public": True, "params": [], "attrs": ["in", "out"]}}})
        self.data = {}
        self.steps = 0

    def init(self, sid, step_size=1, fail_at=None):
        self.step_size = step_size
        self.fail_at = fail_at
        return self.meta

    def create(self, num, model):
        new = [f"counter-{i}" for i in range(len(self.data), len(self.data) + num)]
        self.data.update(dict.fromkeys(new, 0))
        return [{"eid": eid, "type": model} for eid in new]

    def step(self, time, inputs):
        if time == self.fail_at:
            raise ValueError(f"no convergence at {time}")
        for eid in self.data:
            self.data[eid] = self.steps + sum(inputs.get(eid, {}).get("in", {}).values())
        self.steps += 1
        return time + self.step_size

    def get_data(self, outputs):
        return {eid: {attr: self.data[eid] for attr in attrs} for eid, attrs in outputs.items()}


if __name__ == "__main__":
    sys.exit(mosaik_api.start_simulation(Api2(), "Counts its steps."))
