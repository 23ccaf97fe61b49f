"""How many calls of add(3, 4) per second two processes with aiomas make. Prints one JSON line.

    python peers/bench_aiomas_rpc.py tcp|unix JSON|MsgPack OUTSTANDING SECONDS

OUTSTANDING calls are under way at any time.
"""

import json
import os
import subprocess
import sys
import tempfile
import time

import aiomas_compat  # noqa: F401
import aiomas
import asyncio

WARM_UP = 0.3  # s


class Service:
    router = aiomas.rpc.Service()

    @aiomas.expose
    def add(self, a, b):
        return a + b


def serve(transport, codec):
    if transport == "unix":
        address = shown = os.path.join(tempfile.mkdtemp(prefix="aio"), "s")
    else:
        address = ("127.0.0.1", 0)
    server = aiomas.run(aiomas.rpc.start_server(address, Service(), codec=codec))
    if transport == "tcp":
        shown = str(server.sockets[0].getsockname()[1])
    print(shown, flush=True)
    aiomas.run()


async def measure(address, codec, outstanding, seconds):
    client = await aiomas.rpc.open_connection(address, codec=codec, timeout=5)
    add = client.remote.add
    count = 0
    running = True

    async def caller():
        nonlocal count
        while running:
            if await add(3, 4) != 7:
                raise AssertionError("add")
            count += 1

    callers = [asyncio.ensure_future(caller()) for _ in range(outstanding)]
    await asyncio.sleep(WARM_UP)
    count, start = 0, time.perf_counter()
    await asyncio.sleep(seconds)
    rate = count / (time.perf_counter() - start)
    running = False
    await asyncio.gather(*callers)
    await client.close()
    return rate


def main():
    if sys.argv[1] == "serve":
        return serve(sys.argv[2], getattr(aiomas, sys.argv[3]))
    transport, codec, outstanding, seconds = sys.argv[1:]
    server = subprocess.Popen([sys.executable, __file__, "serve", transport, codec], stdout=subprocess.PIPE, text=True)
    try:
        shown = server.stdout.readline().strip()
        address = shown if transport == "unix" else ("127.0.0.1", int(shown))
        rate = aiomas.run(measure(address, getattr(aiomas, codec), int(outstanding), float(seconds)))
    finally:
        server.kill()
        server.wait()
        if transport == "unix":
            os.remove(shown)
            os.rmdir(os.path.dirname(shown))
    print(json.dumps({"calls_per_s": round(rate, 1)}))


if __name__ == "__main__":
    main()
