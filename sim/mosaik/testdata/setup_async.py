"""A time-based simulator on the unmodified mosaik-api-v3 that asks the orchestrator in setup_done.

setup_done asks for the whole graph, get_related_entities(null), and for get_progress. The extra method
history() returns the two answers, {"graph": {"nodes", "edges"}, "progress"}. Its entities take any input.
"""

import mosaik_api_v3


class SetupAsync(mosaik_api_v3.Simulator):
    def __init__(self):
        super().__init__(
            {
                "type": "time-based",
                "models": {"Database": {"public": True, "any_inputs": True, "params": [], "attrs": []}},
                "extra_methods": ["history"],
            }
        )
        self.answers = None

    def create(self, num, model):
        return [{"eid": f"db-{i}", "type": model} for i in range(num)]

    def setup_done(self):
        graph = yield self.mosaik.get_related_entities()
        progress = yield self.mosaik.get_progress()
        self.answers = {"graph": graph, "progress": progress}

    def step(self, time, inputs, max_advance):
        return time + 1

    def get_data(self, outputs):
        return {}

    def history(self):
        return self.answers


if __name__ == "__main__":
    mosaik_api_v3.start_simulation(SetupAsync(), "Asks when the setup is done.")
