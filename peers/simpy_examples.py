"""Runs the examples that SimPy is known for, with the real SimPy, on numbers drawn elsewhere.

Input, on standard input: a JSON list of worlds. A world has for each example the numbers that it needs; times are whole
nanoseconds. Output: a JSON list that has for each world, by example, what happened: lines of a time and what it was.
The same models in Go, and the numbers: sim/process/simpy_test.go.
"""

import json
import sys

import simpy


class Diary:
    """What happens in a model, and when."""

    def __init__(self, env):
        self.env = env
        self.lines = []

    def note(self, text):
        self.lines.append(f"{self.env.now} {text}")


def bank(env, diary, world):
    """Customers lose patience while they wait for the counter, and renege."""
    counter = simpy.Resource(env, capacity=1)

    def customer(number, patience, service):
        diary.note(f"customer {number} comes")
        with counter.request() as turn:
            yield turn | env.timeout(patience)
            if not turn.triggered:
                diary.note(f"customer {number} gives up")
                return
            diary.note(f"customer {number} is served")
            yield env.timeout(service)
            diary.note(f"customer {number} leaves")

    def source():
        for number, (gap, patience, service) in enumerate(zip(world["gaps"], world["patience"], world["service"])):
            env.process(customer(number, patience, service))
            yield env.timeout(gap)

    env.process(source())


def carwash(env, diary, world):
    """Cars wait for one of two machines, and then for the end of the washing, a process."""
    machines = simpy.Resource(env, 2)

    def wash(number, dirt):
        yield env.timeout(world["wash"])
        diary.note(f"{dirt} % of the dirt of car {number} is gone")

    def car(number, dirt):
        diary.note(f"car {number} comes")
        with machines.request() as free:
            yield free
            diary.note(f"car {number} enters")
            yield env.process(wash(number, dirt))
            diary.note(f"car {number} leaves")

    def source():
        for number, (gap, dirt) in enumerate(zip(world["gaps"], world["dirt"])):
            yield env.timeout(gap)
            env.process(car(number, dirt))

    env.process(source())


def gas_station(env, diary, world):
    """Cars take fuel from a tank; when little is left a truck is called that fills it up."""
    pumps = simpy.Resource(env, 2)
    tank = simpy.Container(env, capacity=world["tank"], init=world["tank"])

    def car(number, litres):
        diary.note(f"car {number} comes")
        with pumps.request() as pump:
            yield pump
            yield tank.get(litres)
            yield env.timeout(litres * world["per_litre"])
            diary.note(f"car {number} leaves with {litres} l")

    def truck():
        yield env.timeout(world["way"])
        amount = world["tank"] - tank.level
        diary.note(f"truck brings {amount} l")
        yield tank.put(amount)

    def control():
        while True:
            if tank.level < world["tank"] // 4:
                diary.note(f"truck is called at {tank.level} l")
                yield env.process(truck())
            yield env.timeout(world["interval"])

    def source():
        for number, (gap, litres) in enumerate(zip(world["gaps"], world["litres"])):
            yield env.timeout(gap)
            env.process(car(number, litres))

    env.process(control())
    env.process(source())


