import sys

import aiomas_compat  # noqa: F401
import aiomas


async def drive(container, url):
    manager = await container.connect(url + "/0")
    await manager.spawn("Coordinator", interval="1h")  # agent "1"
    storage, address = await manager.spawn("Storage", coordinator="1", capacity="10 kWh")
    print("made", address.rpartition("/")[2])
    await manager.set_time(7200)
    await manager.stop()


container = aiomas.Container.create(("127.0.0.1", 0))
try:
    aiomas.run(drive(container, sys.argv[1]))
finally:
    container.shutdown()
