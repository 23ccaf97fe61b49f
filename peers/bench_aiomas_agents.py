"""What agents of aiomas in one process do per second. Prints one JSON line.

    python peers/bench_aiomas_agents.py calls AGENTS CALLS      AGENTS agents call one of AGENTS others each, in one container
    python peers/bench_aiomas_agents.py remote tcp|unix JSON|MsgPack AGENTS CALLS      the same between the containers of two processes
    python peers/bench_aiomas_agents.py sleepers COUNT TIMES    COUNT coroutines sleep on an external clock, which is set TIMES times
    python peers/bench_aiomas_agents.py create COUNT            COUNT agents are made in one container
"""

import asyncio
import json
import os
import socket
import subprocess
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
    for _ in range(agents):
        Echo(container)
    callees = [Echo(container) for _ in range(agents)]
    return await calls_to(container, [b.addr for b in callees], count)


async def calls_to(container, addresses, count):
    proxies = [await container.connect(a) for a in addresses]
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


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def serve(address, codec, agents):
    """Have agents answer calls until the input ends."""
    loop = asyncio.get_event_loop()
    container = aiomas.Container.create(address, codec=getattr(aiomas, codec))
    for agent in [Echo(container) for _ in range(agents)]:
        print(agent.addr)
    print(flush=True)
    ended = loop.create_future()
    loop.add_reader(sys.stdin, lambda: ended.done() or ended.set_result(None))
    loop.run_until_complete(ended)
    loop.remove_reader(sys.stdin)
    container.shutdown()


def remote(transport, codec, agents, count):
    with tempfile.TemporaryDirectory(prefix="aio") as directory:
        paths = [os.path.join(directory, name) for name in "ab"]
        here, there = paths if transport == "unix" else [("127.0.0.1", free_port()) for _ in paths]
        where = there if transport == "unix" else str(there[1])
        command = [sys.executable, __file__, "serve", where, codec, str(agents)]
        server = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        addresses = [server.stdout.readline().strip() for _ in range(agents)]
        server.stdout.readline()
        container = aiomas.Container.create(here, codec=getattr(aiomas, codec))
        result = aiomas.run(calls_to(container, addresses, count))
        server.stdin.close()
        server.wait()
        return result


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
    what, *args = sys.argv[1:]
    args = [int(a) if a.isdigit() else a for a in args]
    if what == "serve":
        address, *rest = args
        serve(("127.0.0.1", address) if isinstance(address, int) else address, *rest)
        return
    result = {"calls": calls, "remote": remote, "sleepers": sleepers, "create": create}[what](*args)
    if asyncio.iscoroutine(result):
        result = aiomas.run(result)
    print(json.dumps(result))


if __name__ == "__main__":
    main()
