"""Values as a scenario file can have them."""

import math
import os

from simrun_recorder.recording import note, problem


def params(values, where):
    """Return the parameters of a simulator or a model."""
    return {str(name): plain(value, "%s: the parameter %r" % (where, name)) for name, value in values.items()}


def plain(value, what):
    """Return what JSON has for a value, as far as a scenario file has it, too."""
    if value is None or isinstance(value, (bool, str)):
        return value
    if isinstance(value, int):
        if not -(2**63) <= value < 2**63:
            problem("%s is %d; a scenario file has integers of 64 bits" % (what, value))
        return int(value)
    if isinstance(value, float):
        if not math.isfinite(value):
            problem("%s is %r; a scenario file has only finite numbers" % (what, value))
            return None
        return float(value)
    if isinstance(value, (list, tuple)):
        return [plain(v, what) for v in value]
    if isinstance(value, dict):
        if not all(isinstance(key, str) for key in value):
            note("%s has keys that are not texts; the simulator gets them as texts" % what)
        return {str(key): plain(v, what) for key, v in value.items()}
    if hasattr(value, "tolist") and hasattr(value, "dtype"):
        return plain(value.tolist(), what)  # of numpy
    if isinstance(value, os.PathLike):
        note("%s is a %s; the simulator gets a text" % (what, type(value).__name__))
        return os.fspath(value)
    problem("%s is a %s, which cannot be written into a scenario file; use numbers, texts, lists and dictionaries" % (what, type(value).__name__))
    return None
