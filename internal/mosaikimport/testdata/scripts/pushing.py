"""Data set by asynchronous requests, with no connection of attributes."""

import mosaik
import mosaik.util

world = mosaik.World({
    "Growth": {"python": "sims:Growth"},
    "Pusher": {"python": "sims:Pusher"},
    "Collector": {"python": "sims:Collector"},
})
growth = world.start("Growth", step_size=2)
pusher = world.start("Pusher")
collector = world.start("Collector")
models = [growth.Plant(init_val=i) for i in (-2, 0, 5)]
monitor = collector.Monitor()
for model in models:
    world.connect(model, pusher.Pusher(whom=model.full_id), async_requests=True)
mosaik.util.connect_many_to_one(world, models, monitor, "val")
world.run(until=20, print_progress=False)
