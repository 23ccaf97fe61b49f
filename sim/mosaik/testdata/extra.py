"""A time-based simulator on the unmodified mosaik-api-v3 with entities inside entities and methods of its own.

A `House` has as many children of the type `Room`, which is not public, as its parameter `rooms` says (2), each
related to the one before it, and extra_info {"floor": 1, "tags": ["a", "b"]}. `value` of a house is the
time of the step, of a room a tenth of that.
Extra methods: add(a, b=0) returns a + b; echo(x) returns x; fail(text) raises ValueError(text).
"""

import mosaik_api_v3


class Extra(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {
                "type": "time-based",
                "models": {
                    "House": {"public": True, "params": ["rooms"], "attrs": ["value"]},
                    "Room": {"public": False, "params": [], "attrs": ["value"]},
                },
                "extra_methods": ["add", "echo", "fail"],
            }
        )
        self.houses = 0

    def create(self, num, model, rooms=2):
        created = []
        for _ in range(num):
            house = f"house-{self.houses}"
            self.houses += 1
            children = [
                {"eid": f"{house}/room-{i}", "type": "Room", "rel": [f"{house}/room-{i - 1}"] if i else []}
                for i in range(rooms)
            ]
            extra = {"floor": 1, "tags": ["a", "b"]}
            created.append({"eid": house, "type": model, "rel": [], "children": children, "extra_info": extra})
        return created

    def step(self, time, inputs, max_advance):
        self.time = time
        return time + 1

    def get_data(self, outputs):
        return {eid: {"value": self.time / 10 if "/" in eid else self.time} for eid in outputs}

    def add(self, a, b=0):
        return a + b

    def echo(self, x):
        return x

    def fail(self, text):
        raise ValueError(text)


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(Extra(), "Children and extra methods.")
