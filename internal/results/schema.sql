CREATE TABLE runs (
  id INTEGER PRIMARY KEY,
  start TEXT,              -- date of time 0 in UTC, null if the scenario has none
  manifest TEXT NOT NULL   -- manifest.json: json_extract(manifest, '$.scenario.seed')
);
CREATE TABLE entities (
  id INTEGER PRIMARY KEY,
  run INTEGER NOT NULL REFERENCES runs,
  full_id TEXT NOT NULL,   -- SIMULATOR.ENTITY
  simulator TEXT NOT NULL,
  model TEXT NOT NULL
);
CREATE TABLE relations (   -- connections
  source INTEGER NOT NULL REFERENCES entities,
  source_attribute TEXT NOT NULL,
  destination INTEGER NOT NULL REFERENCES entities,
  destination_attribute TEXT NOT NULL,
  shift REAL NOT NULL,     -- seconds
  weak INTEGER NOT NULL,
  event INTEGER NOT NULL
);
CREATE TABLE series (
  id INTEGER PRIMARY KEY,
  entity INTEGER NOT NULL REFERENCES entities,
  name TEXT NOT NULL,      -- what the scenario calls the entity: home[0]
  attribute TEXT NOT NULL,
  unit TEXT NOT NULL,      -- empty if it is not stated
  kind TEXT NOT NULL       -- persistent: a value is valid until the next; event
);
CREATE TABLE points (      -- recorded values
  series INTEGER NOT NULL REFERENCES series,
  time_ns INTEGER NOT NULL,
  value
);

-- Every value, as in results.csv.
CREATE VIEW results AS
SELECT p.time_ns / 1e9 AS time, strftime('%Y-%m-%dT%H:%M:%fZ', r.start, (p.time_ns / 1e9) || ' seconds') AS date,
  s.name AS entity, s.attribute, s.unit, p.value, e.run, p.time_ns
FROM points p JOIN series s ON s.id = p.series JOIN entities e ON e.id = s.entity JOIN runs r ON r.id = e.run;

-- The numbers of each series in short.
CREATE VIEW statistics AS
SELECT s.name AS entity, s.attribute, s.unit, count(*) AS points, min(p.time_ns) / 1e9 AS first, max(p.time_ns) / 1e9 AS last,
  min(p.value) AS min, avg(p.value) AS mean, max(p.value) AS max
FROM points p JOIN series s ON s.id = p.series WHERE typeof(p.value) IN ('real', 'integer') GROUP BY s.id;

-- The last value of each series.
CREATE VIEW latest AS
SELECT s.name AS entity, s.attribute, s.unit, p.time_ns / 1e9 AS time, p.value
FROM series s JOIN points p ON p.rowid = (SELECT rowid FROM points WHERE series = s.id ORDER BY time_ns DESC, rowid DESC LIMIT 1);

-- Connections by name.
CREATE VIEW connections AS
SELECT a.full_id AS source, c.source_attribute, b.full_id AS destination, c.destination_attribute, c.shift, c.weak, c.event
FROM relations c JOIN entities a ON a.id = c.source JOIN entities b ON b.id = c.destination;
