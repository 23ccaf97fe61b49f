"""Transforms of connections, as expressions of a scenario file.

A scenario file computes as Python does with the operations that are here; what is not, or differs, is refused. Two differences are
left: its integers have 64 bits, and abs(-0.0) is -0.0.
"""

import ast
import builtins
import functools
import json
import math
import types

_FUNCTIONS = {abs: "abs", float: "float", int: "int", max: "max", min: "min"}  # the same in both
_OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_COMPARISONS = {ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Is: "==", ast.IsNot: "!="}

_IN_BRACKETS = (ast.BinOp, ast.UnaryOp, ast.BoolOp, ast.Compare, ast.IfExp)  # what _Translation.of puts into brackets
_SUMS = (ast.Add, ast.Sub)
_SIGNS = (ast.USub, ast.UAdd)
_WEAKER = (ast.Not, ast.And, ast.Or, ast.Compare, ast.IfExp)  # than sums, or confusing in them

# What is known of the type of an expression.
_ANY, _NUMBER, _TEXT, _BOOL, _NONE, _OTHER = "any", "number", "text", "bool", "none", "other"


class Refused(Exception):
    """Says why there is no such expression."""


def expression(function):
    """Return the expression for what a function of one value makes of it; "" if that is the value itself."""
    if not isinstance(function, types.FunctionType):
        name = _FUNCTIONS.get(function) if isinstance(function, (type, types.BuiltinFunctionType)) else None
        if name not in ("abs", "float", "int"):
            raise Refused("it is no function that is written as one expression")
        return "%s(value)" % name
    translation = _Translation(function)
    text, _ = translation.bare(translation.body)
    return "" if text == "value" else text


@functools.lru_cache(maxsize=None)
def _tree(filename):
    with open(filename, "rb") as f:
        return ast.parse(f.read())


def _source(code):
    """Return the syntax tree of a function."""
    try:
        tree = _tree(code.co_filename)
    except (OSError, SyntaxError, ValueError):
        raise Refused("its source cannot be read") from None
    found = {}
    for node in ast.walk(tree):
        named = isinstance(node, ast.FunctionDef) and node.name == code.co_name or isinstance(node, ast.Lambda) and code.co_name == "<lambda>"
        if named and node.lineno == code.co_firstlineno:
            found[ast.dump(node)] = node
    if len(found) > 1:
        raise Refused("there are several functions in its line")
    if not found:
        raise Refused("its source cannot be found")
    return found.popitem()[1]


def _body(node):
    if isinstance(node, ast.Lambda):
        return node.body
    statements = node.body
    if isinstance(statements[0], ast.Expr) and isinstance(statements[0].value, ast.Constant):
        statements = statements[1:]  # it tells what the function does
    if len(statements) != 1 or not isinstance(statements[0], ast.Return) or statements[0].value is None:
        raise Refused("it is more than one expression")
    return statements[0].value


