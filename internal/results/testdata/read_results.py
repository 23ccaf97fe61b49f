"""Reads run folders in each format with the programs that people use, and compares with what was recorded.

usage: read_results.py CSV CSV-WIDE JSONL PARQUET SQLITE (folders)
"""

import json
import sqlite3
import sys

import pandas as pd
import pyarrow.parquet as pq

csv, wide, jsonl, parquet, sqlite = sys.argv[1:]
ENTITIES = ["home[0]", 'a,"b"', "bus"]
ATTRIBUTES = ["power", "state", "trip"]


def check(name, rows):
    """rows: (time, entity, attribute, value) of the numbers, in their order."""
    rows = list(rows)
    assert len(rows) == 3000, (name, len(rows))
    for i, row in enumerate(rows):
        want = (i // 3 * 60, ENTITIES[i % 3], ATTRIBUTES[i % 3], i / 7)
        assert tuple(row) == want, (name, row, want)
    print(name, "ok")


columns = ["time", "entity", "attribute", "value"]

frame = pd.read_csv(f"{csv}/results.csv")
assert frame.iloc[-1].value == "open"
assert frame.date.iloc[3] == "2026-06-01T00:01:00Z"
frame = frame.iloc[:-1].assign(value=lambda f: f.value.map(float))
check("csv", frame[columns].itertuples(index=False, name=None))

frame = pd.read_csv(f"{wide}/results-wide.csv", index_col="time", float_precision="round_trip").iloc[:-1]
check("csv-wide", ((t, e, a, float(row[f"{e}.{a}"])) for t, row in frame.iterrows() for e, a in zip(ENTITIES, ATTRIBUTES)))

lines = [json.loads(line) for line in open(f"{jsonl}/results.jsonl", encoding="utf-8")]
assert lines[0]["unit"] == "kW" and "unit" not in lines[1] and lines[-1]["value"] == "open"
check("jsonl", ([line[c] for c in columns] for line in lines[:-1]))

table = pq.read_table(f"{parquet}/results.parquet")
meta = table.schema.metadata
assert json.loads(meta[b"simrun.manifest"])["scenario"]["seed"] == 42
assert json.loads(meta[b"simrun.manifest"])["complete"] is True
assert json.loads(meta[b"simrun.series"])[0] == {
    "entity": "home[0]", "attribute": "power", "unit": "kW", "kind": "persistent", "id": "load.Load-0"}
frame = pd.read_parquet(f"{parquet}/results.parquet")
assert str(frame.date.iloc[3]) == "2026-06-01 00:01:00+00:00"
assert (frame.time_ns.iloc[3], frame.text.iloc[-1]) == (60_000_000_000, "open")
check("parquet", frame.iloc[:-1][columns].itertuples(index=False, name=None))

db = sqlite3.connect(f"{sqlite}/results.sqlite")
assert db.execute("SELECT count(*), max(date) FROM results").fetchone() == (3001, "2026-06-01T16:40:00.000Z")
assert db.execute("SELECT json_extract(manifest, '$.scenario.seed') FROM runs").fetchone() == (42,)
assert db.execute("SELECT points, last, max FROM statistics WHERE entity = 'bus'").fetchone() == (1000, 999 * 60.0, 2999 / 7)
assert db.execute("SELECT value FROM latest WHERE attribute = 'state'").fetchone() == ("open",)
check("sqlite", db.execute("SELECT time, entity, attribute, value FROM results ORDER BY time_ns, unit = 'kW' DESC, entity LIMIT 3000"))
