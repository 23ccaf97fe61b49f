"""A simulator whose behaviour follows from the seed of a random world (internal/worldtest), from its name, from the time,
and from how many steps it has made at that time. It does not depend on inputs, so that one wrong input does not make all
that follows differ. What it puts out says where it comes from. generic_test.go has the same in Go.

If it may ask others it does so in each step, and notes what it is told.
"""

import zlib

import mosaik_api_v3


async def attempt(request):
    try:
        return await request
    except Exception as e:
        return {"failed": f"{type(e).__name__}: {e}"}


class Generic(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__({})
        self.log = []  # of steps: time, inputs, max_advance, what it was told
        self.time, self.again = -1, 0

    def init(self, sid, time_resolution, seed, type, inputs, outputs, asks=None, events=False):
        """asks lists whom it may ask: [SIMULATOR, an output, [inputs]]."""
        self.sid, self.seed, self.type, self.outputs, self.asks, self.events = sid, seed, type, outputs, asks, events
        model = {"public": True, "params": [], "attrs": sorted({*inputs, *outputs})}
        if type == "hybrid":
            model |= {"trigger": ["trigger"], "non-persistent": ["event"]}
        self.meta |= {"type": type, "models": {"M": model}, "extra_methods": ["steps"], "set_events": events}
        return self.meta

    def create(self, num, model):
        self.entities = [f"{self.sid}.m{i}" for i in range(num)]
        return [{"eid": f"m{i}", "type": model} for i in range(num)]

    def steps(self):
        return self.log

    def draw(self, what):
        return zlib.crc32(f"{self.seed} {self.sid} {self.time} {self.again} {what}".encode())

    def step(self, time, inputs, max_advance):
        self.again = self.again + 1 if time == self.time else 0
        self.time = time
        self.log.append([time, {e: {a: dict(s) for a, s in attrs.items()} for e, attrs in inputs.items()}, max_advance])
        if self.asks is not None:
            told = {"data": {}, "progress": (yield self.mosaik.get_progress())}
            if len(self.log) == 1:
                told["all"] = yield self.mosaik.get_related_entities()
                told["one"] = yield self.mosaik.get_related_entities(self.entities[0])
                told["each"] = yield self.mosaik.get_related_entities(self.entities)
            for other, attr, to in self.asks:
                entity = f"{other}.m0"
                data = yield attempt(self.mosaik.get_data({entity: [attr]}))
                told["data"][other] = data.get(entity, data)
                draw = self.draw(f"set {other}")
                if draw % 3 == 0:
                    value = {entity: {to[draw // 3 % len(to)]: f"{self.sid} set {time}/{self.again}"}}
                    yield self.mosaik.set_data({self.entities[0]: value})
            event = self.draw("event")
            if self.events and event % 4 == 0:
                yield self.mosaik.set_event(time + 1 + event // 4 % 5)
            self.log[-1].append(told)
        next = self.draw("next")
        if self.type == "time-based":
            return time + 1 + next % 4
        return None if next % 2 else time + 1 + next // 2 % 6

    def get_data(self, outputs):
        data = {}
        if self.time < 0:  # asked before its first step
            return data
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
