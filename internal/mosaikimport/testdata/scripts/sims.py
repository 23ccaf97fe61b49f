"""Simulators for the scenario scripts in this folder."""

import json
import sys

import mosaik_api_v3


class Growth(mosaik_api_v3.Simulator):
    """Time-based: a value grows by delta in every step."""

    def __init__(self):
        super().__init__({
            "type": "hybrid",
            "models": {"Plant": {"public": True, "params": ["init_val"], "attrs": ["val", "delta"], "trigger": ["delta"]}},
        })
        self.plants = {}
        self.prefix = "Plant-"

    def init(self, sid, time_resolution=1.0, eid_prefix=None, step_size=1):
        self.step_size = step_size
        self.prefix = eid_prefix or self.prefix
        return self.meta

    def create(self, num, model, init_val=0):
        made = []
        for _ in range(num):
            eid = "%s%d" % (self.prefix, len(self.plants))
            self.plants[eid] = {"val": init_val, "delta": 1}
            made.append({"eid": eid, "type": model})
        return made

    def step(self, time, inputs, max_advance):
        for eid, attrs in inputs.items():
            for attr, sources in attrs.items():
                self.plants[eid][attr] = sum(v for v in sources.values() if v is not None)
        for plant in self.plants.values():
            plant["val"] += plant["delta"]
        return time + self.step_size

    def get_data(self, outputs):
        return {eid: {a: self.plants[eid][a] for a in attrs} for eid, attrs in outputs.items()}


class Limiter(mosaik_api_v3.Simulator):
    """Event-based: says that a value shall shrink or grow when it gets out of bounds."""

    def __init__(self, bound=3):
        super().__init__({
            "type": "event-based",
            "models": {"Agent": {"public": True, "params": [], "attrs": ["val_in", "delta", "heard", "say"]}},
        })
        self.bound = bound
        self.agents = []
        self.data = {}

    def init(self, sid, time_resolution=1.0):
        return self.meta

    def create(self, num, model):
        eids = ["Agent_%d" % (len(self.agents) + i) for i in range(num)]
        self.agents += eids
        return [{"eid": eid, "type": model} for eid in eids]

    def step(self, time, inputs, max_advance):
        self.data = {}
        for eid, attrs in inputs.items():
            out = self.data.setdefault(eid, {})
            for value in attrs.get("val_in", {}).values():
                if abs(value) >= self.bound:
                    out["say"] = out["delta"] = -1 if value > 0 else 1
            for value in attrs.get("heard", {}).values():
                out["delta"] = value
        return None

    def get_data(self, outputs):
        return {eid: {a: self.data[eid][a] for a in attrs if a in self.data[eid]} for eid, attrs in outputs.items() if eid in self.data}


class Master(mosaik_api_v3.Simulator):
    """Event-based: hears what agents say and answers once all of it has come to rest."""

    def __init__(self):
        super().__init__({
            "type": "event-based",
            "models": {"Master": {"public": True, "params": ["rounds"], "attrs": ["said", "order"]}},
        })

    def init(self, sid, time_resolution=1.0):
        return self.meta

    def create(self, num, model, rounds=1):
        self.rounds, self.time, self.out = rounds, None, {}
        return [{"eid": "M", "type": model}]

    def step(self, time, inputs, max_advance):
        said = inputs.get("M", {}).get("said", {})
        self.out = {"order": sum(said.values())} if time != self.time else {}
        self.time = time
        return None

    def get_data(self, outputs):
        return {"M": self.out} if self.out else {}


class Setter(mosaik_api_v3.Simulator):
    """Time-based: sets data in those that it watches, by asynchronous requests."""

    def __init__(self):
        super().__init__({"type": "time-based", "models": {"Watch": {"public": True, "params": [], "attrs": ["val_in"]}}})

    def init(self, sid, time_resolution=1.0, step_size=1):
        self.step_size, self.count = step_size, 0
        return self.meta

    def create(self, num, model):
        self.count += num
        return [{"eid": "W%d" % (self.count - num + i), "type": model} for i in range(num)]

    def step(self, time, inputs, max_advance):
        orders = {}
        for eid, attrs in inputs.items():
            for source, value in attrs["val_in"].items():
                if abs(value) >= 3:
                    orders.setdefault("%s.%s" % ("Setter-0", eid), {})[source] = {"delta": -1 if value > 0 else 1}
        if orders:
            yield self.mosaik.set_data(orders)
        return time + self.step_size

    def get_data(self, outputs):
        return {}


class Pusher(mosaik_api_v3.Simulator):
    """Time-based, with no inputs: sets data in others at odd times."""

    def __init__(self):
        super().__init__({"type": "time-based", "models": {"Pusher": {"public": True, "params": ["whom"], "attrs": []}}})
        self.whom = []

    def create(self, num, model, whom):
        self.whom += [whom] * num
        return [{"eid": "P%d" % (len(self.whom) - num + i), "type": model} for i in range(num)]

    def step(self, time, inputs, max_advance):
        if time:
            yield self.mosaik.set_data({"Pusher-0.P%d" % i: {whom: {"delta": (time + i) % 5 - 2}} for i, whom in enumerate(self.whom)})
        return time + (2 if time else 1)

    def get_data(self, outputs):
        return {}


