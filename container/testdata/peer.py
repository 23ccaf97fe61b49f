"""Containers of the real aiomas, for tests: one for each of its transports with each of its codecs.

    peer.py agents DIR CA CERT KEY N [ADDRESS...]   hosts N agents in each container, at the addresses, or free ones. Prints a
                                                    line "TRANSPORT CODEC ADDRESS" for each, and serves until it is killed
    peer.py managers DIR CA CERT KEY                lets a master drive each container. Prints such lines with the managers'
                                                    addresses, which can be used soon, and ends when all have been stopped
    peer.py masters DIR CA CERT KEY WORLD...        drives Go containers, whose agents call a market; a WORLD is
                                                    "TRANSPORT CODEC MANAGER SELLER". Prints "ok" for each, or fails

Sockets are in DIR, the others are the files of TLS.
"""

import asyncio
import os
import socket
import sys

import aiomas_compat  # noqa: F401
import aiomas
import arrow


@aiomas.codecs.serializable
class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


TYPES = [Point.__serializer__]


class Seller(aiomas.Agent):
    """The same as seller in endpoint_test.go."""

    def __init__(self, container):
        super().__init__(container)
        self.released = asyncio.Event()

    @aiomas.expose
    async def hold(self):
        await self.released.wait()

    @aiomas.expose
    def release(self):
        self.released.set()

    @aiomas.expose
    def offer(self, amount):
        return 2 * amount

    @aiomas.expose
    async def sleep(self, seconds):
        await asyncio.sleep(seconds)
        return seconds

    @aiomas.expose
    def fail(self, text):
        raise ValueError(text)

    @aiomas.expose
    async def back(self, who, n):
        return await who.name(n)

    @aiomas.expose
    def name(self, n):
        return "python %s" % n

    @aiomas.expose
    def me(self):
        return self

    @aiomas.expose
    def echo(self, *args, **kwargs):
        return [list(args), kwargs]

    @aiomas.expose
    def tomorrow(self, date):
        assert isinstance(date, arrow.Arrow), date
        return date.shift(days=1)

    @aiomas.expose
    def mirror(self, point):
        assert isinstance(point, Point), point
        return Point(point.y, point.x)

    @aiomas.expose
    async def check(self, url, options):
        """Does to a Go agent what Go agents do to this one."""
        remote = await self.container.connect(url)
        assert str(remote) == "sellerProxy(%r)" % url, remote
        assert await remote.offer(3) == 6
        assert await remote.offer(amount=4.5) == 9.0
        for request, want in [
            (remote.fail("no way"), "ValueError: no way"),
            (remote.nope(), 'LookupError: Name "nope" not found in "agents/0"'),
            (remote.container.validate_aid("0"), 'LookupError: Name "container" not found in "agents/0"'),
            (remote.offer(), "TypeError: it takes the arguments (amount float64); 0 were given"),
            (remote.offer("x"), 'TypeError: argument 1 (\'amount\'): found the string "x" instead of the Go type float64'),
        ]:
            try:
                await request
            except aiomas.RemoteException as e:
                got = e.remote_traceback.strip().splitlines()[-1]
                assert got.split(":")[0] == want.split(":")[0], (got, want)
                if not want.startswith("TypeError"):
                    assert got == want, (got, want)
            else:
                raise AssertionError(want)
        try:
            await self.container.connect(url[: url.rindex("/")] + "/nobody")
        except ConnectionError as e:
            assert "does not exist" in str(e), e
        else:
            raise AssertionError("there is nobody")
        for n in range(3):
            assert await remote.back(self, n) == "python %s" % n
        me = await remote.me()
        assert await me.offer(5) == 10
        date = arrow.get("2016-02-28T23:59:59.500000-11:30")
        assert await remote.tomorrow(date) == date.shift(days=1)
        point = await remote.mirror(Point(1, 2.5))
        assert (point.x, point.y) == (2.5, 1), point
        big = "ü€😀" * 10000
        assert list(await remote.echo(big, None, [1, 2.5])) == [big, None, options["list"]([1, 2.5])]
        assert list(await asyncio.gather(*[remote.offer(i) for i in range(500)])) == [2 * i for i in range(500)]
        # A call that is given up: aiomas closes the connection when the late answer comes.
        other = await options["container"]()
        given_up = await other.connect(url)
        try:
            await asyncio.wait_for(given_up.hold(), 0.01)
        except asyncio.TimeoutError:
            pass
        else:
            raise AssertionError("it should have taken longer")
        await remote.release()
        for end in (lambda: given_up.sleep(60), lambda: other.shutdown(as_coro=True)):
            try:
                await end()
            except (ConnectionError, RuntimeError):
                pass
        assert await remote.offer(7) == 14

    @aiomas.expose
    async def meet(self, base, n):
        """Calls n agents of a Go container."""
        remotes = await asyncio.gather(*[self.container.connect("%s/%s" % (base, i)) for i in range(n)])
        assert list(await asyncio.gather(*[r.offer(i) for i, r in enumerate(remotes)])) == [2 * i for i in range(n)]


