"""A random world (internal/worldtest), composed in one of several ways."""

import json
import sys

import mosaik

spec = json.load(open(sys.argv[1]))
way = spec["seed"] % 3
world = mosaik.World({"Logged": {"python": "logged:Logged"}})
sims = {}


def start(group):
    for s in spec["sims"]:
        if s["group"] == group:
            sims[s["name"]] = world.start(
                "Logged", sim_id=s["name"], seed=spec["seed"], type=s["type"], inputs=s["inputs"], outputs=s["outputs"]
            )
    for child, parent in enumerate(spec["groups"] or []):
        if parent == group:
            with world.group("group %d" % child):
                start(child)


start(-1)
entities = []
for s in spec["sims"]:
    if way == 0:
        entities.append(sims[s["name"]].M.create(s["entities"]))
    elif way == 1:
        entities.append([sims[s["name"]].M() for _ in range(s["entities"])])
    else:
        first = sims[s["name"]].M()
        entities.append([first] + [sims[s["name"]].M() for _ in range(s["entities"] - 1)])
for i in spec["links"] or []:
    src, dest = entities[i["src"]][i["src_entity"]], entities[i["dst"]][i["dst_entity"]]
    if way == 2:
        initial = {} if i["initial"] is None else {"initial_data": i["initial"]}
        world.connect_one(src, dest, i["output"], i["input"], i["shift"], i["weak"], **initial)
    else:
        initial = {} if i["initial"] is None else {"initial_data": {i["output"]: i["initial"]}}
        world.connect(src, dest, (i["output"], i["input"]), time_shifted=i["shift"], weak=i["weak"], **initial)
for s in spec["sims"]:
    if s["initial"] >= 0:
        world.set_initial_event(s["name"], s["initial"])
world.run(until=spec["until"])
