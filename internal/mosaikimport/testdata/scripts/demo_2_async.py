"""A controller that sets data by asynchronous requests."""

import mosaik
import mosaik.util

world = mosaik.World({
    "Growth": {"python": "sims:Growth"},
    "Setter": {"python": "sims:Setter"},
    "Collector": {"python": "sims:Collector"},
})
growth = world.start("Growth", step_size=2)
setter = world.start("Setter", step_size=2)
collector = world.start("Collector")
models = [growth.Plant(init_val=i) for i in (-2, 0, 5)]
watches = setter.Watch.create(3)
monitor = collector.Monitor()
for model, watch in zip(models, watches):
    world.connect(model, watch, ("val", "val_in"), async_requests=True)
mosaik.util.connect_many_to_one(world, models, monitor, "val")
world.run(until=20, print_progress=False)
