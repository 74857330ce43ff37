"""The grids, the commission and the sheet of one candidate, as the model of their states holds them."""

from __future__ import annotations

from dataclasses import dataclass, field

ROWS = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")
EXPLAINED = "TI"  # a degree that needs an observation, which nobody here gives
FIRST = "follower"


@dataclass
class GridModel:
    degrees: dict[str, str] = field(default_factory=dict)
    sealed: bool = False

    @property
    def complete(self) -> bool:
        return set(self.degrees) == set(ROWS) and EXPLAINED not in self.degrees.values()


@dataclass
class CommissionModel:
    """own: none where the members sit together."""

    second: str
    own: dict[str, GridModel]
    shared: GridModel = field(default_factory=GridModel)
    state: str = "convened"
    submission: int | None = None
    admitted: bool = False
    appreciation: bool = False
    mark: str | None = None
    outcome: str | None = None
    met: bool = False

    @property
    def members(self) -> tuple[str, str]:
        return FIRST, self.second

    @property
    def opened(self) -> bool:
        return all(grid.sealed for grid in self.own.values())


@dataclass
class SheetModel:
    commission: CommissionModel
    members: tuple[str, str]
    mark: str | None
    outcome: str | None
    state: str = "draft"
    signed: list[str] = field(default_factory=list)
    released: bool = False
