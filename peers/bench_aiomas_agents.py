"""What agents of aiomas in one process do per second. Prints one JSON line.

    python peers/bench_aiomas_agents.py calls AGENTS CALLS      AGENTS agents call one of AGENTS others each, in one container
    python peers/bench_aiomas_agents.py sleepers COUNT TIMES    COUNT coroutines sleep on an external clock, which is set TIMES times
    python peers/bench_aiomas_agents.py create COUNT            COUNT agents are made in one container
"""

import asyncio
import json
import os
import sys
import tempfile
import time

import aiomas_compat  # noqa: F401
import aiomas


class Echo(aiomas.Agent):
    @aiomas.expose
    def echo(self, value):
        return value


def resident():
    """Return the bytes of memory in use."""
    with open("/proc/self/statm") as f:
        return int(f.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def calls(agents, count):
    with tempfile.TemporaryDirectory(prefix="aio") as directory:
        return await calls_at(os.path.join(directory, "s"), agents, count)


async def calls_at(address, agents, count):
    container = await aiomas.Container.create(address, as_coro=True)
    callers = [Echo(container) for _ in range(agents)]
    callees = [Echo(container) for _ in range(agents)]
    proxies = [await a.container.connect(b.addr) for a, b in zip(callers, callees)]
    left = count

    async def call(proxy):
        nonlocal left
        while left > 0:
            left -= 1
            await proxy.echo([1, 2.5, "abc"])

    await asyncio.gather(*(p.echo(0) for p in proxies))
    start = time.perf_counter()
    await asyncio.gather(*(call(p) for p in proxies))
    seconds = time.perf_counter() - start
    await container.shutdown(as_coro=True)
    return {"calls_per_s": count / seconds}


async def sleepers(count, times):
    clock = aiomas.ExternalClock("2020-01-01T00:00:00")
    woken = 0

    async def sleep(until):
        nonlocal woken
        await clock.sleep_until(until)
        woken += 1

    start = time.perf_counter()
    tasks = [asyncio.ensure_future(sleep(1 + i % times)) for i in range(count)]
    await asyncio.sleep(0)
    asleep = time.perf_counter()
    for t in range(1, times + 1):
        clock.set_time(t)
        await asyncio.sleep(0)  # they are told
        await asyncio.sleep(0)  # they go on
    end = time.perf_counter()
    if woken != count:
        raise AssertionError(woken)
    await asyncio.gather(*tasks)
    return {"wakeups_per_s": count / (end - asleep), "sleeps_per_s": count / (end - start)}


def create(count):
    container = aiomas.Container.create(("127.0.0.1", 0))
    before, start = resident(), time.perf_counter()
    agents = [Echo(container) for _ in range(count)]
    result = {"seconds": time.perf_counter() - start, "bytes": (resident() - before) / len(agents)}
    container.shutdown()
    return result


def main():
    what, *sizes = sys.argv[1:]
    sizes = [int(s) for s in sizes]
    result = create(*sizes) if what == "create" else aiomas.run({"calls": calls, "sleepers": sleepers}[what](*sizes))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
