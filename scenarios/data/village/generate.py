"""Writes the input files of the scenario: wind.csv and turbine.csv.

    python3 generate.py [FOLDER]

The wind is that of a week of ../greensboro-tmy3.csv, which README.md there tells about, brought from the height of
the instrument to that of the hub; the turbine is made up. The standard library is all it needs, and the files
come out the same byte for byte. A day more is written than is simulated: mosaik-csv reads ahead.
"""

import csv
import sys
from datetime import datetime, timedelta
from pathlib import Path

HERE = Path(__file__).parent
START = datetime(2026, 2, 8)
DAYS = 8
MEASURED, HUB = 10, 80  # m above the ground
SHEAR = 1 / 7  # the usual exponent over open land, v ~ height ^ SHEAR
CUT_IN, RATED, CUT_OUT, POWER = 3, 12, 25, 2.0  # m/s, m/s, m/s, MW


def wind():
    """Wind speed in local standard time, UTC-5. The year of the file is a nominal 2025; it is read at the end of the hour."""
    lines = ["Wind", "Date,speed"]
    with open(HERE.parent / "greensboro-tmy3.csv", encoding="utf-8") as file:
        for row in csv.DictReader(line for line in file if not line.startswith("#")):
            now = datetime.strptime(row["time"], "%Y-%m-%dT%H:%M:%SZ") - timedelta(hours=5)
            now = now.replace(year=START.year)
            if START <= now < START + timedelta(days=DAYS):
                lines.append(f"{now:%Y-%m-%d %H:%M:%S},{float(row['wind_speed [m/s]']) * (HUB / MEASURED) ** SHEAR:.2f}")
    assert len(lines) == 2 + 24 * DAYS
    return "\n".join(lines) + "\n"


def turbine():
    """A power curve as mosaik-wind 0.2.0 reads it: with the cube of the wind between CUT_IN and RATED."""
    lines = ["wind_speed,power_mw"]
    for v in range(CUT_OUT + 2):
        share = (v**3 - CUT_IN**3) / (RATED**3 - CUT_IN**3)
        lines.append(f"{v},{POWER * min(max(share, 0), 1) if v <= CUT_OUT else 0:.4f}")
    return "\n".join(lines) + "\n"


def main():
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else HERE)
    for name, text in (("wind.csv", wind()), ("turbine.csv", turbine())):
        (folder / name).write_bytes(text.encode())


if __name__ == "__main__":
    main()
