"""Ways to connect sets of entities. They draw from Python's random as mosaik's do, so a seed gives the same connections."""

import random

from simrun_recorder.recording import note


def connect_many_to_one(world, src_set, dest, *attrs, **kwargs):
    """Connect every source to the one destination."""
    for src in src_set:
        world.connect(src, dest, *attrs, **kwargs)


def connect_zip(world, src_set, dest_set, *attrs, **kwargs):
    """Connect the first to the first, the second to the second, and so on."""
    sources, destinations = list(src_set), list(dest_set)
    if len(sources) != len(destinations):
        raise ValueError("connect_zip: %d sources, %d destinations" % (len(sources), len(destinations)))
    for src, dest in zip(sources, destinations):
        world.connect(src, dest, *attrs, **kwargs)


def connect_randomly(world, src_set, dest_set, *attrs, evenly=True, max_connects=float("inf"), **kwargs):
    """Connect every source to a random destination. Returns the destinations that were drawn."""
    sources, free = list(src_set), list(dest_set)
    if not free:
        raise AssertionError("connect_randomly: there are no destinations")
    drawn = _dealt(len(sources), free) if evenly else _picked(len(sources), free, max_connects)
    connected = set()
    for src, dest in zip(sources, drawn):
        world.connect(src, dest, *attrs, **kwargs)
        connected.add(dest)
    return connected


def _dealt(count, deck):
    """Yield destinations by dealing the deck, shuffled anew for every turn."""
    for start in range(0, count, len(deck)):
        random.shuffle(deck)
        yield from deck[: count - start]


def _picked(count, free, limit):
    """Yield destinations by picking, with putting back until one has its limit."""
    if count > len(free) * limit:
        raise AssertionError("connect_randomly: more sources than max_connects allows for")
    times = {}
    for _ in range(count):
        dest = free[random.randint(0, len(free) - 1)]
        times[dest] = times.get(dest, 0) + 1
        yield dest
        if times[dest] >= limit:
            free.remove(dest)


def __getattr__(name):
    if name.startswith("plot_"):
        return lambda *args, **kwargs: note("mosaik.util.%s draws nothing here; see simrun graph and simrun plot" % name)
    raise AttributeError("module 'mosaik.util' has no attribute %r" % name)