class Tester(Seller):
    """Knows how to make another container like its own."""

    def __init__(self, container, options):
        super().__init__(container)
        self.options = options

    @aiomas.expose
    async def check_all(self, url):
        await self.check(url, self.options)

    @aiomas.expose
    async def reach(self, url):
        """Calls an agent as any agent of this container does."""
        return await (await self.container.connect(url)).offer(1)

    @aiomas.expose
    async def reach_anew(self, url):
        """Calls an agent from a new container."""
        container = await self.options["container"]()
        amount = await (await container.connect(url)).offer(1)
        await container.shutdown(as_coro=True)
        return amount


class Ticker(aiomas.Agent):
    """The same as ticker in manager_test.go."""

    def __init__(self, container, period, peer=None):
        super().__init__(container)
        self.log = []
        self.task = asyncio.ensure_future(self.run(period, peer))

    async def run(self, period, peer):
        clock = self.container.clock
        while True:
            await clock.sleep(period)
            self.log.append(clock.time())
            if peer is not None:
                remote = await self.container.connect(peer)
                await remote.offer(1)
                self.log.append(-clock.time())

    @aiomas.expose
    def ticks(self):
        return self.log


async def ticker(container, period, peer=None):
    """Makes a Ticker whose container is connected to the peer: a master does not see a TLS handshake, nor wait for it."""
    if peer is not None:
        await container.connect(peer)
    return Ticker(container, period, peer)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def parse(url):
    """What aiomas calls an address of a container that has this URL."""
    if url.startswith("ipc://"):
        return url[len("ipc://[") : -1]
    host, port = url[len("tcp://") :].split(":")
    return host, int(port)


class Wires:
    """Makes containers, at addresses that are free unless they are given."""

    ALL = [(transport, codec) for transport in ["tcp", "unix", "tls"] for codec in ["JSON", "MsgPack", "MsgPackBlosc"]]

    def __init__(self, directory, *files):
        self.directory = directory
        self.files = files
        self.count = 0
        self.ports = set()

    def address(self, transport, codec):
        """An address that is free, for aiomas and as a URL."""
        self.count += 1
        if transport == "unix":
            path = os.path.join(self.directory, "%s.%d" % (codec, self.count))
            return path, "ipc://[%s]" % path
        port = free_port()
        while port in self.ports:  # it may not be in use yet
            port = free_port()
        self.ports.add(port)
        return ("127.0.0.1", port), "tcp://127.0.0.1:%d" % port

    def options(self, transport, codec):
        options = {"codec": getattr(aiomas, codec), "extra_serializers": TYPES}
        if transport == "tls":
            options["ssl"] = aiomas.agent.SSLCerts(*self.files)
        return options

    async def create(self, transport, codec, url=None):
        """A container, and its URL."""
        for attempt in range(10):
            where, at = (parse(url), url) if url else self.address(transport, codec)
            try:
                return await aiomas.Container.create(where, as_coro=True, **self.options(transport, codec)), at
            except OSError:
                if url or attempt == 9:
                    raise


async def agents(wires, count, *urls):
    for (transport, codec), url in zip(Wires.ALL, urls or [None] * len(Wires.ALL)):
        container, at = await wires.create(transport, codec, url)

        async def another(transport=transport, codec=codec):
            return (await wires.create(transport, codec))[0]

        Tester(container, {"container": another, "list": list if codec == "JSON" else tuple})
        for _ in range(int(count) - 1):
            Seller(container)
        print(transport, codec, at, flush=True)
    await asyncio.get_running_loop().create_future()


async def managers(wires):
    containers = []
    for transport, codec in Wires.ALL:
        where, url = wires.address(transport, codec)
        clock = aiomas.ExternalClock("2016-01-01T00:00:00+00:00", init_time=-1)
        containers.append(aiomas.subproc.start(where, clock=clock, **wires.options(transport, codec)))
        print(transport, codec, url + "/0", flush=True)
    await asyncio.gather(*containers)


async def masters(wires, *worlds):
    for world in worlds:
        transport, codec, address, market = world.split()
        container, _ = await wires.create(transport, codec)
        await drive(container, address, market)
        await container.shutdown(as_coro=True)
        print("ok", flush=True)


async def drive(container, address, market):
    manager = await container.connect(address)
    ticker, url = await manager.spawn("ticker", 2.0, peer=market)
    assert url == address[: address.rindex("/")] + "/1", url
    await manager.set_time(5)
    ticks = await ticker.ticks()
    assert list(ticks) == [2, -2, 4, -4], ticks
    same = await container.connect(url)
    assert list(await same.ticks()) == [2, -2, 4, -4]
    await manager.set_time(5)
    for request, want in [
        (manager.set_time(4), "ValueError: Time must be >= 5 but is 4"),
        (manager.set_time(float("nan")), "ValueError: a time of NaN s is out of range"),
        (manager.spawn("os:getcwd"), 'LookupError: no agent of kind "os:getcwd" can be spawned'),
    ]:
        try:
            await request
        except aiomas.RemoteException as e:
            assert e.remote_traceback.strip().startswith(want), e.remote_traceback
        else:
            raise AssertionError(want)
    await manager.stop()


def main():
    what, directory, ca, cert, key, *args = sys.argv[1:]
    do = {"agents": agents, "managers": managers, "masters": masters}[what]
    aiomas.run(do(Wires(directory, ca, cert, key), *args))


main()
