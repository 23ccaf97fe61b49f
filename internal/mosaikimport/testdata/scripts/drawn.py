"""Connections by lot, and parts of a grid."""

import random

import mosaik
from mosaik.util import connect_many_to_one, connect_randomly

random.seed(int(__import__("sys").argv[1]))

world = mosaik.World({"Grid": {"python": "sims:Grid"}, "Growth": {"python": "sims:Growth"}, "Collector": {"python": "sims:Collector"}})
grid_sim = world.start("Grid")
growth = world.start("Growth", step_size=2)
collector = world.start("Collector")
assert grid_sim.describe("grids") == ["grids", 0]

grids = [grid_sim.Grid(nodes=n, name=name) for n, name in ((4, "north"), (3, "south"))]
nodes = [e for grid in grids for e in grid.children if e.type == "Node"]
lines = {e.eid: e for grid in grids for e in grid.children if "line" in e.eid}
plants = [growth.Plant(init_val=random.randint(0, 9)) for _ in range(12)]
monitor = collector.Monitor()

connect_randomly(world, plants, nodes, ("val", "load"))
few = growth.Plant.create(4, init_val=0.5)
connect_randomly(world, few, nodes[:3], ("val", "load"), evenly=False, max_connects=2)
places = world.get_data(nodes, "place")
inner = [n for n in nodes if places[n]["place"] != "0"]
connect_many_to_one(world, inner, monitor, "level")
assert nodes[0].extra_info == {"place": [0, 0]} and len(list(world.entity_graph.neighbors(nodes[1].full_id))) > 1
world.connect(lines["1-line_2"], monitor, "flow")
connect_many_to_one(world, [n for n in nodes if n not in inner], monitor, "level")
world.run(until=9)
print("not reached by simrun import")
