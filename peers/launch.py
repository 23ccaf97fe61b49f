"""Run an unmodified simulator from PyPI as a program of its own:

    python peers/launch.py MODULE [OPTION...] HOST:PORT

calls MODULE.main(). It is there for packages whose console script is missing (mosaik-pv 1.2.2) or
broken (mosaik-householdsim 2.2.0 and mosaik-csv 2.0.1 name a module that has no main).
"""

import importlib
import sys

if len(sys.argv) < 2:
    sys.exit(__doc__)
module = sys.argv.pop(1)
sys.path.pop(0)  # as with an installed script: this folder is not where modules come from
sys.exit(importlib.import_module(module).main())
