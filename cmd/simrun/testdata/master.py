"""A master of aiomas that drives the agents of simrun container at the address that it is given."""

import sys

import aiomas_compat  # noqa: F401
import aiomas


async def drive(container, url):
    manager = await container.connect(url + "/0")
    coordinator, address = await manager.spawn("Coordinator", interval="1h")
    print("made", address.startswith(url + "/"))
    try:
        await manager.spawn("os:getcwd")
    except aiomas.RemoteException as e:
        print(e.args[1].strip().splitlines()[-1].split(";")[0])
    for t in [1, 2.5, 7200]:
        print("set", t, await manager.set_time(t))
    try:
        await manager.set_time(7199)
    except aiomas.RemoteException as e:
        print(e.args[1].strip().splitlines()[-1])

    try:
        await coordinator.nonsense()
    except aiomas.RemoteException as e:
        print(e.args[1].strip().splitlines()[-1].split(";")[0])
    print("stopped", await manager.stop())


container = aiomas.Container.create(("127.0.0.1", 0))
try:
    aiomas.run(drive(container, sys.argv[1]))
finally:
    container.shutdown()
