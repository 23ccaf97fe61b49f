"""A hybrid simulator on the unmodified mosaik-api-v3.

Its entities have a trigger input `kick`, a plain input `level`, a persistent output `state` and an event
output `alarm`. Every step sets `state` to the sum of `level` (0 without) plus the sum of all kicks so far.
A step with a kick also gives `alarm`, the kick's value; then the reply carries an output time `delay` later.
Parameters of init: step_size (0), the time to its next own step, 0 for none; delay (0).
"""

import mosaik_api_v3


class Hybrid(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {
                "type": "hybrid",
                "models": {
                    "Cell": {
                        "public": True,
                        "params": [],
                        "attrs": ["kick", "level", "state", "alarm"],
                        "trigger": ["kick"],
                        "non-persistent": ["alarm"],
                    }
                },
            }
        )
        self.kicks = {}  # sum so far, by entity
        self.data = {}

    def init(self, sid, time_resolution=1.0, step_size=0, delay=0):
        self.step_size = step_size
        self.delay = delay
        return self.meta

    def create(self, num, model):
        new = [f"cell-{i}" for i in range(len(self.kicks), len(self.kicks) + num)]
        self.kicks.update(dict.fromkeys(new, 0))
        return [{"eid": eid, "type": model} for eid in new]

    def step(self, time, inputs, max_advance):
        self.time = time
        self.data = {}
        for eid in self.kicks:
            attrs = inputs.get(eid, {})
            kick = sum(attrs.get("kick", {}).values())
            level = sum(value for value in attrs.get("level", {}).values() if value is not None)
            self.kicks[eid] += kick
            self.data[eid] = {"state": level + self.kicks[eid]}
            if "kick" in attrs:
                self.data[eid]["alarm"] = kick
        return time + self.step_size if self.step_size else None

    def get_data(self, outputs):
        data = {
            eid: {attr: self.data[eid][attr] for attr in attrs if attr in self.data[eid]} for eid, attrs in outputs.items()
        }
        if self.delay and any("alarm" in attrs for attrs in data.values()):
            data["time"] = self.time + self.delay
        return data


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(Hybrid(), "Measurements and events.")
