"""Writes the input files of the scenario: weather.csv, profiles.data and grid.json.

    python3 generate.py [FOLDER]

Everything in them is invented here, by formulas and one small random generator with a fixed seed, so they
may be used and changed freely. The standard library is all it needs, and the files come out the same
byte for byte: values are rounded to what is printed, far above the last digit of any sin or exp.
Two days are written for one day of simulation: mosaik-csv and mosaik-householdsim read ahead.
"""

import json
import math
import sys
from datetime import datetime, timedelta
from pathlib import Path

START = datetime(2026, 1, 15)
STEPS = 2 * 96  # two days of quarter hours
LATITUDE = math.radians(38.0)
DAY_OF_YEAR = 15  # mosaik-pv 1.2.2 takes the day of the month for it, which is right in January
NODES = [f"node_{i}" for i in range(1, 7)]
HOUSES = 12  # houses 0 to 5 at nodes 1 to 6, then again


class Random:
    """The generator of Park and Miller (1988), "minimal standard": x' = 16807 x mod (2^31 - 1)."""

    def __init__(self, seed):
        self.x = seed

    def uniform(self):
        self.x = self.x * 16807 % 2147483647
        return self.x / 2147483647


def bell(hour, centre, width):
    """A bump of height 1 around an hour of the day, the same on every day."""
    away = abs(hour - centre)
    return math.exp(-((min(away, 24 - away) / width) ** 2))


def direct_normal_irradiance(hour, clouds):
    """Clear sky after Meinel (1976), 1353 W/m2 * 0.7 ^ (air mass ^ 0.678), times a share that clouds leave."""
    declination = math.radians(23.45 * math.sin(2 * math.pi * (DAY_OF_YEAR - 81) / 365))
    sine = math.sin(LATITUDE) * math.sin(declination) + math.cos(LATITUDE) * math.cos(declination) * math.cos(
        math.radians(15 * (hour - 12))
    )
    return 1353 * 0.7 ** (sine**-0.678) * clouds if sine > 0.02 else 0.0


def weather(random):
    lines = ["Weather", "Date,DNI,T_air"]
    cover = 0.2
    for step in range(STEPS):
        now = START + timedelta(minutes=15 * step)
        hour = now.hour + now.minute / 60
        # Cover wanders between 0 and 1 and keeps most of what it was.
        cover = min(1.0, max(0.0, 0.8 * cover + 0.5 * (random.uniform() - 0.4)))
        dni = direct_normal_irradiance(hour, 1 - 0.75 * cover)
        air = 8 + 5 * math.sin(math.pi * (hour - 9) / 12)
        lines.append(f"{now:%Y-%m-%d %H:%M:%S},{dni:.2f},{air:.2f}")
    return "\n".join(lines) + "\n"


def profiles(random):
    """The format of mosaik-householdsim 2.2.0: JSON headers between lines that start with '#', then one row a quarter hour."""
    residents = [1 + int(4 * random.uniform()) for _ in range(HOUSES)]
    evening = [18.0 + 2.5 * random.uniform() for _ in range(HOUSES)]
    morning = [6.5 + 1.5 * random.uniform() for _ in range(HOUSES)]
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
    for step in range(STEPS):
        now = START + timedelta(minutes=15 * step)
        hour = now.hour + now.minute / 60
        row = []
        for house in range(HOUSES):
            watts = 120 + residents[house] * (
                180 * bell(hour, morning[house], 1.0) + 110 * bell(hour, 12.5, 1.2) + 330 * bell(hour, evening[house], 1.8)
            )
            watts *= 0.7 + 0.6 * random.uniform()
            if 7 <= hour < 22 and random.uniform() < 0.04:
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
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent)
    random = Random(20260115)
    for name, text in (("weather.csv", weather(random)), ("profiles.data", profiles(random)), ("grid.json", grid())):
        (folder / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