def machine_shop(env, diary, world):
    """Machines that break are repaired by a repairman, who drops for that his other jobs."""
    repairman = simpy.PreemptiveResource(env, capacity=1)

    class Machine:
        def __init__(self, number, parts, failures):
            self.number, self.parts, self.failures = number, parts, failures
            self.made, self.broken = 0, False
            self.work = env.process(self.working())
            env.process(self.breaking())

        def working(self):
            for left in self.parts:
                while left > 0:
                    since = env.now
                    try:
                        yield env.timeout(left)
                        left = 0
                    except simpy.Interrupt as interrupt:
                        self.broken = True
                        left -= env.now - since
                        diary.note(f"machine {self.number}: {interrupt.cause}")
                        with repairman.request(priority=1) as job:
                            yield job
                            yield env.timeout(world["repair"])
                        diary.note(f"machine {self.number} is repaired")
                        self.broken = False
                self.made += 1

        def breaking(self):
            for after in self.failures:
                yield env.timeout(after)
                if not self.broken and self.work.is_alive:
                    self.work.interrupt("broken")

    def other_jobs():
        for number, left in enumerate(world["jobs"]):
            while left > 0:
                with repairman.request(priority=2) as job:
                    yield job
                    since = env.now
                    try:
                        yield env.timeout(left)
                        left = 0
                    except simpy.Interrupt as interrupt:
                        left -= env.now - since
                        diary.note(f"job {number} is dropped, begun at {interrupt.cause.usage_since}")
            diary.note(f"job {number} is done")

    machines = [Machine(i, p, f) for i, (p, f) in enumerate(zip(world["parts"], world["failures"]))]
    env.process(other_jobs())

    def count():
        yield env.timeout(world["until"])
        for machine in machines:
            diary.note(f"machine {machine.number} has made {machine.made}")

    env.process(count())


def cinema(env, diary, world):
    """People queue for tickets of a film; all who want it leave the line when it is sold out."""
    counter = simpy.Resource(env, capacity=1)
    left = list(world["seats"])
    sold_out = [env.event() for _ in left]

    def visitor(number, film, tickets):
        with counter.request() as turn:
            yield turn | sold_out[film]
            if not turn.triggered:
                diary.note(f"visitor {number} leaves the line")
                return
            if left[film] < tickets:
                diary.note(f"visitor {number} asks for too many")
                yield env.timeout(world["talk"])
                return
            left[film] -= tickets
            diary.note(f"visitor {number} buys {tickets} for film {film}")
            if left[film] < 2 and not sold_out[film].triggered:
                sold_out[film].succeed()
                diary.note(f"film {film} is sold out")
            yield env.timeout(world["sale"])

    def source():
        for number, (gap, film, tickets) in enumerate(zip(world["gaps"], world["films"], world["tickets"])):
            yield env.timeout(gap)
            if left[film] >= 2:
                env.process(visitor(number, film, tickets))

    env.process(source())


def latency(env, diary, world):
    """A cable hands on what is sent after a while."""
    cable = simpy.Store(env)

    def transmit(message, delay):
        yield env.timeout(delay)
        cable.put(message)

    def sender():
        for number, (gap, delay) in enumerate(zip(world["gaps"], world["delays"])):
            yield env.timeout(gap)
            env.process(transmit((number, env.now), delay))

    def receiver():
        while True:
            number, sent = yield cable.get()
            diary.note(f"message {number} of {sent} is received")

    env.process(sender())
    env.process(receiver())


def communication(env, diary, world):
    """One process tells several others through pipes; who is slow hears old news."""
    pipes = [simpy.Store(env, capacity=world["capacity"]) for _ in world["thinking"]]

    def teller():
        for number, gap in enumerate(world["gaps"]):
            yield env.timeout(gap)
            yield env.all_of([pipe.put((number, env.now)) for pipe in pipes])
            diary.note(f"news {number} is in all pipes")

    def listener(who, pipe, thinking):
        for think in thinking:
            number, told = yield pipe.get()
            diary.note(f"listener {who} hears news {number}, {'late' if told < env.now else 'at once'}")
            yield env.timeout(think)

    env.process(teller())
    for who, (pipe, thinking) in enumerate(zip(pipes, world["thinking"])):
        env.process(listener(who, pipe, thinking))


EXAMPLES = [bank, carwash, gas_station, machine_shop, cinema, latency, communication]


def run(example, world):
    env = simpy.Environment()
    diary = Diary(env)
    example(env, diary, world)
    env.run(until=world["until"] + 1)
    return diary.lines


def main():
    assert simpy.__version__ == "4.1.2", simpy.__version__
    worlds = json.load(sys.stdin)
    json.dump([{e.__name__: run(e, world[e.__name__]) for e in EXAMPLES} for world in worlds], sys.stdout)


if __name__ == "__main__":
    main()
