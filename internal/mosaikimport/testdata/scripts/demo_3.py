"""Agents and their master come to terms at one time, in a group."""

import mosaik
import mosaik.util

SIM_CONFIG = {
    "Growth": {"python": "sims:Growth"},
    "Limiter": {"python": "sims:Limiter"},
    "Master": {"python": "sims:Master"},
    "Collector": {"cmd": "%(python)s sims.py Collector %(addr)s"},
}

world = mosaik.World(SIM_CONFIG, max_loop_iterations=50)
with world.group():
    limiter = world.start("Limiter")
    master = world.start("Master")
growth = world.start("Growth")
collector = world.start("Collector", sim_id="Monitor")

models = [growth.Plant(init_val=value) for value in (-2, 0, 2.5)]
agents = limiter.Agent.create(3)
boss = master.Master(rounds=2)
monitor = collector.Monitor()

for model, agent in zip(models, agents):
    world.connect(model, agent, ("val", "val_in"))
    world.connect(agent, model, "delta", time_shifted=1)
    world.connect(agent, boss, ("say", "said"))
    world.connect(boss, agent, ("order", "heard"), weak=True)
mosaik.util.connect_many_to_one(world, models, monitor, "val", "delta")
mosaik.util.connect_many_to_one(world, agents, monitor, ("delta", "answer"))
world.set_initial_event(master._sid, time=3)
world.run(until=12)
