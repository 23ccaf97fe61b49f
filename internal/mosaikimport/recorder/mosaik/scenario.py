"""The World of a scenario script, and what it hands out."""

import contextlib

from mosaik.exceptions import ScenarioError
from simrun_recorder import recording, simulators, starting, transforms, values
from simrun_recorder.meta import Model

SimConfig = dict
MosaikConfig = dict

_DEFAULT = object()


class World:
    """Records what a script composes. Its methods are those of mosaik's World."""

    def __init__(
        self,
        sim_config=None,
        mosaik_config=None,
        time_resolution=1.0,
        debug=False,
        cache=True,
        max_loop_iterations=100,
        skip_greetings=False,
        configure_logging=True,
        asyncio_loop=None,
    ):
        self.sim_config = sim_config
        self.config = {"addr": ("127.0.0.1", None), "start_timeout": 10, "stop_timeout": 10, **dict(mosaik_config or {})}
        self._cache = cache
        self.time_resolution = time_resolution
        self.max_loop_iterations = max_loop_iterations
        self._recording = recording.Recording(time_resolution, max_loop_iterations, self.config["start_timeout"])
        self._groups = []
        self._counts = {}
        self._factories = {}
        self._nodes, self._edges = {}, {}
        if debug:
            recording.note("World(debug=True): there is no execution graph; simrun run --trace and simrun graph show what happens")

    def __enter__(self):
        return self

    def __exit__(self, *reason):
        return False

    def __getattr__(self, name):
        raise AttributeError("World.%s is not there while simrun import records the scenario" % name)

    @contextlib.contextmanager
    def group(self, group_name=None):
        self._groups.append(group_name)
        try:
            yield
        finally:
            self._groups.pop()

    def start(self, starter, /, sim_id=None, **sim_params):
        return ModelFactory(self, self._start(starter, sim_id, sim_params))

    def _start(self, starter, sim_id, sim_params):
        name = starter if isinstance(starter, str) else None
        if name is None and not sim_id:
            raise ScenarioError("World.start needs sim_id where it is given a starter")
        if name is not None:
            if name not in (self.sim_config or {}):
                raise ScenarioError("no simulator %r in the SimConfig of the World" % name)
            starter = self.sim_config[name]
            if not sim_id:
                number = self._counts.get(name, 0)
                self._counts[name] = number + 1
                sim_id = "%s-%d" % (name, number)
        if not isinstance(sim_id, str):
            raise ScenarioError("the simulator ID %r is not a text" % (sim_id,))
        if sim_id in self._factories:
            raise ScenarioError("two simulators are called %r" % sim_id)
        how = starting.how(sim_id, starter)
        entry = self._recording.simulator(sim_id, how, self._groups, values.params(sim_params, "World.start(%r)" % (name or sim_id)))
        program = how.start(sim_id, self)
        simulators.init(program, sim_id, entry, self.time_resolution, sim_params, how.api_version)
        factory = _Factory(self, sim_id, program)
        self._factories[sim_id] = factory
        return factory

    def connect(
        self,
        src,
        dest,
        *attr_pairs,
        async_requests=False,
        time_shifted=False,
        initial_data=None,
        weak=False,
        transform=None,
    ):
        pairs = dict.fromkeys((a, a) if isinstance(a, str) else tuple(a) for a in attr_pairs)
        initial_data = initial_data or {}
        for src_attr, dest_attr in pairs:
            self._connect(src, dest, src_attr, dest_attr, time_shifted, weak, initial_data.get(src_attr, _DEFAULT), transform)
        if async_requests:
            self._recording.requests(src._handle, dest._handle)
        self._relate(src.full_id, dest.full_id)

    def connect_one(
        self,
        src,
        dest,
        src_attr,
        dest_attr=None,
        time_shifted=False,
        weak=False,
        initial_data=_DEFAULT,
        transform=None,
    ):
        self._connect(src, dest, src_attr, dest_attr or src_attr, time_shifted, weak, initial_data, transform)
        self._relate(src.full_id, dest.full_id)

    def _connect(self, src, dest, src_attr, dest_attr, time_shifted, weak, initial, transform):
        for entity in (src, dest):
            if not isinstance(entity, Entity):
                raise TypeError("connect needs two entities, one of these is a %s" % type(entity).__name__)
        what = "%s.%s to %s.%s" % (src.full_id, src_attr, dest.full_id, dest_attr)
        if src_attr not in src.model_mock.output_attrs:
            raise ScenarioError("connect %s: the model %s has no output %r" % (what, src.type, src_attr))
        if dest_attr not in dest.model_mock.input_attrs:
            raise ScenarioError("connect %s: the model %s has no input %r" % (what, dest.type, dest_attr))
        if (time_shifted or weak) and initial is _DEFAULT and dest_attr in dest.model_mock.measurement_inputs:
            raise ScenarioError("connect %s: a shifted or weak connection to an attribute that does not trigger needs initial_data" % what)
        # With an initial value an event stays until the next one. None is no initial value; for others it is what they begin with anyway.
        given = initial is not _DEFAULT and (initial is not None or src.is_persistent(src_attr))
        has_initial = given and (time_shifted or weak)
        connection = self._recording.connection(
            src._handle, src_attr, dest._handle, dest_attr, int(time_shifted), bool(weak),
            [values.plain(initial, "connect: the initial_data of %r" % src_attr)] if has_initial else None,
        )
        if transform is not None:
            # mosaik transforms initial data that it keeps in its cache, with outputs. In a scenario file it is what is seen.
            seen = has_initial and self._cache and src.is_persistent(src_attr)
            self._recording.later(lambda: self._transform(connection, transform, [initial] if seen else None))

    def _transform(self, connection, transform, initial):
        try:
            connection["transform"] = transforms.expression(transform)
        except transforms.Refused as reason:
            recording.problem("connect: the transform cannot be written into a scenario file: %s; compute it in a simulator" % reason)
            return
        if initial is None:
            return
        what = "connect: the transformed initial_data of %r" % connection["output"]
        try:
            connection["initial"] = [values.plain(transform(initial[0]), what)]
        except Exception as e:
            recording.problem("%s: %s: %s" % (what, type(e).__name__, e))

    def connect_async_requests(self, src, dest):
        for simulator in (src, dest):
            if not simulator.entities:
                raise ScenarioError("connect_async_requests: create an entity of %s first" % simulator._sid)
        self._recording.requests(*(next(iter(simulator.entities.values()))._handle for simulator in (src, dest)))

    def set_initial_event(self, sid, time=0):
        if sid not in self._factories:
            raise ScenarioError("set_initial_event: there is no simulator %r" % sid)
        self._recording.initial_event(sid, time)

    def get_data(self, entity_set, *attributes):
        entities = list(entity_set)
        wanted = {}
        for entity in entities:
            wanted.setdefault(entity.sid, {})[entity.eid] = list(attributes)
        data = {sid: self._factories[sid]._program.call("get_data", outputs) for sid, outputs in wanted.items()}
        return {entity: data[entity.sid][entity.eid] for entity in entities}

    @property
    def entity_graph(self):
        try:
            import networkx
        except ImportError:
            raise AttributeError("World.entity_graph needs the package networkx, which mosaik brings along") from None
        graph = networkx.Graph()
        for node, about in self._nodes.items():
            graph.add_node(node, **about)
        graph.add_edges_from(self._edges)
        return graph

    def _relate(self, one, other):
        self._edges[one, other] = True

    def run(self, until, rt_factor=None, rt_strict=False, print_progress=True, lazy_stepping=True, *, shutdown=True):
        self._recording.run(until, rt_factor, rt_strict)

    def shutdown(self):
        """Do nothing: the simulators end with the script."""


