"""Controllers that answer over time-shifted connections."""

import mosaik
import mosaik.util

SIM_CONFIG = {
    "Growth": {"python": "sims:Growth"},
    "Limiter": {"python": "sims:Limiter"},
    "Grid": {"python": "sims:Grid"},
    "Collector": {"python": "sims:Collector"},
}

world = mosaik.World(SIM_CONFIG)
growth = world.start("Growth", eid_prefix="Model_")
limiter = world.start("Limiter")
collector = world.start("Collector")

models = [growth.Plant(init_val=i) for i in range(-2, 3, 2)]
agents = limiter.Agent.create(len(models))
monitor = collector.Monitor()

for model, agent in zip(models, agents):
    world.connect(model, agent, ("val", "val_in"))
    world.connect(agent, model, "delta", time_shifted=1)
# An event is seen once, unless the connection has an initial value, which None is not.
(node,) = world.start("Grid").Grid(nodes=1).children
world.connect(agents[2], node, ("delta", "load"), time_shifted=1, initial_data={"delta": None})
world.connect(node, monitor, "level")
mosaik.util.connect_many_to_one(world, models, monitor, "val", "delta")
mosaik.util.connect_many_to_one(world, agents, monitor, "delta")

world.run(until=10)
