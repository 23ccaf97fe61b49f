"""builtin:street, run by the real mosaik 3.7.1 with unmodified simulators as child processes over TCP.

    ../../../.venv/bin/python street.py [--until SECONDS] [--out FILE] [--dir FOLDER]
"""

import mosaik_api_v3
from common import main, program

STEP = 900  # seconds
START = "2026-01-15 00:00:00"
HOUSES, NODES = 12, 6


class Controllers(mosaik_api_v3.Simulator):
    """Stands in for simrun's controller: proportional, with limits.

    output = min(maximum, max(minimum, bias + gain * (setpoint - measured)))
    """

    def __init__(self):
        super().__init__(
            {
                "type": "time-based",
                "models": {
                    "Controller": {
                        "public": True,
                        "params": ["setpoint", "gain", "bias", "minimum", "maximum"],
                        "attrs": ["measured", "output"],
                    }
                },
            }
        )
        self.entities = {}

    def init(self, sid, time_resolution=1.0, step_size=STEP):
        self.step_size = step_size
        return self.meta

    def create(self, num, model, **params):
        eids = [f"{model}_{i}" for i in range(len(self.entities), len(self.entities) + num)]
        self.entities.update({eid: {**params, "output": params["bias"]} for eid in eids})
        return [{"eid": eid, "type": model} for eid in eids]

    def step(self, time, inputs, max_advance):
        for eid, attrs in inputs.items():
            c = self.entities[eid]
            (measured,) = attrs["measured"].values()
            c["output"] = min(c["maximum"], max(c["minimum"], c["bias"] + c["gain"] * (c["setpoint"] - measured)))
        return time + self.step_size

    def get_data(self, outputs):
        return {eid: {attr: self.entities[eid][attr] for attr in attrs} for eid, attrs in outputs.items()}


def programs(folder):
    return {
        "Weather": program("mosaik_csv", folder),
        "PV": program("mosaik_components.pv.pvsimulator", folder),
        "Households": program("mosaik_components.household.mosaik", folder),
        "Grid": program("mosaik_components.mosaik_pypower.mosaik", folder),
        "Controllers": {"python": "__main__:Controllers"},
    }


def compose(world):
    weather = world.start("Weather", sim_id="weather", sim_start=START, datafile="weather.csv")
    pv = world.start("PV", sim_id="pv", start_date=START, step_size=STEP, gen_neg=True)
    households = world.start("Households", sim_id="households")
    grid = world.start("Grid", sim_id="grid", step_size=STEP, converge_exception=True)
    controllers = world.start("Controllers", sim_id="controllers", step_size=STEP)

    sky = weather.Weather()
    roofs = pv.PV.create(NODES, latitude=36.1, area=75.0, efficiency=0.19, el_tilt=32.0, az_tilt=0.0)
    houses = households.ResidentialLoads(sim_start=START, profile_file="profiles.data", grid_name="street").children
    network = {e.eid: e for e in grid.Grid(gridfile="grid.json").children}
    nodes = [network[f"0-node_{i}"] for i in range(1, NODES + 1)]
    # A volt-watt droop: full power up to 408 V, none from 424 V; and MW of a roof become W of a node.
    droops = controllers.Controller.create(
        NODES, setpoint=408.0, gain=62500.0, bias=1000000.0, minimum=0.0, maximum=1000000.0
    )
    assert len(houses) == HOUSES

    # One pair at a time: the order of connections decides in which order a node adds up its inputs.
    for roof in roofs:
        world.connect_one(sky, roof, "DNI", "DNI[W/m2]")
    for i, house in enumerate(houses):
        world.connect_one(house, nodes[i % NODES], "P_out", "P")
    for roof, node in zip(roofs, nodes, strict=True):
        world.connect_one(roof, node, "P[MW]", "P")
    for node, droop in zip(nodes, droops, strict=True):
        world.connect_one(node, droop, "Vm", "measured")
    for droop, roof in zip(droops, roofs, strict=True):
        world.connect_one(droop, roof, "output", "scale_factor", time_shifted=True, initial_data=1000000.0)

    return [
        (sky, ["DNI", "T_air"]),
        *((roof, ["P[MW]"]) for roof in roofs),
        *((house, ["P_out"]) for house in houses),
        *((droop, ["output"]) for droop in droops),
        *((node, ["P", "Vm", "Va"]) for node in nodes),
        (network["0-medium_voltage"], ["P", "Q"]),
        (network["0-transformer"], ["P_from", "Q_from"]),
        *((network[f"0-line_{i}"], ["I_real", "I_imag"]) for i in range(1, NODES + 1)),
    ]


if __name__ == "__main__":
    main(programs, compose, STEP, "street")
