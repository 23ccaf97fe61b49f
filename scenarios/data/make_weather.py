"""Make greensboro-tmy3.csv from the TMY3 file that pvlib ships.

    python3 make_weather.py PATH/TO/pvlib/data/723170TYA.CSV > greensboro-tmy3.csv

Standard library only. The conventions are explained in README.md. The script
refuses input that is not the file it was written for, or that fails the checks
at its end.
"""

import csv
import datetime
import hashlib
import sys

SOURCE_SHA256 = "1e96f84638ce98e6b29002bc45a27aa69bb29b0ed0368d3b52b7b1f81610c6c9"

# A typical year joins months of different years; all get this one. It is not a
# leap year, because TMY3 has no 29 February.
NOMINAL_YEAR = 2025

HOUR = datetime.timedelta(hours=1)

# Ours, with its unit, and the column of TMY3 (Users Manual, table 1-2).
COLUMNS = [
    ("ghi [W/m2]", "GHI (W/m^2)"),
    ("dni [W/m2]", "DNI (W/m^2)"),
    ("dhi [W/m2]", "DHI (W/m^2)"),
    ("temp_air [degC]", "Dry-bulb (C)"),
    ("wind_speed [m/s]", "Wspd (m/s)"),
]

HEADER = [
    "# Greensboro NC, typical meteorological year TMY3, station 723170: US DOE/NREL/Alliance, "
    "National Solar Radiation Data Base (NREL/TP-581-43156), via pvlib 0.16.1.",
    "# Licence, site and conventions: README.md. time is the START of the hour in UTC; "
    "the local year (UTC-5) %d is nominal." % NOMINAL_YEAR,
]


def interval_start(row, zone):
    """UTC start of the hour that a TMY3 row, stamped at the hour's END, tells of."""
    month, day, _ = (int(part) for part in row["Date (MM/DD/YYYY)"].split("/"))
    hour = int(row["Time (HH:MM)"].split(":")[0])  # 1..24; 24 belongs to this date
    start = datetime.datetime(NOMINAL_YEAR, month, day, hour - 1, tzinfo=zone)
    return start.astimezone(datetime.timezone.utc)


def number(text):
    """The value as written, without a decimal zero that says nothing."""
    return text.removesuffix(".0")


def check(rows):
    """Stop unless the year is complete and the sun shines when it should."""
    assert len(rows) == 8760, len(rows)
    starts = [start for start, _ in rows]
    assert all(b - a == HOUR for a, b in zip(starts, starts[1:])), "gap between hours"
    ghi = [float(values[0]) for _, values in rows]
    total = sum(ghi) / 1000
    assert 1500 < total < 1600, "annual GHI %.0f kWh/m2" % total
    by_local_hour = [sum(ghi[hour::24]) for hour in range(24)]
    assert by_local_hour.index(max(by_local_hour)) == 12, by_local_hour
    assert sum(by_local_hour[:5]) + sum(by_local_hour[20:]) == 0, by_local_hour


def main(path):
    with open(path, "rb") as source:
        digest = hashlib.sha256(source.read()).hexdigest()
    if digest != SOURCE_SHA256:
        sys.exit("%s: SHA-256 is %s, want %s; take it from pvlib 0.16.1" % (path, digest, SOURCE_SHA256))

    with open(path, newline="", encoding="ascii") as source:
        site = next(csv.reader(source))  # station, name, state, zone, latitude, longitude, altitude
        zone = datetime.timezone(float(site[3]) * HOUR)
        rows = [
            (interval_start(row, zone), [number(row[theirs]) for _, theirs in COLUMNS])
            for row in csv.DictReader(source)
        ]
    check(rows)

    print("\n".join(HEADER))
    print(",".join(["time"] + [ours for ours, _ in COLUMNS]))
    for start, values in rows:
        print(",".join([start.strftime("%Y-%m-%dT%H:%M:%SZ")] + values))


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    main(sys.argv[1])
