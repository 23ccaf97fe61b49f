"""Serves as many generic simulators as connect, all in this process, with mosaik's own library. Prints the address."""

import asyncio

import mosaik_api_v3
from generic import Generic
from mosaik_api_v3.connection import Channel


async def serve(reader, writer):
    channel = Channel(reader, writer)
    try:
        await mosaik_api_v3.run_simulator(channel, Generic(), api_compliant=True)
    finally:
        await channel.close()


async def main():
    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    print("%s:%d" % server.sockets[0].getsockname(), flush=True)
    await server.serve_forever()


asyncio.run(main())
