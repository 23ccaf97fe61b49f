"""builtin:village, run by the real mosaik 3.7.1 with unmodified simulators as child processes over TCP.

    ../../../.venv/bin/python village.py [--until SECONDS] [--out FILE] --dir FOLDER

FOLDER has the input, and gets village.hdf5.
"""

from common import main, program

START = "2026-02-08 00:00:00"
HOUR = 3600
STEP = 900


def programs(folder):
    return {
        "Weather": program("mosaik_csv", folder),
        "Turbines": program("mosaik_components.wind.Simulator", folder),
        "Grid": program("mosaik_components.pandapower", folder),
        "Store": program("mosaik_components.hdf5", folder),
    }


def compose(world):
    weather = world.start("Weather", sim_id="weather", sim_start=START, datafile="wind.csv")
    turbines = world.start("Turbines", sim_id="turbines", step_size=STEP, power_curve_file="turbine.csv")
    grid = world.start("Grid", sim_id="grid", step_size=HOUR)
    store = world.start("Store", sim_id="store", step_size=HOUR, duration=7 * 24 * HOUR)

    wind = weather.Wind()
    turbine = turbines.WT.create(3)
    network = grid.Grid(network_function="create_cigre_network_mv").children
    bus = [e for e in network if e.type == "Bus"]
    line = [e for e in network if e.type == "Line"]
    (supply,) = [e for e in network if e.type == "ExternalGrid"]
    file = store.Database(filename="village.hdf5")

    for t in turbine:
        world.connect_one(wind, t, "speed", "wind_speed")
    for t, i in zip(turbine, (7, 13, 14), strict=True):
        world.connect_one(t, bus[i], "P[MW]", "P_gen[MW]")
    world.connect_one(wind, file, "speed", "speed")
    for t in turbine:
        world.connect_one(t, file, "P[MW]", "P[MW]")
    for b in bus:
        world.connect_one(b, file, "Vm[pu]", "Vm[pu]")
    world.connect_one(supply, file, "P[MW]", "P[MW]")
    return [
        (wind, ["speed"]),
        *((t, ["P[MW]"]) for t in turbine),
        *((b, ["P[MW]", "Vm[pu]", "Va[deg]"]) for b in bus),
        *((li, ["loading[%]"]) for li in line),
        (supply, ["P[MW]", "Q[MVar]"]),
    ]


if __name__ == "__main__":
    main(programs, compose, STEP, "village")
