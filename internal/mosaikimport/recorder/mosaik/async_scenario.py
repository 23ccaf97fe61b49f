"""The World of scripts with async and await. Only what mosaik makes them wait for is awaitable."""

from mosaik.scenario import Entity, ModelFactory, ModelMock, MosaikConfig, SimConfig, World


class AsyncWorld(World):
    async def __aenter__(self):
        return self

    async def __aexit__(self, *reason):
        return False

    async def start(self, starter, /, sim_id=None, **sim_params):
        return AsyncModelFactory(self, self._start(starter, sim_id, sim_params))

    async def get_data(self, entity_set, *attributes):
        return World.get_data(self, entity_set, *attributes)

    async def run(self, *args, **kwargs):
        World.run(self, *args, **kwargs)

    async def shutdown(self):
        World.shutdown(self)


class AsyncModelFactory(ModelFactory):
    def _mock(self, model):
        return AsyncModelMock(self._factory, model)

    def _extra(self, method):
        async def call(*args, **kwargs):
            return self._factory.extra(method, *args, **kwargs)

        return call


class AsyncModelMock(ModelMock):
    async def __call__(self, **params):
        return (await self.create(1, **params))[0]

    async def create(self, num, **params):
        return self._factory.create(self._model, num, params)
