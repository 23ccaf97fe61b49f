"""Values that are transformed on their way: persistent ones and events, shifted and weak, with initial data."""

import math

import mosaik
import mosaik.util

SIM_CONFIG = {
    "Growth": {"python": "sims:Growth"},
    "Limiter": {"python": "sims:Limiter"},
    "Master": {"python": "sims:Master"},
    "Collector": {"cmd": "%(python)s sims.py Collector %(addr)s"},
}
OFFSET = -0.5


def scaled(factor):
    return lambda v: v * factor + OFFSET


def halved(value, by=2):
    """What a plant takes over from another one."""
    return value / by


world = mosaik.World(SIM_CONFIG)
growth = world.start("Growth")
with world.group():
    limiter = world.start("Limiter")
    master = world.start("Master")
collector = world.start("Collector")
plants = growth.Plant.create(3, init_val=1)
agents = limiter.Agent.create(2)
boss = master.Master()
monitor = collector.Monitor()

for i, agent in enumerate(agents):
    # The variable has its last value when mosaik calls the function.
    world.connect(plants[i], agent, ("val", "val_in"), transform=lambda v: v * (i + 2))
    world.connect(agent, boss, ("say", "said"), transform=lambda v: 1 if v > 0 else -2)
    world.connect(boss, agent, ("order", "heard"), weak=True, transform=scaled(10))
    world.connect(agent, plants[i], "delta", time_shifted=1, initial_data={"delta": 2}, transform=float)
world.connect_one(plants[0], plants[2], "val", "delta", time_shifted=1, initial_data=3, transform=halved)
mosaik.util.connect_many_to_one(world, plants, monitor, "delta", transform=lambda v: {"delta": v, "steep": not -1 <= v < 1})
mosaik.util.connect_many_to_one(world, plants, monitor, "val", transform=lambda v: [max(v, math.e), abs(v - 3), None])
world.connect(boss, monitor, "order", transform=lambda v: "far" if v < -2 else "near")
world.connect(agents[0], monitor, "delta", transform=lambda v: v)
OFFSET = 0.25
world.run(until=20)
