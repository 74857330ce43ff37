"""A docstring is the contract of its function: what it raises itself, its docstring names."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
# What every act may raise is not repeated (CONTRIBUTING.md, « Comments say why »).
OF_EVERY_ACT = {"NotFound", "Forbidden", "Stale", "MovedMeanwhile", "Unavailable", "FormExpired", "KeyReused"}
# « Raises as `x` does », « what `x` raises », « the errors of `x` », « a refusal of `x` »
ELSEWHERE = re.compile(r"\b(?:[Rr]aises as|what `|errors of|refusal of|refusals of)")


def raised(function: ast.FunctionDef) -> Iterator[str]:
    """Yields the classes that the function raises itself: not those of a function inside it, nor inside a `try`."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.FunctionDef | ast.Lambda | ast.ClassDef):
            continue
        if isinstance(node, ast.Try):
            waiting += [*node.handlers, *node.orelse, *node.finalbody]
            continue
        if isinstance(node, ast.Raise) and node.exc is not None:
            made = node.exc.func if isinstance(node.exc, ast.Call) else node.exc
            name = made.attr if isinstance(made, ast.Attribute) else getattr(made, "id", "")
            if name[:1].isupper():
                yield name
        waiting += ast.iter_child_nodes(node)


def unnamed(module: ast.Module) -> Iterator[str]:
    """Yields "function: class" for each class raised and not named; functions without a docstring promise nothing."""
    for node in ast.walk(module):
        if isinstance(node, ast.FunctionDef) and (text := ast.get_docstring(node)) and not ELSEWHERE.search(text):
            names = set(re.findall(r"\w+", text)) | OF_EVERY_ACT
            yield from (f"{node.name}: {name}" for name in sorted(set(raised(node)) - names))


def test_a_docstring_names_what_its_function_raises() -> None:
    modules = [path for top in ("api", "config", "portfolio", "web") for path in sorted((ROOT / top).rglob("*.py"))]
    faults = {str(path.relative_to(ROOT)): list(unnamed(ast.parse(path.read_text()))) for path in modules}
    assert {path: unnamed_here for path, unnamed_here in faults.items() if unnamed_here} == {}


def test_a_refusal_that_no_docstring_names_is_a_fault() -> None:
    source = '''
def close(number):
    """Closes the door. Raises NotFound without one."""
    if number < 0:
        raise Closed()
    raise NotFound()
'''
    assert list(unnamed(ast.parse(source))) == ["close: Closed"]
