"""PHOLD with SimPy: nanoseconds of processor time for each event.

usage: phold_simpy.py PROCESSES EACH EVENTS
"""

import random
import sys
import time

import simpy

lps, each, events = map(int, sys.argv[1:])
variate = random.Random(1)
env = simpy.Environment()
handled = [0] * lps


def send():
    """An event needs no process: a timeout with a callback is what SimPy does fastest."""
    lp = int(variate.random() * lps)
    timeout = env.timeout(0.1 + variate.expovariate(1.0), lp)
    timeout.callbacks.append(handle)


def handle(event):
    handled[event.value] += 1
    send()


def run(n):
    for _ in range(n):
        env.step()


for _ in range(lps * each):
    send()
run(lps * each)  # until it is in its steady state
began = time.process_time()
run(events)
took = time.process_time() - began
print(took / events * 1e9)
