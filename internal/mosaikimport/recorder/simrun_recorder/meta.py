"""What a simulator says about its models: inputs and outputs by kind, with the defaults of the mosaik API."""


class Attrs:
    """A set of attributes: some names, or all but some."""

    def __init__(self, names=(), all_but=False):
        self.names = frozenset(names)
        self.all_but = all_but

    def __contains__(self, name):
        return (name in self.names) != self.all_but

    def __iter__(self):
        if self.all_but:
            raise TypeError("a model with any_inputs has no list of inputs")
        return iter(sorted(self.names))

    def without(self, other):
        """Return self less other; other is finite, or all."""
        if other.all_but:
            return Attrs()
        if self.all_but:
            return Attrs(self.names | other.names, True)
        return Attrs(self.names - other.names)

    def __or__(self, other):
        if self.all_but or other.all_but:
            return Attrs(all_but=True)
        return Attrs(self.names | other.names)


def _attrs(value):
    if value is None:
        return None
    if isinstance(value, bool):
        return Attrs(all_but=value)
    return Attrs(value)


def _parts(everything, first, second, first_by_default):
    """Split a set in two, of which none, one or both are told."""
    first, second = _attrs(first), _attrs(second)
    if first is None and second is None:
        first = everything if first_by_default else Attrs()
    if first is None:
        first = everything.without(second)
    if second is None:
        second = everything.without(first)
    return first, second


class Model:
    """A model of a simulator."""

    def __init__(self, name, about, kind, sid):
        self.name = name
        self.public = about.get("public", True)
        self.params = frozenset(about.get("params") or ())
        attrs = Attrs(about.get("attrs") or ())
        inputs = Attrs(all_but=True) if about.get("any_inputs") else attrs
        self.measurement_inputs, self.event_inputs = _parts(
            inputs, about.get("non-trigger"), about.get("trigger"), kind != "event-based"
        )
        self.measurement_outputs, self.event_outputs = _parts(
            attrs, about.get("persistent"), about.get("non-persistent"), kind != "event-based"
        )

    @property
    def input_attrs(self):
        return self.measurement_inputs | self.event_inputs

    @property
    def output_attrs(self):
        return self.measurement_outputs | self.event_outputs