class _Factory:
    """A simulator that was started."""

    def __init__(self, world, sid, program):
        self._world = world
        self._sid = sid
        self._program = program
        self.meta = program.meta
        self.type = program.meta["type"]
        self.models = {name: Model(name, about, self.type, sid) for name, about in self.meta["models"].items()}
        self.entities = {}

    def create(self, model, num, params):
        unknown = sorted(set(params) - set(model.params))
        if unknown:
            raise TypeError("%s.%s.create() has no parameter %s" % (self._sid, model.name, ", ".join(map(repr, unknown))))
        made = self._program.call("create", num, model.name, **params)
        if len(made) != num:
            raise ScenarioError("%s.%s: %d entities were asked for and %d created" % (self._sid, model.name, num, len(made)))
        entities = self._entities(made)
        self._world._recording.created(
            self._sid, model.name, values.params(params, "%s.%s" % (self._sid, model.name)), [e._tree() for e in entities]
        )
        return entities

    def _entities(self, made):
        entities = []
        for about in made:
            if about["type"] not in self.models:
                raise ScenarioError("%s: the entity %r has the type %r, which is no model" % (self._sid, about["eid"], about["type"]))
            if not isinstance(about["eid"], str):
                raise ScenarioError("%s: the entity ID %r is not a text" % (self._sid, about["eid"]))
            entity = Entity(self, about, self._entities(about.get("children") or []))
            if entity.eid in self.entities:
                raise ScenarioError("%s: two entities have the ID %r" % (self._sid, entity.eid))
            self.entities[entity.eid] = entity
            self._world._nodes[entity.full_id] = {"sid": self._sid, "type": entity.type}
            for related in about.get("rel") or []:
                self._world._relate(entity.full_id, "%s.%s" % (self._sid, related))
            entities.append(entity)
        return entities

    def extra(self, method, *args, **kwargs):
        recording.note(
            "%s.%s(): extra methods cannot be called from a scenario file; what it does to the simulator is not done in a run" % (self._sid, method)
        )
        return self._program.call(method, *args, **kwargs)


