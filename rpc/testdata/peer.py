"""A peer with the real aiomas, for tests.

    peer.py serve|call tcp|unix|tls CODEC ADDRESS [CA CERT KEY]

serve prints the address and serves until it is killed; ADDRESS is the path of a Unix socket or else empty.
call makes calls to a Go service at ADDRESS, and prints "ok", or fails.
"""

import asyncio
import sys

import aiomas_compat  # noqa: F401
import aiomas
import arrow


@aiomas.codecs.serializable
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


TYPES = [aiomas.util.arrow_serializer, Point.__serializer__]


class Deep:
    router = aiomas.rpc.Service()

    @aiomas.expose
    def triple(self, x):
        return 3 * x

    @aiomas.expose
    def name(self, x):
        return "deep %s" % x


class Sub:
    router = aiomas.rpc.Service(["deep"])

    def __init__(self):
        self.deep = Deep()


class Root:
    router = aiomas.rpc.Service(["sub"])

    def __init__(self):
        self.sub = Sub()

    @aiomas.expose
    def add(self, a, b=10):
        return a + b

    @aiomas.expose
    def fail(self, text):
        raise ValueError(text)

    @aiomas.expose
    async def back(self, service, x):
        return await service.name(x)

    @aiomas.expose
    def deep(self):
        return self.sub.deep

    @aiomas.expose
    def tomorrow(self, date):
        assert isinstance(date, arrow.Arrow), date
        return date.shift(days=1)

    @aiomas.expose
    def mirror(self, point):
        assert isinstance(point, Point), point
        return Point(point.y, point.x)

    @aiomas.expose
    def echo(self, value):
        return value

    @aiomas.expose
    async def slow(self, seconds):
        await asyncio.sleep(seconds)
        return seconds


def tls_context(server, files):
    make = aiomas.util.make_ssl_server_context if server else aiomas.util.make_ssl_client_context
    return {"ssl": make(*files)}


def serve(transport, codec, address, files):
    options = tls_context(True, files) if transport == "tls" else {}
    where = address if transport == "unix" else ("127.0.0.1", 0)
    server = aiomas.run(aiomas.rpc.start_server(where, Root(), codec=codec, extra_serializers=TYPES, **options))
    port = 0 if transport == "unix" else server.sockets[0].getsockname()[1]
    print("ipc://" + address if transport == "unix" else "%s://127.0.0.1:%d" % (transport, port), flush=True)
    aiomas.run()


async def call(transport, codec, address, files):
    options = tls_context(False, files) if transport == "tls" else {}
    if transport == "unix":
        where = address[len("ipc://[") : -1]
    else:
        host, port = address.split("//")[1].split(":")
        where = (host, int(port))
    mine = Root()
    client = await aiomas.rpc.open_connection(where, rpc_service=mine, codec=codec, extra_serializers=TYPES, timeout=5, **options)
    remote = client.remote
    assert await remote.add(3, 4) == 7
    assert await remote.add(3, b=4.5) == 7.5
    assert await remote.sub.deep.triple(2) == 6
    assert list(await asyncio.gather(*[remote.add(i, 1) for i in range(500)])) == [i + 1 for i in range(500)]
    for request, want in [
        (remote.fail("no way"), "ValueError: no way"),
        (remote.nope(), 'LookupError: Name "nope" not found in ""'),
        (remote.add(1, "x"), "TypeError: add() argument 2 ('b'): found the string \"x\" instead of the Go type float64"),
    ]:
        try:
            await request
        except aiomas.RemoteException as e:
            assert e.remote_traceback.strip().endswith(want), e.remote_traceback
        else:
            raise AssertionError(want)
    assert await remote.back(mine.sub.deep, 1) == "deep 1"
    assert await remote.back(mine.sub.deep, 2) == "deep 2"
    deep = await remote.deep()
    assert await deep.triple(5) == 15
    date = arrow.get("2016-02-28T23:59:59.500000-11:30")
    assert await remote.tomorrow(date) == date.shift(days=1)
    point = await remote.mirror(Point(1, 2.5))
    assert (point.x, point.y) == (2.5, 1), point
    big = "ü€😀" * 100000
    assert await remote.echo(big) == big
    await client.close()
    print("ok")


def main():
    what, transport, codec, address, *files = sys.argv[1:]
    codec = getattr(aiomas, codec)
    if what == "serve":
        serve(transport, codec, address, files)
    else:
        aiomas.run(call(transport, codec, address, files))


main()