class _Translation:
    """The function and what it knows by name."""

    def __init__(self, function):
        code, node = function.__code__, _source(function.__code__)
        arguments = node.args
        defaults = function.__defaults__ or ()
        names = [a.arg for a in [*arguments.posonlyargs, *arguments.args]]
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or not names or len(names) - len(defaults) > 1:
            raise Refused("it does not take one value")
        self.body = _body(node)
        self.value = names[0]
        self.known = dict(function.__globals__)
        for name, cell in zip(code.co_freevars, function.__closure__ or ()):
            try:
                self.known[name] = cell.cell_contents
            except ValueError:
                self.known.pop(name, None)
        self.known.update(zip(names[len(names) - len(defaults) :], defaults))
        self.known.pop(self.value, None)

    def of(self, node):
        """Return the expression for a part of the function, in brackets if need be, and what is known of its type."""
        method = getattr(self, "_" + type(node).__name__.lower(), None)
        if method is None:
            raise Refused(_not_there(node))
        return method(node)

    def bare(self, node, brackets=()):
        """Return what of returns, without brackets around the whole but for some kinds of operators."""
        text, kind = self.of(node)
        operator = type(getattr(node, "op", node))
        if isinstance(node, _IN_BRACKETS) and operator not in brackets:
            text = text[1:-1]
        return text, kind

    def _constant(self, node):
        return _literal(node.value, node)

    def _name(self, node):
        if node.id == self.value:
            return "value", _ANY
        return _literal(self._known(node), node)

    def _attribute(self, node):
        return _literal(self._known(node), node)

    def _known(self, node):
        """Return what a name, or a constant place in what it stands for, is when the script runs the World."""
        try:
            if isinstance(node, ast.Attribute):
                return getattr(self._known(node.value), node.attr)
            if isinstance(node, ast.Subscript):
                return self._known(node.value)[self._known(node.slice)]
            if isinstance(node, ast.Constant):
                return node.value
            if isinstance(node, ast.Name) and node.id != self.value:
                return self.known[node.id] if node.id in self.known else getattr(builtins, node.id)
        except Exception:  # there is no such attribute or item, or the place is not constant
            pass
        raise Refused(_not_there(node))

    def _binop(self, node):
        operator = _OPERATORS.get(type(node.op))
        if operator is None:
            raise Refused(_not_there(node))
        sums = isinstance(node.op, _SUMS)
        weaker = (*_WEAKER, *_SIGNS)
        left, of_left = self.bare(node.left, weaker if sums else (*weaker, *_SUMS))
        right, of_right = self.bare(node.right, (*weaker, *_SUMS) if sums else (*weaker, *_OPERATORS))
        kind = _common(node, of_left, of_right, (_NUMBER, _TEXT) if operator == "+" else (_NUMBER,))
        return "(%s %s %s)" % (left, operator, right), _NUMBER if operator == "/" else kind

    def _unaryop(self, node):
        operand, kind = self.of(node.operand)
        if isinstance(node.op, ast.Not) and kind == _BOOL:
            return "(not %s)" % operand, _BOOL
        if isinstance(node.op, _SIGNS) and kind in (_NUMBER, _ANY):
            return "(%s%s)" % ("-" if isinstance(node.op, ast.USub) else "+", operand), _NUMBER
        raise Refused(_not_there(node))

    def _boolop(self, node):
        parts = [self.of(v) for v in node.values]
        if any(kind != _BOOL for _, kind in parts):
            raise Refused("%s is not of true and false only" % _text(node))
        return "(%s)" % (" and " if isinstance(node.op, ast.And) else " or ").join(text for text, _ in parts), _BOOL

    def _compare(self, node):
        operands = [self.bare(n, _WEAKER) for n in [node.left, *node.comparators]]
        parts = []
        for operator, (left, of_left), (right, of_right) in zip(node.ops, operands, operands[1:]):
            if type(operator) not in _COMPARISONS or isinstance(operator, (ast.Is, ast.IsNot)) and of_right != _NONE:
                raise Refused(_not_there(node))
            if not (isinstance(operator, (ast.Is, ast.IsNot, ast.Eq, ast.NotEq)) and of_right == _NONE):
                _common(node, of_left, of_right, (_NUMBER, _TEXT))
            parts.append("%s %s %s" % (left, _COMPARISONS[type(operator)], right))
        return "(%s)" % " and ".join(parts), _BOOL

    def _ifexp(self, node):
        test, of_test = self.bare(node.test, (ast.IfExp,))
        if of_test != _BOOL:
            raise Refused("%s is not true or false" % _text(node.test))
        body, of_body = self.bare(node.body, (ast.IfExp,))
        other, of_other = self.bare(node.orelse, (ast.IfExp,))
        kinds = {of_body, of_other}
        kind = of_body if len(kinds) == 1 else _ANY if _ANY in kinds and kinds <= {_ANY, _NUMBER, _TEXT} else _OTHER
        return "(%s ? %s : %s)" % (test, body, other), kind

    def _call(self, node):
        called = self._known(node.func)
        name = _FUNCTIONS.get(called) if isinstance(called, (type, types.BuiltinFunctionType)) else None
        arguments = [] if node.keywords else node.args
        if name is None or any(isinstance(a, ast.Starred) for a in arguments) or (len(arguments) < 2 if name in ("max", "min") else len(arguments) != 1):
            raise Refused(_not_there(node))
        texts = []
        for argument in arguments:
            text, kind = self.bare(argument)
            _common(node, kind, kind, (_NUMBER,))
            texts.append(text)
        return "%s(%s)" % (name, ", ".join(texts)), _NUMBER

    def _subscript(self, node):
        if not any(isinstance(n, ast.Name) and n.id == self.value for n in ast.walk(node)):
            return _literal(self._known(node), node)
        of, kind = self.of(node.value)
        index = node.slice
        if kind != _ANY or not isinstance(index, ast.Constant) or not (isinstance(index.value, str) or type(index.value) is int):
            raise Refused(_not_there(node))
        return "%s[%s]" % (of, self.of(index)[0]), _ANY

    def _list(self, node):
        return "[%s]" % ", ".join(self.bare(n)[0] for n in node.elts), _OTHER

    _tuple = _list

    def _dict(self, node):
        parts = []
        for key, value in zip(node.keys, node.values):
            if not isinstance(key, (ast.Constant, ast.Name, ast.Attribute)) or self.of(key)[1] != _TEXT:
                raise Refused(_not_there(node))
            parts.append("%s: %s" % (self.of(key)[0], self.bare(value)[0]))
        return "{%s}" % ", ".join(parts), _OTHER


def _common(node, one, other, allowed):
    """Return the type that two operands have in common, which must be one of those allowed."""
    if any(kind not in (*allowed, _ANY) for kind in (one, other)) or _ANY not in (one, other) and one != other:
        raise Refused(_not_there(node))
    return other if one == _ANY else one


def _literal(value, node):
    if value is None:
        return "nil", _NONE
    if isinstance(value, bool):
        return "true" if value else "false", _BOOL
    if isinstance(value, int) and abs(value) < 2**63:
        text = repr(int(value))
    elif isinstance(value, float) and math.isfinite(value):
        text = repr(float(value))
    elif isinstance(value, str) and value.isprintable():
        return json.dumps(value, ensure_ascii=False), _TEXT
    else:
        raise Refused("%s is a %s, not a plain constant" % (_text(node), type(value).__name__))
    return "(%s)" % text if text.startswith("-") else text, _NUMBER


def _text(node):
    try:
        return ast.unparse(node)
    except AttributeError:  # before Python 3.9
        return "a part of it"


def _not_there(node):
    return "%s is not in its language, or not the same" % _text(node)
