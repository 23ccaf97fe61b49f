"""M/M/1 with SimPy, 90 % used: nanoseconds of processor time for each customer.

usage: mm1_simpy.py CUSTOMERS
"""

import random
import sys
import time

import simpy


def arrivals(env, queue, variate, customers):
    for _ in range(customers):
        yield env.timeout(variate(0.9))
        yield queue.put(env.now)


def server(env, queue, variate, customers):
    in_system = 0.0
    for _ in range(customers):
        came = yield queue.get()
        yield env.timeout(variate(1.0))
        in_system += env.now - came
    return in_system


customers = int(sys.argv[1])
variate = random.Random(1).expovariate
env = simpy.Environment()
queue = simpy.Store(env)
env.process(arrivals(env, queue, variate, customers))
done = env.process(server(env, queue, variate, customers))
began = time.process_time()
in_system = env.run(done)
took = time.process_time() - began
print(f"{customers} customers, {in_system / customers:.3f} s each in the system", file=sys.stderr)
print(took / customers * 1e9)
