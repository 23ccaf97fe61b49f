"""Equations x = given + share * y, y of another one, solved by going back and forth."""

import mosaik_api_v3

from parts import tolerance


class Solver(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__({
            "api_version": "3.0",
            "type": "event-based",
            "models": {"Equation": {"public": True, "params": [], "attrs": ["given", "heard", "found"]}},
        })

    def init(self, sid, time_resolution, share):
        self.share, self.state, self.changed = share, {}, []
        return self.meta

    def create(self, num, model):
        made = ["E%d" % (len(self.state) + i) for i in range(num)]
        self.state.update((eid, [0.0, 0.0, None]) for eid in made)
        return [{"eid": eid, "type": model} for eid in made]

    def step(self, time, inputs, max_advance):
        self.changed = []
        for eid, attrs in inputs.items():
            state = self.state[eid]
            for i, attr in enumerate(("given", "heard")):
                for value in attrs.get(attr, {}).values():
                    state[i] = value
            found = state[0] + self.share * state[1]
            if state[2] is None or abs(found - state[2]) > tolerance.LIMIT:
                state[2] = found
                self.changed.append(eid)
        return None

    def get_data(self, outputs):
        return {eid: {"found": self.state[eid][2]} for eid in outputs if eid in self.changed}
