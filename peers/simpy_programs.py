"""Runs random programs of processes with the real SimPy.

Input, on standard input: a JSON list of programs; times are whole nanoseconds. Output: a JSON list that has for each program
what happened, as lines of a time, a process and what it was, and at last how everything stands. The same interpreter in Go,
and what draws the programs: sim/process/simpy_random_test.go, which says what the actions mean.
"""

import json
import sys

import simpy


class Failed(Exception):
    """With this an event fails."""


class Patience(Exception):
    """The deadline of a part of a program has passed."""


def plain(value):
    """A value as Go writes it."""
    return str(value).replace(",", "").lower()


class World:
    def __init__(self, program):
        self.env = simpy.Environment()
        self.lines = []
        self.resources = [self.resource(r) for r in program["resources"]]
        self.patient = [r["patient"] for r in program["resources"]]
        self.stores = [self.store(s) for s in program["stores"]]
        self.levels = [simpy.Container(self.env, level["capacity"], level["initial"]) for level in program["levels"]]
        self.events = [self.env.event() for _ in range(program["events"])]
        self.names = {}
        self.processes = [self.start(f"p{i}", actions) for i, actions in enumerate(program["processes"])]

    def resource(self, r):
        kind = {"plain": simpy.PriorityResource, "preemptive": simpy.PreemptiveResource}[r["kind"]]
        return kind(self.env, r["capacity"])

    def store(self, s):
        kind = {"plain": simpy.FilterStore, "priority": simpy.PriorityStore}[s["kind"]]
        return kind(self.env, s["capacity"])

    def start(self, name, actions):
        process = self.env.process(self.life(name, actions))
        self.names[process] = name
        return process

    def note(self, name, text):
        self.lines.append(f"{self.env.now} {name} {text}")

    def life(self, name, actions):
        for number, action in enumerate(actions):
            try:
                yield from self.act(name, action)
            except simpy.Interrupt as interrupt:
                cause = interrupt.cause
                if isinstance(cause, simpy.resources.resource.Preempted):
                    cause = f"{self.names[cause.by]} took what it had since {cause.usage_since}"
                self.note(name, f"{number}: interrupted: {cause}")
            except Failed as failure:
                self.note(name, f"{number}: {failure}")
        self.note(name, "ends")
        return len(actions)

    def act(self, name, a):
        yield self.env.timeout(a["after"])
        yield from getattr(self, a["do"])(name, a)

    def body(self, name, actions):
        for action in actions:
            yield from self.act(name, action)

    def come(self, a, wanted):
        """Waits for what is wanted, as long as patience lasts, and tells whether it has come."""
        if not a["patience"]:
            yield wanted
            return True
        yield wanted | self.env.timeout(a["patience"])
        return wanted.triggered

    def rest(self, name, a):
        return
        yield

    def use(self, name, a):
        r, which = self.resources[a["which"]], a["which"]
        options = {"preempt": False} if self.patient[which] else {}
        with r.request(a["priority"], **options) as unit:
            if not (yield from self.come(a, unit)):
                self.note(name, f"gives up {which}")
                return
            self.note(name, f"has {which}")
            yield from self.body(name, a["body"])
            yield self.env.timeout(a["for"])
        self.note(name, f"gives {which} back")

    def pending(self, a, wanted, resource):
        """come for what must be taken back by hand. Who leaves is not in the way of others, whom SimPy lets go on only when
        something else happens."""
        try:
            return (yield from self.come(a, wanted))
        finally:
            self.withdraw(wanted, resource)

    def withdraw(self, wanted, resource):
        if not wanted.triggered:
            wanted.cancel()
            resource._trigger_put(None)
            resource._trigger_get(None)

    def put(self, name, a):
        store = self.stores[a["which"]]
        came = yield from self.pending(a, store.put(a["item"]), store)
        self.note(name, f"puts {a['item']} into {a['which']}: {plain(came)}")

    def want(self, which, remainder):
        store = self.stores[which]
        if isinstance(store, simpy.PriorityStore) or remainder < 0:
            return store.get()
        return store.get(lambda item: item % 3 == remainder)

    def get(self, name, a):
        item = self.want(a["which"], a["item"])
        came = yield from self.pending(a, item, self.stores[a["which"]])
        self.note(name, f"gets {plain(item.value if came else None)} from {a['which']}")

    def fill(self, name, a):
        level = self.levels[a["which"]]
        came = yield from self.pending(a, level.put(a["item"]), level)
        self.note(name, f"fills {a['item']} into {a['which']}: {plain(came)}")

    def draw(self, name, a):
        level = self.levels[a["which"]]
        came = yield from self.pending(a, level.get(a["item"]), level)
        self.note(name, f"draws {a['item']} from {a['which']}: {plain(came)}")

    def trigger(self, name, a):
        for which in a["events"]:
            if not self.events[which].triggered:
                self.events[which].succeed(which)
                self.note(name, f"triggers {which}")
        return
        yield

    def fail(self, name, a):
        for which in a["events"]:
            if not self.events[which].triggered:
                self.events[which].fail(Failed(f"event {which} failed"))
                self.events[which].defused = True
                self.note(name, f"fails {which}")
        return
        yield

    def spawn(self, name, a):
        child = self.start(f"{name}.{a['which']}", a["body"])
        if a["join"]:
            value = yield child
            self.note(name, f"is told {value}")

    def join(self, name, a):
        value = yield self.processes[a["which"]]
        self.note(name, f"is told {value} by p{a['which']}")

    def interrupt(self, name, a):
        other = self.processes[a["which"]]
        if other.is_alive and other is not self.env.active_process:
            other.interrupt(f"{name} is in the way")
            self.note(name, f"interrupts p{a['which']}")
        return
        yield

    def within(self, name, a):
        me, mine = self.env.active_process, Patience()

        def watch():
            try:
                yield self.env.timeout(a["for"])
                me.interrupt(mine)
            except simpy.Interrupt:
                pass

        dog = self.env.process(watch())
        try:
            yield from self.body(name, a["body"])
            self.note(name, "is in time")
        except simpy.Interrupt as interrupt:
            if interrupt.cause is not mine:
                raise
            self.note(name, "is late")
        finally:
            if dog.is_alive:
                dog.interrupt()

    def part(self, p):
        kind, which = p["kind"], p["which"]
        if kind == "event":
            return self.events[which]
        if kind == "timeout":
            return self.env.timeout(p["for"])
        if kind == "process":
            return self.processes[which]
        if kind == "unit":
            return self.resources[which].request(p["priority"])
        if kind == "item":
            return self.want(which, p["item"])
        return self.levels[which].get(p["item"])

    def group(self, name, a):
        parts = [self.part(p) for p in a["parts"]]
        both = self.env.any_of(parts) if a["do"] == "any" else self.env.all_of(parts)
        both.defused = True
        try:
            yield both
            happened = [i for i, (p, e) in enumerate(zip(a["parts"], parts)) if (e.processed if p["kind"] == "timeout" else e.triggered)]
            self.note(name, f"{a['do']}: {plain(happened)}")
            yield self.env.timeout(a["for"])
        finally:
            for i, (p, e) in enumerate(zip(a["parts"], parts)):
                if p["kind"] == "unit":
                    r = self.resources[p["which"]]
                    r.release(e) if e.triggered else e.cancel()
                elif p["kind"] == "item":
                    self.withdraw(e, self.stores[p["which"]])
                    self.note(name, f"part {i}: {plain(e.value if e.triggered else None)}")
                elif p["kind"] == "amount":
                    self.withdraw(e, self.levels[p["which"]])
                    self.note(name, f"part {i}: {plain(e.triggered)}")

    any = all = group

    def state(self):
        for i, r in enumerate(self.resources):
            yield f"resource {i}: {r.count} used, {len(r.queue)} wait"
        for i, s in enumerate(self.stores):
            items = sorted(s.items) if isinstance(s, simpy.PriorityStore) else s.items
            yield f"store {i}: {plain(items)}, {len(s.get_queue)} and {len(s.put_queue)} wait"
        for i, level in enumerate(self.levels):
            yield f"level {i}: {level.level}, {len(level.get_queue)} and {len(level.put_queue)} wait"
        for process, name in self.names.items():
            if process.is_alive:
                yield f"{name} waits"


    def content(self):
        """How much there is of everything, and how many wait."""
        for r in self.resources:
            yield r.count, len(r.queue)
        for s in self.stores:
            yield len(s.items), len(s.get_queue) + len(s.put_queue)
        for level in self.levels:
            yield level.level, len(level.get_queue) + len(level.put_queue)

    def run(self, until):
        """Runs until a time, and returns the integrals of the contents."""
        integrals = [[0, 0] for _ in self.content()]

        def pass_on(duration):
            if duration > 0:
                for integral, contents in zip(integrals, self.content()):
                    for i, content in enumerate(contents):
                        integral[i] += content * duration

        while (next_time := self.env.peek()) < until:
            pass_on(next_time - self.env.now)
            self.env.step()
        pass_on(until - self.env.now)
        return integrals


def run(program):
    world = World(program)
    integrals = world.run(program["until"])
    # A copy, because generators that come to their end take notes, too.
    return {"lines": list(world.lines), "state": sorted(world.state()), "integrals": integrals}


def main():
    assert simpy.__version__ == "4.1.2", simpy.__version__
    json.dump([run(program) for program in json.load(sys.stdin)], sys.stdout)


if __name__ == "__main__":
    main()
