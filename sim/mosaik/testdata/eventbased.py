"""An event-based simulator on the unmodified mosaik-api-v3: entities that pass events on, one higher.

A step with inputs `in` for an entity makes its `out` the sum of them plus 1; a step without any, by itself
or by an initial event, makes the first entity's `out` the time. Other entities give nothing in that step.
Parameters of init: interval (0), after which it steps by itself again, 0 for never; delay (0), by which
outputs are later than the step.
"""

import mosaik_api_v3


class EventBased(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {
                "type": "event-based",
                "models": {"Relay": {"public": True, "params": [], "attrs": ["in", "out"]}},
            }
        )
        self.eids = []
        self.data = {}

    def init(self, sid, time_resolution=1.0, interval=0, delay=0):
        self.interval = interval
        self.delay = delay
        return self.meta

    def create(self, num, model):
        new = [f"relay-{i}" for i in range(len(self.eids), len(self.eids) + num)]
        self.eids += new
        return [{"eid": eid, "type": model} for eid in new]

    def step(self, time, inputs, max_advance):
        self.time = time
        self.data = {eid: {"out": sum(attrs["in"].values()) + 1} for eid, attrs in inputs.items()}
        if not inputs:
            self.data[self.eids[0]] = {"out": time}
        return time + self.interval if self.interval else None

    def get_data(self, outputs):
        data = {eid: self.data[eid] for eid in outputs if eid in self.data}
        if self.delay:
            data["time"] = self.time + self.delay
        return data


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(EventBased(), "Passes events on.")
