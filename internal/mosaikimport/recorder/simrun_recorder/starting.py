"""The ways to start a simulator, and what the scenario file needs to know to do the same."""

import importlib
import os
import shlex
import sys

from mosaik.exceptions import ScenarioError
from mosaik.starters import CmdStarter, ConnectStarter, PythonStarter
from simrun_recorder import places, simulators
from simrun_recorder.recording import note, problem

_paths_at_first = [os.path.abspath(p or ".") for p in sys.path[1:]]


def how(sid, starter):
    """Return how to start a simulator: an entry of a SimConfig, or a starter."""
    if isinstance(starter, CmdStarter):
        _always_ended(sid, starter.others)
        return Command(sid, starter.cmd, starter.cwd, starter.env, starter.api_version, starter.connect_timeout)
    if isinstance(starter, ConnectStarter):
        return Connection(starter.host, starter.port, starter.api_version)
    if isinstance(starter, PythonStarter):
        return Class(sid, starter.cls, starter.cls.__module__, starter.cls.__qualname__, starter.args, starter.kwargs, starter.api_version)
    if not isinstance(starter, dict):
        raise ScenarioError("simulator %s: simrun does not know starters of the class %s" % (sid, type(starter).__name__))
    api = starter.get("api_version")
    if "python" in starter:
        module, _, name = starter["python"].strip().partition(":")
        return Class(sid, _imported(sid, module, name), module, name, (), {}, api)
    if "cmd" in starter:
        _always_ended(sid, starter)
        return Command(sid, starter["cmd"], starter.get("cwd", "."), starter.get("env"), api, None)
    if "connect" in starter:
        other = ConnectStarter.from_addr(starter["connect"], api_version=api)
        return Connection(other.host, other.port, api)
    raise ScenarioError("simulator %s: its entry in the SimConfig has neither python, cmd nor connect" % sid)


def _always_ended(sid, options):
    if options.get("auto_terminate") is False:
        note("simulator %s: auto_terminate=False: simrun ends what it has started" % sid)


def _imported(sid, module, name):
    try:
        return getattr(importlib.import_module(module), name)
    except ModuleNotFoundError as err:
        raise ScenarioError("simulator %s: %s; choose the Python that has it with --python" % (sid, err)) from err
    except (ImportError, AttributeError, ValueError) as err:
        raise ScenarioError("simulator %s: cannot import %s from %s: %s" % (sid, name or "a class", module, err)) from err


class Class:
    """A class of the script's process. simrun starts a Python for it."""

    def __init__(self, sid, cls, module, name, args, kwargs, api_version):
        self.sid, self.cls, self.module, self.name = sid, cls, module, name
        self.args, self.kwargs, self.api_version = args, kwargs, api_version

    def start(self, sid, world):
        return simulators.InProcess(self.cls(*self.args, **self.kwargs), sid)

    def recorded(self):
        module, name = self.module, self.name
        if module == "__main__":
            module = os.path.splitext(os.path.basename(places.script))[0]
            if not places.guarded or not module.isidentifier():
                problem(
                    "simulator %s: its class %s is in the script, which would run when it is imported; move it to a file of its own, "
                    'or the rest below if __name__ == "__main__":' % (self.sid, name)
                )
        if "<locals>" in name:
            problem("simulator %s: its class %s is inside of a function, where no other process can import it" % (self.sid, name))
        arguments = [repr(a) for a in self.args] + ["%s=%r" % item for item in self.kwargs.items()]
        if not all(isinstance(a, (bool, int, float, str, type(None))) for a in self.args + tuple(self.kwargs.values())):
            problem("simulator %s: the arguments of its class %s cannot be written into a command" % (self.sid, name))
        libraries = [base.__module__.split(".")[0] for base in self.cls.__mro__]
        library = next((l for l in ("mosaik_api_v3", "mosaik_api") if l in libraries), "")
        if not library:
            problem(
                "simulator %s: its class %s is not derived from mosaik_api_v3.Simulator, with which it could be a program of its own" % (self.sid, name)
            )
        return {
            "python": {"module": module, "class": name, "arguments": ", ".join(arguments), "library": library, "paths": self._paths(module)},
            "api": str(self.api_version or ""),
            "dir": os.getcwd(),
        }

    def _paths(self, module):
        """Return the folders in which another Python would not find the module, or what it imports from there."""
        paths = [os.path.dirname(places.script)]
        top = sys.modules.get(module.split(".")[0])
        if getattr(top, "__file__", None) and not places.is_ours(top.__file__):
            folder = os.path.dirname(os.path.abspath(top.__file__))
            paths.append(os.path.dirname(folder) if hasattr(top, "__path__") else folder)
        paths = [p for p in dict.fromkeys(paths) if p not in _paths_at_first]
        if paths:  # they will take the place of those that are set now
            paths += [os.path.abspath(p) for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
        return paths


class Command:
    """A program that connects to the address that it is given."""

    def __init__(self, sid, cmd, cwd, env, api_version, timeout):
        self.cmd, self.cwd, self.env, self.api_version, self.timeout = cmd, cwd, dict(env or {}), api_version, timeout
        try:
            self.words = shlex.split(cmd)
            cmd % {"addr": "", "python": ""}
        except (ValueError, KeyError, TypeError) as err:
            raise ScenarioError("simulator %s: its cmd %r cannot be read: %s" % (sid, cmd, err)) from err

    def start(self, sid, world):
        return simulators.started(
            sid, lambda values: [word % values for word in self.words], self.cwd, self.env, self.timeout or world.config["start_timeout"]
        )

    def recorded(self):
        return {
            "command": [word % {"addr": "{addr}", "python": "{python}"} for word in self.words],
            "api": str(self.api_version or ""),
            "dir": os.path.abspath(self.cwd),
            "env": self.env,
        }


class Connection:
    """A program that waits for a connection."""

    def __init__(self, host, port, api_version):
        self.host, self.port, self.api_version = host, port, api_version

    def start(self, sid, world):
        note(
            "simulator %s at %s:%d was asked what it offers; most simulators end when the connection does, so start it again before the run"
            % (sid, self.host, self.port)
        )
        return simulators.connected(sid, self.host, self.port, world.config["start_timeout"])

    def recorded(self):
        return {"connect": "%s:%d" % (self.host, self.port), "api": str(self.api_version or "")}
