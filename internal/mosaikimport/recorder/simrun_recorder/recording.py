"""What was composed, in the form that the Go package mosaikimport reads (recording.go)."""

from simrun_recorder import places

wanted = 1  # which World.run is recorded
worlds = 0  # how many were made
runs = 0  # how many were run
result = None  # the recording, once there is one
_remarks = []  # of the latest World
_handles = 0


class Recorded(BaseException):
    """Ends the script: nothing after World.run has anything to work with."""


def note(text):
    """Remark something that is not the same in simrun."""
    _remark(text, False)


def problem(text):
    """Remark something without which the scenario would be another one."""
    _remark(text, True)


def _remark(text, fatal):
    filename, line = places.here()
    remark = {"file": filename, "line": line, "text": text, "fatal": fatal}
    if remark not in _remarks:
        _remarks.append(remark)


class Recording:
    """One World."""

    def __init__(self, resolution, rounds, start_timeout):
        global worlds
        worlds += 1
        _remarks.clear()
        self._made = places.here()
        self._result = {
            "resolution": float(resolution),
            "max_rounds": int(rounds),
            "start_timeout": float(start_timeout),
            "simulators": [],
            "creations": [],
            "connections": [],
            "requests": [],
        }
        self._by_id = {}
        self._late = []  # what is done when all variables of the script have got their values

    def simulator(self, sid, how, groups, params):
        entry = {"id": sid, "groups": [str(g or "") for g in groups], "params": params, "initial_event": None, "api": ""}
        entry.update(_place())
        entry.update(how.recorded())
        self._result["simulators"].append(entry)
        self._by_id[sid] = entry
        return entry

    def initial_event(self, sid, time):
        self._by_id[sid]["initial_event"] = int(time)

    def handle(self):
        """Return a number for a new entity."""
        global _handles
        _handles += 1
        return _handles

    def created(self, sid, model, params, entities):
        place = places.here()
        variable, of_children = places.variable(place)
        self._result["creations"].append(
            {"simulator": sid, "model": model, "params": params, "entities": entities, "file": place[0], "line": place[1],
             "variable": variable, "of_children": of_children}
        )

    def connection(self, source, output, destination, input, shift, weak, initial):
        connection = {"source": source, "output": output, "destination": destination, "input": input,
                      "shift": shift, "weak": weak, "initial": initial, "transform": "", **_place()}
        self._result["connections"].append(connection)
        return connection

    def later(self, do):
        """Call a function when the script calls World.run, as if it were called here."""
        self._late.append((places.here(), do))

    def requests(self, source, destination):
        self._result["requests"].append({"source": source, "destination": destination, **_place()})

    def run(self, until, rt_factor, rt_strict):
        global result, runs
        runs += 1
        for place, do in self._late:
            with places.pinned(place):
                do()
        if int(until) != until:
            problem("World.run(until=%r): the end must be a whole number of steps" % until)
        self._result.update(until=int(until), rt_factor=float(rt_factor or 0), rt_strict=bool(rt_strict), failure=None, **_place())
        if runs == wanted:
            if places.repeats():
                note("World.run is in a loop, and this is number %d; choose another one with --world" % runs)
            others = places.other_worlds(self._made)
            if others:
                lines = "line %d" % others[0] if len(others) == 1 else "lines " + ", ".join(map(str, others))
                note("this is the World of line %d, number %d that is run; another is made in %s; choose it with --world" % (self._made[1], runs, lines))
            self._result["remarks"] = _remarks
            result = self._result
            raise Recorded


def _place():
    filename, line = places.here()
    return {"file": filename, "line": line}
