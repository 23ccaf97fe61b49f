"""Runs the script, and writes what was recorded, or why there is nothing."""

import json
import os
import runpy
import sys
import traceback

from simrun_recorder import places, recording, simulators


def main(argv):
    out, world, script = argv[0], int(argv[1]), argv[2]
    recording.wanted = world
    places.begin(os.path.abspath(script))
    sys.argv = [script] + argv[3:]
    sys.path.insert(1, os.path.dirname(os.path.abspath(script)))
    result = {"failure": None}
    try:
        runpy.run_path(places.script, run_name="__main__")
    except recording.Recorded as done:
        result = done.result
    except SystemExit as ended:
        if ended.code:
            result["failure"] = failure("exited", "status %s" % ended.code, ended)
    except SyntaxError as err:
        result["failure"] = failure("raised", "SyntaxError: %s" % err.msg, err)
        if err.filename == places.script:
            result["failure"]["line"] = err.lineno or 0
        else:
            result["failure"]["raised"] = "%s:%d" % (err.filename, err.lineno or 0)
    except BaseException as err:  # whatever it is, the user wants to know
        result["failure"] = failure("raised", "%s: %s" % (type(err).__name__, err), err)
    finally:
        simulators.end()
    if "until" not in result and result["failure"] is None:
        result["failure"] = {"kind": "no run" if recording.worlds else "no world", "what": "", "runs": recording.runs}
    with open(out, "w", encoding="ascii") as f:
        json.dump(result, f, allow_nan=False)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # without waiting for threads of simulators that run in this process


def failure(kind, what, err):
    """Say where in the script an exception came from, and where it was raised."""
    found = {"kind": kind, "what": what, "file": places.script, "line": 0, "runs": recording.runs}
    for frame in traceback.extract_tb(err.__traceback__):
        if places.is_ours(frame.filename) or frame.filename.startswith("<frozen"):
            continue
        if frame.filename == places.script:
            found["line"] = frame.lineno or 0
        found["raised"] = "%s:%d" % (frame.filename, frame.lineno or 0)
    traceback.print_exception(type(err), err, err.__traceback__)
    return found
