"""Simulators from PyPI: houses and roofs at the nodes of a grid, as in the demo of mosaik. The data are those of builtin:street."""

import random

import mosaik
from mosaik.util import connect_many_to_one, connect_randomly

sim_config = {
    "CSV": {"python": "mosaik_csv:CSV"},
    "HouseholdSim": {"python": "mosaik_components.household.mosaik:Simulator"},
    "PyPower": {"python": "mosaik_components.mosaik_pypower.mosaik:PyPower"},
    "PV": {"python": "mosaik_components.pv.pvsimulator:PVSimulator"},
    "DB": {"cmd": "%(python)s sims.py Collector %(addr)s"},
}
START = "2026-01-15 00:00:00"
END = 24 * 3600


def main():
    random.seed(23)
    world = mosaik.World(sim_config)
    create_scenario(world)
    world.run(until=END)


def create_scenario(world):
    pypower = world.start("PyPower", step_size=15 * 60)
    hhsim = world.start("HouseholdSim")
    csvsim = world.start("CSV", sim_start=START, datafile="weather.csv")
    pvsim = world.start("PV", start_date=START, step_size=900, gen_neg=True)

    grid = pypower.Grid(gridfile="grid.json").children
    houses = hhsim.ResidentialLoads(sim_start=START, profile_file="profiles.data", grid_name="street").children
    weather = csvsim.Weather()
    pvs = pvsim.PV.create(6, latitude=38.0, area=75.0, efficiency=0.19, el_tilt=32.0, az_tilt=0.0)

    for pv in pvs:
        world.connect(weather, pv, ("DNI", "DNI[W/m2]"))
    connect_buildings_to_grid(world, houses, grid)
    connect_randomly(world, pvs, [e for e in grid if "node" in e.eid], ("P[MW]", "P"))

    db = world.start("DB")
    monitor = db.Monitor()
    connect_many_to_one(world, houses, monitor, "P_out")
    connect_many_to_one(world, pvs, monitor, "P[MW]")
    nodes = [e for e in grid if e.type in ("RefBus", "PQBus")]
    connect_many_to_one(world, nodes, monitor, "P", "Q", "Vl", "Vm", "Va")
    branches = [e for e in grid if e.type in ("Transformer", "Branch")]
    connect_many_to_one(world, branches, monitor, "P_from", "Q_from", "P_to")


def connect_buildings_to_grid(world, houses, grid):
    buses = {b.eid.split("-")[1]: b for b in grid if b.type == "PQBus"}
    data = world.get_data(houses, "node_id")
    for house in houses:
        world.connect(house, buses[data[house]["node_id"]], ("P_out", "P"))


if __name__ == "__main__":
    main()
