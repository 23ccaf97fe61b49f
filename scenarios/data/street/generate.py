"""Writes the input files of the scenario: weather.csv, profiles.data and grid.json.

    python3 generate.py [FOLDER]

The weather is a week of ../greensboro-tmy3.csv, the days of the houses are those of h0_winter.csv; README.md tells
where these come from. How the houses differ is invented here, by formulas and one small random generator with a
fixed seed. The standard library is all it needs, and the files come out the same byte for byte: values are rounded to
what is printed. A day more is written than is simulated: mosaik-csv and mosaik-householdsim read ahead.
"""

import csv
import json
import sys
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
START = datetime(2026, 1, 15)
DAYS = 8
NODES = [f"node_{i}" for i in range(1, 7)]
HOUSES = 12  # houses 0 to 5 at nodes 1 to 6, then again


class Random:
    """The generator of Park and Miller (1988), "minimal standard": x' = 16807 x mod (2^31 - 1)."""

    def __init__(self, seed):
        self.x = seed

    def uniform(self):
        self.x = self.x * 16807 % 2147483647
        return self.x / 2147483647


def weather():
    """Direct normal irradiance and air temperature of the typical year, in local standard time, UTC-5.

    The year there is a nominal 2025. The temperature is read at the end of the hour.
    """
    lines = ["Weather", "Date,DNI,T_air"]
    with open(HERE.parent / "greensboro-tmy3.csv", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            now = datetime.strptime(row["time"], "%Y-%m-%dT%H:%M:%SZ") - timedelta(hours=5)
            now = now.replace(year=START.year)
            if START <= now < START + timedelta(days=DAYS):
                lines.append(f"{now:%Y-%m-%d %H:%M:%S},{float(row['dni [W/m2]'])},{float(row['temp_air [degC]'])}")
    assert len(lines) == 2 + 24 * DAYS
    return "\n".join(lines) + "\n"


def profiles(random):
    """The format of mosaik-householdsim 2.2.0: JSON headers between lines that start with '#', then one row a quarter hour."""
    with open(HERE / "h0_winter.csv", encoding="utf-8") as file:
        h0 = list(csv.DictReader(file))
    residents = [1 + int(4 * random.uniform()) for _ in range(HOUSES)]
    late = [int(5 * random.uniform()) for _ in range(HOUSES)]  # quarter hours, some get up later
    lines = [
        "# meta",
        json.dumps({"start_date": f"{START:%Y-%m-%d %H:%M}", "resolution": 15, "unit": "W", "num_profiles": HOUSES}),
        "# id_list",
        json.dumps({"street": NODES * (HOUSES // len(NODES))}),
        "# attrs",
        "num_hh," + ",".join("1" for _ in range(HOUSES)),
        "num_residents," + ",".join(str(n) for n in residents),
        "# profiles",
    ]
    for step in range(96 * DAYS):
        now = START + timedelta(minutes=15 * step)
        day = {5: "saturday", 6: "sunday"}.get(now.weekday(), "weekday")
        row = []
        for house in range(HOUSES):
            # h0 is in kW for 1000 kWh a year; a house needs 800 kWh and 900 for everybody in it.
            watts = (800 + 900 * residents[house]) * float(h0[(step - late[house]) % 96][day])
            watts *= 0.5 + random.uniform()
            if 7 <= now.hour < 22 and random.uniform() < 0.04:
                watts += 2000 * (0.5 + random.uniform())  # a kettle, an oven, a washing machine
            row.append(f"{watts:.2f}")
        lines.append(f"{now:%Y-%m-%d %H:%M}," + ",".join(row))
    return "\n".join(lines) + "\n"


def grid():
    """A street of six nodes, 150 m apart, behind a 250 kVA transformer; the JSON format of mosaik-pypower 0.9.0."""
    nodes = ["busbar", *NODES]
    case = {
        "bus": [["medium_voltage", "REF", 20.0]] + [[name, "PQ", 0.4] for name in nodes],
        "trafo": [["transformer", "medium_voltage", "busbar", "TRAFO_250", True, 0]],
        "branch": [
            [f"line_{i}", nodes[i - 1], nodes[i], "NAYY_150", 0.15, True] for i in range(1, len(nodes))
        ],
    }
    return json.dumps(case, indent=1) + "\n"


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else HERE)
    random = Random(20260115)
    for name, text in (("weather.csv", weather()), ("profiles.data", profiles(random)), ("grid.json", grid())):
        (folder / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
