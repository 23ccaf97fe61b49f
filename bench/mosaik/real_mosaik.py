"""How long a step of a simulator takes in a world of the real mosaik.

    python real_mosaik.py SIMULATOR.py in|python SIMS ENTITIES chain|none UNTIL ""|eager

SIMULATOR.py has a class Bench. Starting and stopping are not in the time. Prints microseconds.
"""

import importlib.util
import sys
import time
import warnings

import mosaik


def main():
    path, where, sims, entities, topology, until, mode = sys.argv[1:]
    sims, entities, until = int(sims), int(entities), int(until)
    warnings.simplefilter("ignore")
    if where == "in":
        spec = importlib.util.spec_from_file_location("bench_simulator", path)
        sys.modules["bench_simulator"] = module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        how = {"python": "bench_simulator:Bench"}
    else:
        how = {"cmd": f"%(python)s {path} %(addr)s"}
    world = mosaik.World({"Bench": how}, skip_greetings=True, configure_logging=False)
    try:
        made = [world.start("Bench").Source.create(entities) for _ in range(sims)]
        if topology == "chain":
            for sources, readers in zip(made, made[1:]):
                for source, reader in zip(sources, readers):
                    world.connect_one(source, reader, "x", "y")
        start = time.perf_counter()
        world.run(until=until, print_progress=False, shutdown=False, lazy_stepping=mode != "eager")
        seconds = time.perf_counter() - start
    finally:
        world.shutdown()
    print(1e6 * seconds / (sims * until))


if __name__ == "__main__":
    main()
