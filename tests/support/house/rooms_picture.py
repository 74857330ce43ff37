"""The rooms of `portfolio/` as a picture, drawn from the contract: `python -m tests.support.house.rooms_picture`."""

from __future__ import annotations

import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[3]


def layers_of(container: str) -> list[str]:
    """From the last room to the first, as the contract has them."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    (found,) = (one["layers"] for one in contracts if one.get("containers") == [container])
    return list(found)


def picture() -> str:
    """One box a layer, the first room on top; each arrow leads up to what the box leans on."""
    floors = list(reversed(layers_of("portfolio")))
    lines = ["flowchart BT"]
    for name in floors:
        if (ROOT / "portfolio" / name).is_dir():
            lines.append(f'    {name}["{name}/"]')
        else:
            lines.append(f'    {_key(name)}(["{name.replace(" : ", ", ")}"])')
    lines += [f"    {_key(above)} --> {_key(below)}" for below, above in zip(floors, floors[1:], strict=False)]
    return "\n".join(lines)


def _key(layer: str) -> str:
    return layer.partition(" ")[0]


if __name__ == "__main__":
    sys.stdout.write(f"{picture()}\n")
