"""Runs random worlds (internal/worldtest) in the real mosaik.

Reads one world per line, as JSON, and writes one line for it: a list of three runs. The first one is as it comes; in the
others simulators take a random number of turns of the event loop for each answer, as if they were processes of their own.
A run is {"steps": {SIMULATOR: [[time, inputs, max_advance], ...]}} or {"error": TEXT}. Simulators that have "asks" make
asynchronous requests (generic.py), and steps have a fourth part.

If the world has "addresses", {SIMULATOR: "HOST:PORT"}, its simulators are programs that listen there. There is one run then, whose
"steps" are empty.
"""

import asyncio
import json
import random
import selectors
import sys
import warnings

import mosaik
from generic import Generic
from mosaik.proxies import LocalProxy
from mosaik.starters import PythonStarter

warnings.simplefilter("ignore")


class SlowProxy(LocalProxy):
    async def send(self, request):
        for _ in range(self.random.randrange(8)):
            await asyncio.sleep(0)
        result = await super().send(request)
        for _ in range(self.random.randrange(8)):
            await asyncio.sleep(0)
        return result


class SlowStarter(PythonStarter):
    def __init__(self, cls, seed):
        super().__init__(cls)
        self.random = random.Random(seed)

    async def start(self, sim_id, mosaik_remote, mosaik_config):
        proxy = SlowProxy(self.cls(), mosaik_remote)
        proxy.random = self.random
        return proxy


class Selector(selectors.DefaultSelector):
    """Notices that mosaik waits for something that cannot happen: there is no file and no timer to wait for in these runs."""

    def select(self, timeout=None):
        if timeout is None:
            self.task.cancel()
            timeout = 0
        return super().select(timeout)


def asked_by(spec, name):
    """Whom a simulator may ask, as Generic.init takes it."""
    if spec["asks"] is None:
        return None
    sims = [(spec["sims"][i["src"]], spec["sims"][i["dst"]]) for i in spec["asks"]]
    return [[s["name"], s["outputs"][0], s["inputs"]] for s, by in sims if by["name"] == name]


def marked(mark):
    """A transform: as Link.Marked of the package worldtest."""
    return lambda value: mark + value if isinstance(value, str) else value


async def simulate(spec, delays):
    addresses = spec.get("addresses") or {}
    async with mosaik.AsyncWorld({name: {"connect": address} for name, address in addresses.items()}) as world:
        sims = {}

        async def start(group):
            for s in spec["sims"]:
                if s["group"] == group and addresses:
                    sims[s["name"]] = await world.start(s["name"], s["name"])
                elif s["group"] == group:
                    starter = SlowStarter(Generic, f"{delays} {s['name']}") if delays else PythonStarter(Generic)
                    sims[s["name"]] = await world.start(
                        starter, s["name"], seed=spec["seed"], type=s["type"], inputs=s["inputs"], outputs=s["outputs"],
                        asks=asked_by(spec, s["name"]), events=spec["events"],
                    )
            for child, parent in enumerate(spec["groups"] or []):
                if parent == group:
                    with world.group(f"group {child}"):  # without names, groups side by side would be one
                        await start(child)

        await start(-1)
        entities = [await sims[s["name"]].M.create(s["entities"]) for s in spec["sims"]]
        for i in spec["links"] or []:
            options = {} if i["initial"] is None else {"initial_data": i["initial"]}
            if i["mark"]:
                options["transform"] = marked(i["mark"])
            world.connect_one(
                entities[i["src"]][i["src_entity"]], entities[i["dst"]][i["dst_entity"]], i["output"], i["input"],
                time_shifted=i["shift"], weak=i["weak"], **options,
            )
        for i in spec["asks"] or []:
            world.connect(entities[i["src"]][0], entities[i["dst"]][0], async_requests=True)
        for s in spec["sims"]:
            if s["initial"] >= 0:
                world.set_initial_event(s["name"], s["initial"])
        real_time = {"rt_factor": 0.001} if spec["events"] else {}  # events from outside are only for real time
        await world.run(until=spec["until"], print_progress=False, lazy_stepping=not spec["eager"], **real_time)
        return {"steps": {} if addresses else {name: await sim.call.steps() for name, sim in sims.items()}}


def run(spec, delays):
    selector = selectors.DefaultSelector() if spec.get("addresses") or spec["events"] else Selector()
    loop = asyncio.SelectorEventLoop(selector)
    loop.set_exception_handler(lambda *_: None)  # of what waits for ever
    selector.task = loop.create_task(simulate(spec, delays))
    try:
        return loop.run_until_complete(selector.task)
    except asyncio.CancelledError:
        return {"error": "it waits for ever"}
    except Exception as e:
        return {"error": f"{type(e).__name__}: {e}".splitlines()[0]}
    finally:
        loop.close()


for line in sys.stdin:
    world = json.loads(line)
    print(json.dumps([run(world, delays) for delays in range(1 if world.get("addresses") else 3)]), flush=True)
