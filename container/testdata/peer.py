"""Containers of the real aiomas, for tests.

    peer.py agents DIR CA CERT KEY   hosts agents in a container for each transport and codec; sockets are in DIR.
                                     Prints a line "TRANSPORT CODEC ADDRESS" for each, and serves until it is killed
    peer.py agents PORT              the same with one container, TCP with JSON; port 0 is any free one
    peer.py manager                  a container that is driven by a master. Prints the manager's address
    peer.py master ADDRESS MARKET    drives a Go container, whose agents call MARKET; prints "ok", or fails
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


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


async def create(transport, codec, directory, files, where=None):
    """A container, at an address that is free."""
    options = {}
    if transport == "tls":
        options["ssl"] = aiomas.agent.SSLCerts(*files)
    for attempt in range(10):
        addr = where
        if where is None:
            addr = ("127.0.0.1", free_port())
            if transport == "unix":
                addr = os.path.join(directory, "%s.%d" % (codec, create.count))
        create.count += 1
        try:
            container = await aiomas.Container.create(
                addr, codec=getattr(aiomas, codec), extra_serializers=TYPES, as_coro=True, **options
            )
            return container, "ipc://[%s]" % addr if transport == "unix" else "tcp://%s:%s" % addr
        except OSError:
            if where is not None or attempt == 9:
                raise


create.count = 0


async def host(transport, codec, directory, files, agents, where=None):
    container, address = await create(transport, codec, directory, files, where)

    async def another():
        return (await create(transport, codec, directory, files))[0]

    Tester(container, {"container": another, "list": list if codec == "JSON" else tuple})
    for _ in range(agents - 1):
        Seller(container)
    print(transport, codec, address, flush=True)
    return container


async def agents(args):
    if len(args) == 1:
        await host("tcp", "JSON", "", [], 1, ("127.0.0.1", int(args[0])) if args[0] != "0" else None)
    else:
        for transport in ["tcp", "unix", "tls"]:
            for codec in ["JSON", "MsgPack", "MsgPackBlosc"]:
                await host(transport, codec, args[0], args[1:], 1000)
    await asyncio.get_running_loop().create_future()


async def manager():
    port = free_port()
    print("tcp://127.0.0.1:%d/0" % port, flush=True)
    clock = aiomas.ExternalClock("2016-01-01T00:00:00+00:00", init_time=-1)
    await aiomas.subproc.start(("127.0.0.1", port), clock=clock, codec=aiomas.MsgPackBlosc)


async def master(address, market):
    container, _ = await create("tcp", "MsgPack", "", [])
    manager = await container.connect(address, timeout=5)
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
    await container.shutdown(as_coro=True)
    print("ok")


def main():
    what, *args = sys.argv[1:]
    if what == "agents":
        aiomas.run(agents(args))
    elif what == "manager":
        aiomas.run(manager())
    elif what == "master":
        aiomas.run(master(*args))


main()
