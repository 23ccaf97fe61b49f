"""Runs simulators of a test in the real mosaik. The first argument says what, the others are commands or addresses."""

import json
import sys
import warnings

import mosaik
import mosaik.util

warnings.simplefilter("ignore")


def heat(command):
    """Starts the program of ExampleServe."""
    sims = {
        "Heat": {"cmd": command + " %(addr)s", "env": {"HEATER": "1"}},
        "Input": {"python": "mosaik.basic_simulators:InputSimulator"},
        "Output": {"python": "mosaik.basic_simulators:OutputSimulator"},
    }
    with mosaik.World(sims, time_resolution=60.0) as world:
        heat = world.start("Heat", step="30m")
        heaters = heat.Heater.create(2, rated="3000 W")
        try:
            heat.Heater.create(1, rated="3000 m")
        except Exception as e:
            error = f"{type(e).__name__}: {e}"
        share = world.start("Input", step_size=60).Function.create(1, function=lambda time: time / 120)[0]
        output = world.start("Output")
        store = output.Dict.create(1)[0]
        world.connect(share, heaters[0], ("value", "share"))
        mosaik.util.connect_many_to_one(world, heaters, store, "heat")
        world.run(until=121, print_progress=False)
        return {"heat": output.get_dict(store.eid), "error": error}


def ask(counter, agent):
    """Connects to a Counter and an Agent that asks in its steps."""
    with mosaik.World({"Counter": {"connect": counter}, "Agent": {"connect": agent}}) as world:
        c, a = world.start("Counter", "Counter"), world.start("Agent", "Agent")
        entity = c.Counter(start=[1, {"a": 2.0}])
        (asker,) = a.Agent.create(1)
        before = world.get_data([entity], "out")[entity]
        world.connect(entity, asker, ("out", "in"), async_requests=True)
        echo = c.echo([1, 1.0, 10**20, float("inf")], b={"k": None})
        try:
            c.fail("no way")
        except Exception as e:
            error = f"{type(e).__name__}: {e}"
        world.run(until=4, print_progress=False)
        return {
            "children": [[e.eid, e.type, e.extra_info] for e in entity.children],
            "extra": entity.extra_info,
            "related": sorted(world.entity_graph.neighbors(entity.full_id)),
            "before": before,
            "echo": echo,
            "error": error,
        }


def tank(command):
    """Starts the simulator in Java, and one in Python that fills its tanks with what it learns from them."""
    sims = {
        "Tank": {"cmd": command + " %(addr)s"},
        "Pump": {"cmd": "%(python)s testdata/timebased.py %(addr)s"},
        "Output": {"python": "mosaik.basic_simulators:OutputSimulator"},
    }
    with mosaik.World(sims, mosaik_config={"start_timeout": 300}) as world:
        tanks = world.start("Tank", "Tank", step_size=30)
        tank = tanks.Tank.create(2, area=0.3, level=0.1)
        pump = world.start("Pump", "Pump", step_size=60).Counter(start=1)
        output = world.start("Output")
        store = output.Dict.create(1)[0]
        for t in tank:
            world.connect_one(pump, t, "out", "inflow")
        world.connect_one(tank[0], pump, "level", "in", time_shifted=True, initial_data=0.5)
        drained = tanks.drain("Tank-1")
        mosaik.util.connect_many_to_one(world, tank, store, "level")
        world.run(until=601, print_progress=False)
        return {"drained": drained, "levels": output.get_dict(store.eid)}


def event(address):
    """Runs a simulator that asks for events from outside, in real time."""
    with mosaik.World({"Alarm": {"connect": address}}) as world:
        world.start("Alarm", "Alarm").Alarm()
        world.run(until=4, rt_factor=0.05, print_progress=False)
        return {}


def fail(address):
    """Runs a simulator that fails."""
    with mosaik.World({"Bad": {"connect": address}}) as world:
        bad = world.start("Bad", "Bad")
        bad.Bad()
        world.run(until=4, print_progress=False)
        return {}


what, *arguments = sys.argv[1:]
print(json.dumps({"heat": heat, "ask": ask, "event": event, "tank": tank, "fail": fail}[what](*arguments)))
