"""What says how to start a simulator, as an alternative to the dictionaries of a SimConfig."""

import importlib


class Starter:
    """A way to start a simulator. Own kinds are not known to simrun."""

    api_version = None


class PythonStarter(Starter):
    """A class in the process of the script."""

    def __init__(self, cls, *, api_version=None, args=(), kwargs=None):
        self.cls = cls
        self.api_version = api_version
        self.args = tuple(args)
        self.kwargs = dict(kwargs or {})

    @classmethod
    def from_module_class_name(cls, mod_name, cls_name, *, api_version=None):
        return cls(getattr(importlib.import_module(mod_name), cls_name), api_version=api_version)

    @classmethod
    def from_string(cls, import_string, *, api_version=None):
        module, _, name = import_string.strip().partition(":")
        return cls.from_module_class_name(module, name, api_version=api_version)


class CmdStarter(Starter):
    """A program that is started and connects."""

    def __init__(self, cmd, *, api_version=None, cwd=".", env=None, posix=True, connect_timeout=None, **others):
        self.cmd = cmd
        self.api_version = api_version
        self.cwd = cwd
        self.env = dict(env or {})
        self.posix = posix
        self.connect_timeout = connect_timeout
        self.others = others  # of no meaning for simrun


class ConnectStarter(Starter):
    """A program that waits for a connection."""

    def __init__(self, host, port, *, api_version=None):
        self.host = host
        self.port = port
        self.api_version = api_version

    @classmethod
    def from_addr(cls, addr, *, api_version=None):
        if isinstance(addr, str):
            return cls.from_addr_string(addr, api_version=api_version)
        return cls(*addr, api_version=api_version)

    @classmethod
    def from_addr_string(cls, address, *, api_version=None):
        host, _, port = address.strip().rpartition(":")
        return cls(host, int(port), api_version=api_version)
