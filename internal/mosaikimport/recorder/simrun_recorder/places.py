"""Where in the script something is said, and what it is called there."""

import ast
import contextlib
import os
import sys

script = ""  # absolute path
_ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep
_names = []  # (first line, last line, name, whether it is that of the children)
_loops = []  # (first line, last line)
_worlds = []  # (line where one is made, {"if" it is in: which branch})
_pinned = None  # what here() returns
guarded = False  # whether the script can be imported without running it


def begin(path):
    """Read the script, to know its variables."""
    global script, guarded
    script = path
    try:
        with open(path, "rb") as f:
            tree = ast.parse(f.read())
    except (OSError, SyntaxError, ValueError):
        return  # running it will say so
    guarded = any(isinstance(node, ast.If) and "__name__" in ast.dump(node.test) for node in tree.body)
    _find_worlds(tree, {})
    for node in ast.walk(tree):
        if isinstance(node, (ast.For, ast.AsyncFor, ast.While)):
            _loops.append((node.lineno, node.end_lineno))
        targets = node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AnnAssign) else []
        if len(targets) != 1 or node.value is None:
            continue
        target, value = targets[0], node.value
        name = target.id if isinstance(target, ast.Name) else target.attr if isinstance(target, ast.Attribute) else ""
        if isinstance(value, ast.Await):
            value = value.value
        children = isinstance(value, ast.Attribute) and value.attr == "children"
        if name and (children or isinstance(value, (ast.Call, ast.ListComp, ast.List))):
            _names.append((node.lineno, node.end_lineno, name, children))


def _find_worlds(node, branches):
    if isinstance(node, ast.Call):
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in ("World", "AsyncWorld"):
            _worlds.append((node.lineno, branches))
    for field, value in ast.iter_fields(node):
        inside = {**branches, node: field} if isinstance(node, ast.If) else branches
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                _find_worlds(child, inside)


def other_worlds(place):
    """Return the lines of the script where it makes other Worlds than at a place, but for those of another branch of an if."""
    filename, line = place
    mine = [branches for at, branches in _worlds if at == line]
    if filename != script or not mine:
        return []
    return sorted({at for at, of in _worlds if at != line and not any(mine[0].get(i, branch) != branch for i, branch in of.items())})


def is_ours(filename):
    return os.path.abspath(filename).startswith(_ours)


@contextlib.contextmanager
def pinned(place):
    """Have here() return a place where something was said before."""
    global _pinned
    _pinned = place
    try:
        yield
    finally:
        _pinned = None


def here():
    """Return the file and the line that is being run: of the script, or of what it calls."""
    if _pinned:
        return _pinned
    frame, found = sys._getframe(1), None
    while frame is not None:
        filename = frame.f_code.co_filename
        if not is_ours(filename) and not filename.startswith("<"):
            if filename == script:
                return filename, frame.f_lineno
            found = found or (filename, frame.f_lineno)
        frame = frame.f_back
    return found or (script, 0)


def repeats():
    """Report whether the script is in a loop."""
    frame = sys._getframe(1)
    while frame is not None:
        if frame.f_code.co_filename == script and any(first <= frame.f_lineno <= last for first, last in _loops):
            return True
        frame = frame.f_back
    return False


def variable(place):
    """Return what the script assigns to at a place: its name, and whether that is of the children of what is made there."""
    filename, line = place
    best = None
    for first, last, name, children in _names if filename == script else ():
        if first <= line <= last and (best is None or last - first < best[0]):
            best = (last - first, name, children)
    return (best[1], best[2]) if best else ("", False)
