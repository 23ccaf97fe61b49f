"""Groups in groups, starters, and a World with async and await."""

import asyncio

import sims
from mosaik import AsyncWorld
from mosaik.starters import CmdStarter, PythonStarter


async def main():
    async with AsyncWorld() as world:
        growth = await world.start(PythonStarter(sims.Growth), sim_id="growth")
        with world.group("outer"):
            master = await world.start(PythonStarter.from_string("sims:Master"), sim_id="master")
            with world.group("inner"):
                first = await world.start(PythonStarter(sims.Limiter, args=(2,)), sim_id="first")
                second = await world.start(PythonStarter(sims.Limiter, kwargs={"bound": 4}), sim_id="second")
        collector = await world.start(CmdStarter("%(python)s sims.py Collector %(addr)s"), sim_id="collector")
        plants = await growth.Plant.create(2, init_val=1)
        boss = await master.Master()
        agents = [await first.Agent(), await second.Agent()]
        monitor = await collector.Monitor()
        for plant, agent in zip(plants, agents):
            world.connect(plant, agent, ("val", "val_in"))
            world.connect(agent, boss, ("say", "said"))
            world.connect(boss, agent, ("order", "heard"), weak=True)
            world.connect(agent, plant, "delta", time_shifted=1, initial_data={"delta": 2})
            world.connect(plant, monitor, "val", "delta")
        world.connect(agents[0], agents[1], ("say", "heard"), weak=True)
        await world.run(until=15)


asyncio.run(main())
