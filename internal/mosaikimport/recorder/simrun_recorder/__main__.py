"""Runs a scenario script: RECORDING WORLD SCRIPT [ARG...]. See script.py."""

import os
import sys

# The folder above has this package and the mosaik that records.
sys.path[0] = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

from simrun_recorder import script

if __name__ == "__main__":
    script.main(sys.argv[1:])
