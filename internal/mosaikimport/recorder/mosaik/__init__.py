"""Stands for mosaik while simrun import runs a scenario script.

It has the names of mosaik's public interface. A World starts simulators and
creates entities, so that the script can look at them, and notes what is
composed; it steps nothing. Modules of mosaik that are not here, such as
mosaik.basic_simulators, are those of the mosaik that is installed, if there is one.
"""

import os
import sys

for _entry in sys.path[1:]:
    _installed = os.path.join(_entry, "mosaik")
    if os.path.isfile(os.path.join(_installed, "__init__.py")):
        __path__.append(_installed)
        break

from mosaik import exceptions, scenario, starters, util
from mosaik.async_scenario import AsyncWorld
from mosaik.scenario import SimConfig, World

__all__ = ["AsyncWorld", "World"]
__version__ = "3.7.1"
