"""Events at times of their own, in steps of half a minute."""

import mosaik

world = mosaik.World(
    {"Pulse": {"cmd": "%(python)s -u sims.py Pulse %(addr)s", "cwd": ".", "env": {"PULSE": "100%"}}, "Collector": {"python": "sims:Collector"}},
    time_resolution=30.0,
    mosaik_config={"start_timeout": 120},
)
pulses = [world.start("Pulse") for _ in range(2)]
collector = world.start("Collector")
beats = [p.Beat(every=every) for p in pulses for every in (3, 5)]
monitors = [collector.Monitor() for _ in range(2)]
for number, beat in enumerate(beats):
    world.connect_one(beat, monitors[number // 2], "beat", "of_%d" % (number % 2))
world.connect(beats[1], beats[2], ("beat", "go"), time_shifted=2)
world.set_initial_event("Pulse-0")
world.set_initial_event("Pulse-1", 7)
world.run(until=60)
