"""External events, which are for runs in real time."""

import mosaik

world = mosaik.World({"Button": {"python": "sims:Button"}, "Collector": {"cmd": "%(python)s sims.py Collector %(addr)s"}}, time_resolution=0.5)
button_sim = world.start("Button")
button = button_sim.Button(at=[7, 12, 30])
world.connect(button, world.start("Collector").Monitor(), "pressed")
world.set_initial_event(button.sid, time=3)
world.run(until=40, rt_factor=0.05)
