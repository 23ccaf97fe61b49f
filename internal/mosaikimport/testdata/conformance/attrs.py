"""Prints which attributes are inputs and outputs of what kind, for many descriptions of models."""

import itertools

try:
    from simrun_recorder.meta import Model

    def parse(about, kind):
        m = Model("M", about, kind, "S")
        return m.measurement_inputs, m.event_inputs, m.measurement_outputs, m.event_outputs

except ImportError:
    from mosaik.async_scenario import parse_attrs as parse

sets = (None, [], ["a"], ["b"], ["a", "b"])
for kind in ("time-based", "event-based", "hybrid"):
    for values in itertools.product((None, ["a"], ["a", "b"]), sets, sets, sets, sets, (False, True)):
        names = ("attrs", "trigger", "non-trigger", "persistent", "non-persistent", "any_inputs")
        about = {name: value for name, value in zip(names, values) if value is not None}
        try:
            parts = parse(about, kind)
        except ValueError:
            print("refused")  # by mosaik, before there is anything to import
            continue
        print(kind, about, [[attr in part for attr in ("a", "b", "c")] for part in parts])
