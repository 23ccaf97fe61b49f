import sys

import aiomas_compat  # noqa: F401  with Python 3.12 and 3.13, which aiomas 2.0.1 does not know; in peers/
import aiomas


class Seller(aiomas.Agent):
    @aiomas.expose
    def offer(self, amount):
        return 0.5 * amount


class Buyer(aiomas.Agent):
    async def buy(self, address):
        seller = await self.container.connect(address)
        print("bought for", await seller.offer(10))


# Buys from the address that it is given, or sells at a socket file until it is stopped.
where = sys.argv[1]
buys = "://" in where
container = aiomas.Container.create(("127.0.0.1", 0) if buys else where)
try:
    if buys:
        aiomas.run(Buyer(container).buy(where))
    else:
        print(Seller(container).addr, flush=True)
        aiomas.run()
finally:
    container.shutdown()
