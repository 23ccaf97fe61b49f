"""Lets the unmodified aiomas 2.0.1, made for Python 3.5 and 3.6, run on Python 3.12 and 3.13.

Import it before aiomas. Newer libraries have dropped arguments that aiomas still passes. While aiomas is
imported it finds stand-ins for them, modules that pass everything on but accept these arguments; what the
rest of the process imports is not touched, but for Arrow.replace.

* asyncio: gather, sleep and Queue lost their argument loop (3.10);
* msgpack: unpackb(encoding="utf-8") became raw=False; keys that are no strings need strict_map_key=False (1.0);
* arrow: replace(seconds=1) became shift(seconds=1) (0.14.5); aiomas' clocks add with it;
* asyncio.get_event_loop makes no loop any more (3.12), so there must be one;
* ssl.PROTOCOL_TLSv1_2 warns.
"""

import asyncio
import sys
import types
import warnings

import arrow
import msgpack
from dateutil.relativedelta import relativedelta


class StandIn(types.ModuleType):
    """A module that has some members of its own and else those of another."""

    def __init__(self, module, **members):
        super().__init__(module.__name__)
        self.__dict__.update(members, _module=module)

    def __getattr__(self, name):
        return getattr(self._module, name)


def without_loop(function):
    def call(*args, loop=None, **kwargs):
        return function(*args, **kwargs)

    return call


def unpackb(packed, encoding=None, **kwargs):
    return msgpack.unpackb(packed, raw=encoding is None, strict_map_key=False, **kwargs)


def replace(self, _replace=arrow.Arrow.replace, **kwargs):
    plurals = {key: kwargs.pop(key) for key in list(kwargs) if key.endswith("s")}
    result = _replace(self, **kwargs) if kwargs else self
    if plurals:  # old arrow added to the wall clock
        moved = result.datetime + relativedelta(**plurals)
        result = arrow.Arrow.fromdatetime(moved, moved.tzinfo)
    return result


def install():
    if "aiomas" in sys.modules:
        raise ImportError("import aiomas_compat before aiomas")
    warnings.filterwarnings("ignore", message=r"ssl\.PROTOCOL_TLSv1_2")
    arrow.Arrow.replace = replace
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.set_event_loop(asyncio.new_event_loop())
    stand_ins = {
        "asyncio": StandIn(
            asyncio,
            gather=without_loop(asyncio.gather),
            sleep=without_loop(asyncio.sleep),
            Queue=without_loop(asyncio.Queue),
        ),
        "msgpack": StandIn(msgpack, unpackb=unpackb),
    }
    real = {name: sys.modules[name] for name in stand_ins}
    sys.modules.update(stand_ins)
    try:
        import aiomas  # noqa: F401
    finally:
        sys.modules.update(real)


install()
