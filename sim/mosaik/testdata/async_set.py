"""A time-based simulator on the unmodified mosaik-api-v3 that asks the orchestrator in the middle of its steps.

Each step asks for get_progress, for get_related_entities of its entities, with get_data for `read` of each
related one, and with set_data sets `write` of each related one, from each of its entities, to the step's time.
The extra method history() returns what was answered, [{"time", "progress", "related", "data", "set"}], with
{"failed": [type, text]} in the place of an answer that was refused.
Parameters of init: step_size (1), read ("out"), write ("in").
"""

import mosaik_api_v3
from mosaik_api_v3.connection import RemoteException


def answer(request):
    # The library awaits what is yielded and sends the answer in, or throws the failure.
    try:
        return (yield request)
    except RemoteException as e:
        return {"failed": [e.remote_type, e.remote_msg]}


class AsyncSet(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {
                "type": "time-based",
                "models": {"Agent": {"public": True, "params": [], "attrs": ["in"]}},
                "extra_methods": ["history"],
            }
        )
        self.fids = []
        self.answers = []

    def init(self, sid, time_resolution=1.0, step_size=1, read="out", write="in"):
        self.sid, self.step_size, self.read, self.write = sid, step_size, read, write
        return self.meta

    def create(self, num, model):
        new = [f"agent-{i}" for i in range(len(self.fids), len(self.fids) + num)]
        self.fids += [f"{self.sid}.{eid}" for eid in new]
        return [{"eid": eid, "type": model} for eid in new]

    def step(self, time, inputs, max_advance):
        progress = yield from answer(self.mosaik.get_progress())
        related = yield from answer(self.mosaik.get_related_entities(self.fids))
        others = {fid: list(related.get(fid, {})) for fid in self.fids}
        wanted = {other: [self.read] for fid in self.fids for other in others[fid]}
        data = yield from answer(self.mosaik.get_data(wanted))
        values = {fid: {other: {self.write: time} for other in others[fid]} for fid in self.fids}
        done = yield from answer(self.mosaik.set_data(values))
        self.answers.append({"time": time, "progress": progress, "related": related, "data": data, "set": done})
        return time + self.step_size

    def get_data(self, outputs):
        return {eid: {} for eid in outputs}

    def history(self):
        return self.answers


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(AsyncSet(), "Asks in its steps.")
