"""Runs a scenario script: RECORDING WORLD SCRIPT [ARG...]. See script.py."""

import os
import sys

if sys.version_info < (3, 8):
    sys.exit("simrun import needs Python 3.8 or later; this is Python %d.%d" % sys.version_info[:2])

# The folder above has this package and the mosaik that records.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from simrun_recorder import script

if __name__ == "__main__":
    script.main(sys.argv[1:])