class ModelFactory:
    """A simulator, with its models and extra methods as attributes."""

    def __init__(self, world, factory):
        self._factory = factory
        self._sid = factory._sid
        self.type = factory.type
        self.meta = factory.meta
        self.entities = factory.entities
        self.models = {name: self._mock(model) for name, model in factory.models.items()}

    def _mock(self, model):
        return ModelMock(self._factory, model)

    def _extra(self, method):
        return lambda *args, **kwargs: self._factory.extra(method, *args, **kwargs)

    @property
    def call(self):
        return self

    def __getattr__(self, name):
        factory = self.__dict__["_factory"]
        if name in factory.models:
            if not factory.models[name].public:
                raise AttributeError("the model %s of %s is not public" % (name, factory._sid))
            return self.models[name]
        if name in factory.meta.get("extra_methods", ()):
            return self._extra(name)
        raise AttributeError("%s has no model and no extra method %r" % (factory._sid, name))


class ModelMock:
    """A model: call it, or its create, to make entities."""

    def __init__(self, factory, model):
        self._factory = factory
        self._model = model
        self.name = model.name

    def __call__(self, **params):
        return self.create(1, **params)[0]

    def create(self, num, **params):
        return self._factory.create(self._model, num, params)

    def __getattr__(self, name):
        # params, and the sets of attributes: event_inputs, measurement_outputs, ...
        return getattr(self.__dict__["_model"], name)


class Entity:
    """An instance of a model."""

    def __init__(self, factory, about, children):
        self.sid = factory._sid
        self.eid = about["eid"]
        self.model_mock = ModelMock(factory, factory.models[about["type"]])
        self.sim_name = self.model_mock.name
        self.children = children
        self.children_dict = {child.eid: child for child in children}
        self.extra_info = about.get("extra_info")
        self._handle = factory._world._recording.handle()
        self.type = self.model = self.model_mock.name
        self.full_id = "%s.%s" % (self.sid, self.eid)

    def _tree(self):
        return {"handle": self._handle, "eid": self.eid, "type": self.type, "children": [c._tree() for c in self.children]}

    def triggered_by(self, attr):
        return attr in self.model_mock.event_inputs

    def is_persistent(self, attr):
        return attr in self.model_mock.measurement_outputs

    def __repr__(self):
        return "Entity(%r, model=%r)" % (self.full_id, self.type)
