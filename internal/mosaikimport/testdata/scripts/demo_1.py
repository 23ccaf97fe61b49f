"""A simulator in the process of mosaik, and one in a process of its own."""

import mosaik
import mosaik.util

SIM_CONFIG: mosaik.SimConfig = {
    "Growth": {"python": "sims:Growth"},
    "Collector": {"cmd": "%(python)s sims.py Collector %(addr)s"},
}
END = 10

with mosaik.World(SIM_CONFIG) as world:
    growth = world.start("Growth", eid_prefix="Model_")
    collector = world.start("Collector")

    model = growth.Plant(init_val=2)
    monitor = collector.Monitor()
    world.connect(model, monitor, "val", "delta")
    more_models = growth.Plant.create(2, init_val=3)
    mosaik.util.connect_many_to_one(world, more_models, monitor, "val", "delta")

    world.run(until=END)
