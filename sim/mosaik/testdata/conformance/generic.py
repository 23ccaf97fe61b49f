"""A simulator whose behaviour follows from the seed of a random world (internal/worldtest), from its name, from the time,
and from how many steps it has made at that time. It does not depend on inputs, so that one wrong input does not make all
that follows differ. What it puts out says where it comes from. conformance_test.go has the same in Go.
"""

import zlib

import mosaik_api_v3


class Generic(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__({})
        self.log = []  # of steps: time, inputs, max_advance
        self.time, self.again = -1, 0

    def init(self, sid, time_resolution, seed, type, inputs, outputs):
        self.sid, self.seed, self.type, self.outputs = sid, seed, type, outputs
        model = {"public": True, "params": [], "attrs": sorted({*inputs, *outputs})}
        if type == "hybrid":
            model |= {"trigger": ["trigger"], "non-persistent": ["event"]}
        self.meta |= {"type": type, "models": {"M": model}, "extra_methods": ["steps"]}
        return self.meta

    def create(self, num, model):
        return [{"eid": f"m{i}", "type": model} for i in range(num)]

    def steps(self):
        return self.log

    def draw(self, what):
        return zlib.crc32(f"{self.seed} {self.sid} {self.time} {self.again} {what}".encode())

    def step(self, time, inputs, max_advance):
        self.again = self.again + 1 if time == self.time else 0
        self.time = time
        self.log.append([time, {e: {a: dict(s) for a, s in attrs.items()} for e, attrs in inputs.items()}, max_advance])
        next = self.draw("next")
        if self.type == "time-based":
            return time + 1 + next % 4
        return None if next % 2 else time + 1 + next // 2 % 6

    def get_data(self, outputs):
        data = {}
        time = self.draw("time")
        if time % 6 == 0:
            data["time"] = self.time + 1 + time // 6 % 5
        for eid, attrs in outputs.items():
            for attr in attrs:
                draw = self.draw(f"{eid}.{attr}")
                # Loops come to their end.
                if self.again < 5 and draw % 8 < (7 if attr == "out" else 4):
                    data.setdefault(eid, {})[attr] = f"{self.sid}.{eid}.{attr} {self.time}/{self.again}"
        return data
