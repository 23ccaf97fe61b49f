"""A hybrid simulator on the unmodified mosaik-api-v3 that puts out what it is given: `in` as `out`, `event_in` as `event`.

The name of its entity needs escapes in JSON.
"""

import mosaik_api_v3


class Echo(mosaik_api_v3.Simulator):
    def __init__(self):
        model = {"public": True, "params": [], "attrs": ["in", "event_in", "out", "event"]}
        super().__init__({"type": "hybrid", "models": {"Echo": model | {"trigger": ["in", "event_in"], "non-persistent": ["event"]}}})
        self.data = {}

    def create(self, num, model):
        return [{"eid": 'ä"\\/ 😀', "type": model}]

    def step(self, time, inputs, max_advance):
        self.data.pop("event", None)
        for attrs in inputs.values():
            for attr, out in ("in", "out"), ("event_in", "event"):
                for value in attrs.get(attr, {}).values():
                    self.data[out] = value

    def get_data(self, outputs):
        return {eid: {attr: self.data[attr] for attr in attrs if attr in self.data} for eid, attrs in outputs.items()}


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(Echo(), "Puts out what it is given.")
