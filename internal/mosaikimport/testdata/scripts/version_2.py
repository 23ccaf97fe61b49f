"""Simulators of version 2 of the API."""

import mosaik
sim_config = {"Class": {"python": "api2:Api2"}, "Command": {"cmd": "%(python)s api2.py %(addr)s", "api_version": "2"}, "Collector": {"python": "sims:Collector"}}
world = mosaik.World(sim_config)
one = world.start("Class", step_size=2)
other = world.start("Command")
monitor = world.start("Collector").Monitor()
a, b = one.Counter.create(2), other.Counter()
mosaik.util.connect_many_to_one(world, a, b, ("out", "in"))
world.connect(b, monitor, "out")
world.run(until=6)
