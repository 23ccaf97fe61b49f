"""Prints what connect_randomly of the mosaik that is found first connects, for many seeds and sizes."""

import random

import mosaik.util


class World:
    def __init__(self):
        self.made = []

    def connect(self, src, dest, *attrs, **kwargs):
        self.made.append((src, dest, attrs, sorted(kwargs.items())))


for seed in range(60):
    random.seed(seed)
    sources, destinations = list(range(seed % 11)), ["d%d" % i for i in range(1 + seed % 7)]
    for options in ({}, {"evenly": False}, {"evenly": False, "max_connects": 11}, {"evenly": False, "max_connects": 1 + 10 // len(destinations)}):
        world = World()
        connected = mosaik.util.connect_randomly(world, sources, destinations, "a", ("b", "c"), weak=True, **options)
        print(seed, options, world.made, sorted(connected), destinations, random.random())
