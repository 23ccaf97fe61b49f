"""Runs the script, and writes what was recorded, or why there is nothing."""

import json
import os
import runpy
import sys
import traceback

from mosaik.exceptions import ScenarioError
from simrun_recorder import places, recording, simulators


def main(argv):
    out, world, script = argv[0], int(argv[1]), argv[2]
    recording.wanted = world
    places.begin(os.path.abspath(script))
    sys.argv = [script] + argv[3:]
    sys.path.insert(1, os.path.dirname(os.path.abspath(script)))
    failed = None
    try:
        runpy.run_path(places.script, run_name="__main__")
    except recording.Recorded:
        pass
    except SystemExit as ended:
        if ended.code:
            failed = failure("exited", "status %s" % ended.code, ended, True)
    except SyntaxError as err:
        failed = failure("raised", "SyntaxError: %s" % err.msg, err)
        if err.filename == places.script:
            failed["line"] = err.lineno or 0
        else:
            failed["raised"] = "%s:%d" % (err.filename, err.lineno or 0)
    except ScenarioError as err:
        failed = failure("raised", str(err), err, isinstance(err, simulators.Broken))
    except ModuleNotFoundError as err:
        failed = failure("raised", "%s; choose the Python that has it with --python" % err, err)
    except BaseException as err:  # whatever it is, the user wants to know
        failed = failure("raised", "%s: %s" % (type(err).__name__, err), err)
    finally:
        simulators.end()
    if not failed:
        failed = {"kind": "no run" if recording.worlds else "no world", "what": "", "runs": recording.runs}
    # What fails after World.run, if the script catches what ends it, has nothing to work with.
    result = recording.result or {"failure": failed}
    with open(out, "w", encoding="ascii") as f:
        json.dump(result, f, allow_nan=False)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # without waiting for threads of simulators that run in this process


def failure(kind, what, err, output=False):
    """Say where in the script an exception came from, and where it was raised; and whether what was printed may say why."""
    found = {"kind": kind, "what": what, "file": places.script, "line": 0, "runs": recording.runs, "output": output}
    for frame in traceback.extract_tb(err.__traceback__):
        if places.is_ours(frame.filename) or frame.filename.startswith("<frozen"):
            continue
        if frame.filename == places.script:
            found["line"] = frame.lineno or 0
        found["raised"] = "%s:%d" % (frame.filename, frame.lineno or 0)
    return found
