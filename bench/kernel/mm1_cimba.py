"""M/M/1 with cimba, 90 % used: nanoseconds of processor time for each customer.

usage: mm1_cimba.py CUSTOMERS
"""

import sys
import time

import cimba as cb
import numpy as np
from cimba import inputs

INTERARRIVAL, SERVICE = 1 / 0.9, 1.0


class MM1(cb.Model):
    interarrival: cb.Input[float] = inputs.dist.exponential(mean=INTERARRIVAL)
    service: cb.Input[float] = inputs.dist.exponential(mean=SERVICE)
    queue: cb.Store[float]
    served: cb.Output[float]
    in_system: cb.Output[float]

    @cb.on_start
    def begin(self):
        self.served = 0.0
        self.in_system = 0.0

    @cb.process
    def arrivals(self):
        while True:
            cb.hold(self.interarrival.next())
            self.queue.put(cb.now())

    @cb.process
    def server(self):
        while True:
            came = self.queue.get()
            cb.hold(self.service.next())
            self.in_system += cb.now() - came
            self.served += 1.0


def run(customers):
    model = MM1()
    results = cb.Experiment(
        model, replications=1, window=cb.Window(warmup=0, duration=customers * INTERARRIVAL), seed=1
    ).run()
    samples = results[model]
    return float(np.ravel(samples.served)[0]), float(np.ravel(samples.in_system)[0])


customers = int(sys.argv[1])
run(1000)  # compiles it
began = time.process_time()
served, in_system = run(customers)
took = time.process_time() - began
print(f"{served:.0f} customers, {in_system / served:.3f} s each in the system", file=sys.stderr)
print(took / served * 1e9)
