"""Libraries that are slow to load and that few requests need: loaded when something of them is first asked for.

One place for it: an import inside a function hides what a module leans on. What is loaded so is imported for its types
alone, under TYPE_CHECKING, where tools and readers see it.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import Any

_named: list[str] = []


class _OnDemand(ModuleType):
    def __getattr__(self, name: str) -> Any:
        return getattr(import_module(self.__name__), name)


def on_demand(library: str) -> ModuleType:
    """Returns what stands for a library, by its whole name. Threads may ask at once: one of them loads it."""
    _named.append(library)
    return _OnDemand(library)


def load_all() -> None:
    """Loads them now: before a fork, so that processes share them and nobody waits. Raises ImportError."""
    for library in _named:
        import_module(library)
