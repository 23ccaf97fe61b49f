"""Simulators as far as a script needs them: they are started, create entities, and answer, but never step.

They are killed, not stopped, at the end: a simulator that writes results when it is finalized would replace older ones.
"""

import inspect
import json
import os
import socket
import struct
import subprocess
import sys
import time

from mosaik.exceptions import ScenarioError

MAX_FRAME = 64 << 20
_processes = []


class Broken(ScenarioError):
    """A program does not do what it should; what it printed may say why."""


def init(program, sid, entry, resolution, params, api):
    """Initialize a simulator, and take down what it says of itself."""
    known_as_old = bool(api) and int(str(api).split(".")[0]) < 3
    arguments = dict(params)
    if not known_as_old and program.takes_time_resolution():
        arguments["time_resolution"] = resolution
    elif not entry["api"]:
        entry["api"] = "2"
    meta = dict(program.call("init", sid, **arguments))
    if "models" not in meta:
        raise ScenarioError("simulator %s: what init returns has no models" % sid)
    version = str(meta.get("api_version", "1")).split(".")[0]
    if "type" not in meta:
        if version == "3":
            raise ScenarioError("simulator %s: what init returns has no type: time-based, event-based or hybrid" % sid)
        meta["type"] = "time-based"
    if meta["type"] not in ("time-based", "event-based", "hybrid"):
        raise ScenarioError("simulator %s: the type %r is none of time-based, event-based and hybrid" % (sid, meta["type"]))
    program.meta = meta


def end():
    """End what was started. What those have started is of the same process group, which simrun ends."""
    for process in _processes:
        process.kill()
    for process in _processes:
        process.wait()


class InProcess:
    """An object of the script's process."""

    def __init__(self, simulator, sid):
        self.simulator = simulator
        self.sid = sid
        simulator.mosaik = _NoRequests()

    def takes_time_resolution(self):
        try:
            names = inspect.signature(self.simulator.init).parameters.values()
        except (TypeError, ValueError):
            return True
        return any(p.name == "time_resolution" or p.kind == p.VAR_KEYWORD for p in names)

    def call(self, method, *args, **kwargs):
        return getattr(self.simulator, method)(*args, **kwargs)


class _NoRequests:
    """Stands for the connection back to mosaik, which is for steps."""

    def __getattr__(self, name):
        raise AttributeError("self.mosaik.%s: requests are answered during a run only, and simrun import makes none" % name)


def started(sid, command, cwd, env, timeout):
    """Start a program and wait until it connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        words = command({"addr": "127.0.0.1:%d" % server.getsockname()[1], "python": sys.executable})
        try:
            process = subprocess.Popen(words, cwd=cwd, env={**os.environ, **env}, stdin=subprocess.DEVNULL)
        except OSError as err:
            raise Broken("simulator %s cannot be started: %s; its command is: %s" % (sid, err, " ".join(words))) from err
        _processes.append(process)
        server.settimeout(0.05)  # to notice a program that ends
        deadline = time.monotonic() + timeout
        while True:
            try:
                connection, _ = server.accept()
                break
            except socket.timeout:
                if process.poll() is not None:
                    raise Broken("simulator %s ended with status %d before it connected; its command is: %s" % (sid, process.returncode, " ".join(words))) from None
                if time.monotonic() > deadline:
                    raise Broken("simulator %s did not connect within %g seconds; its command is: %s" % (sid, timeout, " ".join(words))) from None
    return Remote(connection, sid, timeout)


def connected(sid, host, port, timeout):
    """Connect to a program that runs."""
    try:
        return Remote(socket.create_connection((host, port), timeout), sid, timeout)
    except OSError as err:
        raise Broken("simulator %s: nothing to connect to at %s:%d: %s" % (sid, host, port, err)) from err


class Remote:
    """A program at the other end of a connection.

    A message is 4 bytes of length, big-endian, and [type, id, content] in JSON; types are 0 request, 1 reply, 2 failure.
    """

    def __init__(self, connection, sid, timeout):
        self.connection = connection
        self.sid = sid
        self.ids = 0
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection.settimeout(timeout)  # for init

    def takes_time_resolution(self):
        return True

    def call(self, method, *args, **kwargs):
        number, self.ids = self.ids, self.ids + 1
        try:
            self._send([0, number, [method, args, kwargs]])
            while True:
                kind, of, content = self._receive()
                if kind == 0:
                    self._send([2, of, ["ScenarioError", "requests are answered during a run only, and simrun import makes none"]])
                elif of == number:
                    break
        except (OSError, ValueError, TypeError) as err:
            hint = '; if it speaks version 2 of the API, its entry in the SimConfig needs "api_version": "2"' if method == "init" else ""
            raise Broken("simulator %s does not answer %s: %s%s" % (self.sid, method, err, hint)) from err
        if method == "init":
            self.connection.settimeout(None)
        if kind == 2:
            what = ": ".join(map(str, content[:2])) if isinstance(content, list) else content
            raise Broken("simulator %s failed in %s: %s" % (self.sid, method, what))
        return content

    def _send(self, message):
        text = json.dumps(message).encode()
        self.connection.sendall(struct.pack(">I", len(text)) + text)

    def _receive(self):
        (size,) = struct.unpack(">I", self._read(4))
        if size > MAX_FRAME:
            raise ValueError("it sent a message of %d bytes" % size)
        return json.loads(self._read(size).decode())

    def _read(self, size):
        parts = []
        while size:
            part = self.connection.recv(min(size, 1 << 16))
            if not part:
                raise ConnectionError("it has closed the connection")
            parts.append(part)
            size -= len(part)
        return b"".join(parts)
