"""The exceptions of mosaik, by their names."""


class ScenarioError(Exception):
    """Something is wrong with the scenario."""


class SimulationError(Exception):
    """Something went wrong during the simulation."""


class SimulatorError(Exception):
    """A simulator does something wrong."""


def __getattr__(name):
    # Scripts name the others in except clauses only.
    if not name.endswith("Error"):
        raise AttributeError("module 'mosaik.exceptions' has no attribute %r" % name)
    made = type(name, (ScenarioError,), {"__module__": __name__})
    globals()[name] = made
    return made
