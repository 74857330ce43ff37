"""Which states each function of `portfolio/` writes, read in its source.

A state is written by what is handed to `Change`, `ChangeAll` or `signed_as` under the key `state`; by a document made
with it, or with its default; by `something.state = …`; and by a dictionary that a function answers, since others hand
it on. A value that is a parameter counts for whoever hands it over. What cannot be read is answered apart (`unread`).
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from importlib import import_module
from pathlib import Path

from portfolio.boards.lifecycles import LIFECYCLES

ROOT = Path(__file__).parents[3]
VALUES_AT = {"Change": 1, "ChangeAll": 2, "signed_as": 1}
BY_NAME = {life.kind.__name__: life.kind for life in LIFECYCLES}


@dataclass
class Function:
    """name: « room.module.function ». knows: {word of its module: what it names, so written}."""

    name: str
    node: ast.FunctionDef
    knows: dict[str, str]
    writes: set[str] = field(default_factory=set)
    calls: set[str] = field(default_factory=set)

    @property
    def parameters(self) -> list[str]:
        return [one.arg for one in (*self.node.args.args, *self.node.args.kwonlyargs)]


@cache
def functions() -> dict[str, Function]:
    found: dict[str, Function] = {}
    for path in sorted((ROOT / "portfolio").rglob("*.py")):
        module = ".".join(path.relative_to(ROOT / "portfolio").with_suffix("").parts).removesuffix(".__init__")
        tree = ast.parse(path.read_text())
        knows = _imported(tree)
        own = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
        knows |= {node.name: f"{module}.{node.name}" for node in own}
        found |= {f"{module}.{node.name}": Function(f"{module}.{node.name}", node, knows) for node in own}
    for function in found.values():
        function.calls = {name for call in _calls(function.node) if (name := _called(function, call)) in found}
    return found


@cache
def written() -> tuple[dict[str, set[str]], set[str]]:
    """({function: states that it writes itself}, {functions of which a written state is unread})"""
    known, unread = functions(), set[str]()
    handed: list[tuple[str, str]] = []  # (function, parameter that becomes a state)
    for function in known.values():
        for value in _values(function):
            _take(function, value, handed, unread)
    while handed:
        name, parameter = handed.pop()
        rank = known[name].parameters.index(parameter)
        for caller in known.values():
            for call in _calls(caller.node):
                if _called(caller, call) == name:
                    _take(caller, _argument(call, rank, parameter), handed, unread)
    return {name: one.writes for name, one in known.items() if one.writes}, unread


def reached(name: str) -> set[str]:
    """What an act goes through: itself, whatever it calls, and so on."""
    known, seen, ahead = functions(), set[str](), [name]
    while ahead:
        one = ahead.pop()
        if one not in seen:
            seen.add(one)
            ahead += known[one].calls
    return seen


def _imported(tree: ast.Module) -> dict[str, str]:
    words: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("portfolio"):
            package = (node.module or "").removeprefix("portfolio").removeprefix(".")
            words |= {(one.asname or one.name): f"{package}.{one.name}".strip(".") for one in node.names}
    return words


def _calls(node: ast.AST) -> Iterator[ast.Call]:
    return (one for one in ast.walk(node) if isinstance(one, ast.Call))


def _called(function: Function, call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return function.knows.get(call.func.id, call.func.id)
    if isinstance(call.func, ast.Attribute) and isinstance(call.func.value, ast.Name):
        return f"{function.knows.get(call.func.value.id, '')}.{call.func.attr}"
    return ""


def _argument(call: ast.Call, rank: int, name: str) -> ast.expr | None:
    named = next((one.value for one in call.keywords if one.arg == name), None)
    return named or (call.args[rank] if rank < len(call.args) else None)


def _take(
    function: Function, value: ast.expr | None, handed: list[tuple[str, str]], unread: set[str], depth: int = 0
) -> None:
    if isinstance(value, ast.Constant) and isinstance(value.value, str):
        function.writes.add(value.value)
    elif isinstance(value, ast.Attribute) and (state := _member(function, value)) is not None:
        function.writes.add(state)
    elif isinstance(value, ast.IfExp):
        _take(function, value.body, handed, unread)
        _take(function, value.orelse, handed, unread)
    elif isinstance(value, ast.Attribute) and value.attr == "state":
        pass  # as it was
    elif isinstance(value, ast.Name) and (assigned := _assigned(function, value.id)) and depth < 5:
        for one in assigned:
            _take(function, one, handed, unread, depth + 1)
    elif isinstance(value, ast.Name) and value.id in function.parameters:
        if (function.name, value.id) not in handed:
            handed.append((function.name, value.id))
    elif value is not None and not isinstance(value, ast.Dict):  # a dictionary is a question: {"$ne": …}
        unread.add(function.name)


def _member(function: Function, value: ast.Attribute) -> str | None:
    """Returns the state that `PieceState.READY` names; None if it is no member of an enum of documents."""
    module, _, name = function.knows.get(ast.unparse(value.value), "").rpartition(".")
    if not module.startswith("documents."):
        return None
    return str(getattr(import_module(f"portfolio.{module}"), name)[value.attr])


def _assigned(function: Function, name: str) -> list[ast.expr]:
    return [
        one.value
        for one in ast.walk(function.node)
        if isinstance(one, ast.Assign) and any(isinstance(to, ast.Name) and to.id == name for to in one.targets)
    ]


def _values(function: Function) -> Iterator[ast.expr]:
    """The expressions that become a state."""
    asked = {
        id(one)
        for call in _calls(function.node)
        if _called(function, call).endswith(("require", "permissions.may"))
        for one in _calls(call)
    }
    handed_on: list[ast.expr | None] = []
    for node in ast.walk(function.node):
        if isinstance(node, ast.Assign):
            for to in node.targets:
                if isinstance(to, ast.Attribute) and to.attr == "state":
                    yield node.value
        elif isinstance(node, ast.Return):
            handed_on.append(node.value)
        elif isinstance(node, ast.Call):
            word = _called(function, node).rpartition(".")[2]
            if word in VALUES_AT:
                handed_on.append(_argument(node, VALUES_AT[word], "values"))
            elif word in BY_NAME and id(node) not in asked and _called(function, node).startswith("documents"):
                yield from _made_with(node, BY_NAME[word])
    for value in handed_on:
        yield from _under_state(function, value)


def _made_with(call: ast.Call, kind: type) -> Iterator[ast.expr]:
    said = next((one.value for one in call.keywords if one.arg == "state"), None)
    default = kind._fields["state"].default if "state" in kind._fields else None  # type: ignore[attr-defined]
    if said is not None:
        yield said
    elif default is not None:
        yield ast.Constant(default)


def _under_state(
    function: Function, value: ast.expr | None, followed: frozenset[str] = frozenset()
) -> Iterator[ast.expr]:
    """Under the key `state` of a dictionary, of one that was given a name, or of several that are joined.

    followed: names on the way here, one of which may be joined to itself.
    """
    if isinstance(value, ast.Dict):
        for key, one in zip(value.keys, value.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "state":
                yield one
    elif isinstance(value, ast.BinOp):
        yield from _under_state(function, value.left, followed)
        yield from _under_state(function, value.right, followed)
    elif isinstance(value, ast.Name) and value.id not in followed:
        for one in _assigned(function, value.id):
            if isinstance(one, ast.Dict | ast.BinOp):
                yield from _under_state(function, one, followed | {value.id})
        yield from _set_by_key(function, value.id)


def _set_by_key(function: Function, name: str) -> Iterator[ast.expr]:
    """`name["state"] = …`"""
    for node in ast.walk(function.node):
        if isinstance(node, ast.Assign):
            for to in node.targets:
                if isinstance(to, ast.Subscript) and ast.unparse(to) == f"{name}['state']":
                    yield node.value