class Pulse(mosaik_api_v3.Simulator):
    """Event-based: gives a number at times of its own, from its initial event on."""

    def __init__(self):
        super().__init__({"type": "event-based", "models": {"Beat": {"public": True, "params": ["every"], "attrs": ["go", "beat"]}}})

    def init(self, sid, time_resolution=1.0):
        self.resolution, self.beats, self.time = time_resolution, {}, None
        return self.meta

    def create(self, num, model, every):
        made = ["%s_%d" % (model, len(self.beats) + i) for i in range(num)]
        self.beats.update(dict.fromkeys(made, every))
        return [{"eid": eid, "type": model} for eid in made]

    def step(self, time, inputs, max_advance):
        self.time = time
        return min(time + every - time % every for every in self.beats.values())

    def get_data(self, outputs):
        due = [eid for eid, every in self.beats.items() if self.time % every == 0 and eid in outputs]
        return {eid: {"beat": self.time * self.resolution} for eid in due}


class Button(mosaik_api_v3.Simulator):
    """Event-based: is pressed at times that it sets as external events."""

    def __init__(self):
        super().__init__({"type": "event-based", "set_events": True, "models": {"Button": {"public": True, "params": ["at"], "attrs": ["pressed"]}}})

    def init(self, sid, time_resolution=1.0):
        return self.meta

    def create(self, num, model, at):
        self.at, self.count = at, 0
        return [{"eid": "B", "type": model}]

    def step(self, time, inputs, max_advance):
        if self.count < len(self.at):
            yield self.mosaik.set_event(self.at[self.count])
        self.count += 1

    def get_data(self, outputs):
        return {"B": {"pressed": self.count}}


class Grid(mosaik_api_v3.Simulator):
    """Time-based: an entity with children that are related."""

    def __init__(self):
        super().__init__({
            "type": "time-based",
            "models": {
                "Grid": {"public": True, "params": ["nodes", "name"], "attrs": []},
                "Node": {"public": False, "params": [], "attrs": ["load", "level", "place"]},
                "Line": {"public": False, "params": [], "attrs": ["flow"]},
            },
            "extra_methods": ["describe"],
        })
        self.grids = 0
        self.levels = {}

    def init(self, sid, time_resolution=1.0):
        return self.meta

    def create(self, num, model, nodes, name="grid"):
        made = []
        for _ in range(num):
            g = self.grids
            self.grids += 1
            children = []
            for i in range(nodes):
                eid = "%d-node_%d" % (g, i)
                self.levels[eid] = float(i)
                children.append({"eid": eid, "type": "Node", "rel": [], "extra_info": {"place": [g, i]}})
                if i:
                    children.append({"eid": "%d-line_%d" % (g, i), "type": "Line", "rel": [eid, "%d-node_%d" % (g, i - 1)]})
            made.append({"eid": "%d-%s" % (g, name), "type": model, "children": children})
        return made

    def describe(self, what):
        return [what, self.grids]

    def step(self, time, inputs, max_advance):
        for eid, attrs in inputs.items():
            self.levels[eid] = 0.75 * self.levels[eid] + 0.1 * sum(attrs["load"].values())
        return time + 2

    def get_data(self, outputs):
        data = {}
        for eid, attrs in outputs.items():
            g, _, i = eid.replace("_", "-").split("-")
            data[eid] = {"level": self.levels.get(eid), "place": i, "flow": self.levels["%s-node_%s" % (g, i)] / 3}
        return {eid: {a: data[eid][a] for a in attrs} for eid, attrs in outputs.items()}


class Samples(mosaik_api_v3.Simulator):
    """Time-based: gives one value after the other."""

    def __init__(self):
        super().__init__({"type": "time-based", "models": {"Samples": {"public": True, "params": ["values"], "attrs": ["value"]}}})

    def create(self, num, model, values):
        self.values = values
        return [{"eid": "S", "type": model}]

    def step(self, time, inputs, max_advance):
        self.time = time
        return time + 1

    def get_data(self, outputs):
        return {"S": {"value": self.values[self.time % len(self.values)]}}


class Collector(mosaik_api_v3.Simulator):
    """Event-based: writes all that it gets into a file, a line for each step. Without a step there is no file."""

    def __init__(self):
        super().__init__({"type": "event-based", "models": {"Monitor": {"public": True, "any_inputs": True, "params": [], "attrs": []}}})

    def init(self, sid, time_resolution=1.0, file="collected.jsonl"):
        self.path, self.file, self.monitors = file, None, 0
        return self.meta

    def create(self, num, model):
        if num != 1:
            raise ValueError("monitors are made one by one")
        self.monitors += 1
        return [{"eid": "Monitor" if self.monitors == 1 else "Monitor_%d" % self.monitors, "type": model}]

    def step(self, time, inputs, max_advance):
        if self.file is None:
            self.file = open(self.path, "w")
        self.file.write(json.dumps([time, inputs], sort_keys=True) + "\n")
        self.file.flush()
        return None

    def get_data(self, outputs):
        return {}


if __name__ == "__main__":
    # So that a command can start any of them: sims.py CLASS HOST:PORT
    simulator = globals()[sys.argv.pop(1)]()
    mosaik_api_v3.start_simulation(simulator)
