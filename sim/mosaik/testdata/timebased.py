"""A time-based simulator on the unmodified mosaik-api-v3: entities that count their steps.

At its k-th step (k = 0, 1, ...) an entity's `out` is `start` + k + the sum of its inputs `in`, and
`seen` is its inputs `in` as they came, {source: value}. Parameter of init: step_size (1).
"""

import mosaik_api_v3


class TimeBased(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {
                "type": "time-based",
                "models": {"Counter": {"public": True, "params": ["start"], "attrs": ["in", "out", "seen"]}},
            }
        )
        self.start = {}  # by entity
        self.data = {}
        self.steps = 0

    def init(self, sid, time_resolution=1.0, step_size=1):
        self.step_size = step_size
        return self.meta

    def create(self, num, model, start=0):
        new = [f"counter-{i}" for i in range(len(self.start), len(self.start) + num)]
        self.start.update(dict.fromkeys(new, start))
        return [{"eid": eid, "type": model} for eid in new]

    def step(self, time, inputs, max_advance):
        for eid, start in self.start.items():
            seen = inputs.get(eid, {}).get("in", {})
            # Before a source has its first output it gives null.
            total = sum(value for value in seen.values() if value is not None)
            self.data[eid] = {"out": start + self.steps + total, "seen": seen}
        self.steps += 1
        return time + self.step_size

    def get_data(self, outputs):
        return {eid: {attr: self.data[eid][attr] for attr in attrs} for eid, attrs in outputs.items()}


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(TimeBased(), "Counts its steps.")
