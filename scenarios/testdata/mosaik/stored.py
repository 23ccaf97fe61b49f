"""Prints what mosaik-hdf5 has stored in a file: values with their types, and who is related to whom.

    ../../../.venv/bin/python stored.py FILE

The entity that records in the reference (common.py) is left out of relations, and so is their type, which depends on
the longest name.
"""

import sys

import h5py


def show(name, item):
    if isinstance(item, h5py.Dataset) and name.startswith("Series/"):
        print(name, item.dtype, [repr(v) for v in item[()].tolist()])
    elif isinstance(item, h5py.Dataset) and "recorder" not in name:
        print(name, [v for v in item[()].astype(str).tolist() if not any("recorder" in part for part in v)])


with h5py.File(sys.argv[1]) as file:
    file.visititems(show)
