"""How to take a control out: `patches.toml`, read."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Patch:
    """test: (path, name) of one of the row's tests, which must fail once `old` is replaced in `file`."""

    number: str
    file: str
    old: str
    new: str
    test: tuple[str, str]


def _read() -> tuple[Patch, ...]:
    told = tomllib.loads(Path(__file__).with_suffix(".toml").read_text())["patch"]
    return tuple(
        Patch(one["number"], one["file"], one["old"], one["new"], tuple(one["test"].split("::"))) for one in told
    )


PATCHES = _read()
