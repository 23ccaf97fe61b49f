"""As little work per step as a time-based simulator on the unmodified mosaik-api-v3 can do; for measuring.

Steps every time unit; `x` of an entity is the time of the step as a float, `y` takes inputs and forgets them.
"""

import mosaik_api_v3


class Bench(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {"type": "time-based", "models": {"Source": {"public": True, "params": [], "attrs": ["x", "y"]}}}
        )
        self.entities = 0

    def create(self, num, model):
        first, self.entities = self.entities, self.entities + num
        return [{"eid": f"source-{i}", "type": model} for i in range(first, first + num)]

    def step(self, time, inputs, max_advance):
        self.value = float(time)
        return time + 1

    def get_data(self, outputs):
        return {eid: dict.fromkeys(attrs, self.value) for eid, attrs in outputs.items()}


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(Bench(), "Steps and nothing else.", configure_logging=False)
