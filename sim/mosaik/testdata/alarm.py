"""An event-based simulator on the unmodified mosaik-api-v3 to which something happens from outside.

In its first step it asks for an event at `planned`; 0.1 s of real time after that step, while nobody steps, for one at
once. Each later step makes its `out` the time of the step.
"""

import asyncio

import mosaik_api_v3


class Alarm(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {
                "type": "event-based",
                "set_events": True,
                "models": {"Alarm": {"public": True, "params": [], "attrs": ["out"]}},
            }
        )
        self.first = True

    def init(self, sid, time_resolution=1.0, planned=0):
        self.planned = planned
        return self.meta

    def create(self, num, model):
        return [{"eid": "alarm", "type": model}]

    def step(self, time, inputs, max_advance):
        self.data = {} if self.first else {"out": time}
        if self.first:
            self.first = False
            yield self.mosaik.set_event(self.planned)
            self.task = asyncio.get_running_loop().create_task(self.happen(time))
        return None

    async def happen(self, time):
        await asyncio.sleep(0.1)
        await self.mosaik.set_event(time)

    def get_data(self, outputs):
        return {eid: self.data for eid in outputs if self.data}


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(Alarm(), "Is told from outside.")
