"""What the checks of conformity read of a portfolio. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from portfolio.rules.coverage import CoveragePiece


@dataclass(frozen=True, kw_only=True)
class DeclaredPiece(CoveragePiece):
    """A piece with what the checks need. activity: id or None. real_unanonymised: real, and still `a_faire`."""

    activity: str | None = None
    real_unanonymised: bool = False


@dataclass(frozen=True)
class DraftPiece:
    """A piece that lacks something. missing: what, in French. readable: it is handed in all the same."""

    id: str
    title: str
    missing: tuple[str, ...] = ()
    readable: bool = False


@dataclass(frozen=True)
class ActivityState:
    """An activity. tutor, teacher: a `Standing`. placed: it belongs to a period in a company. tutor_named: that period,
    if any, has a tutor.
    """

    id: str
    title: str
    context: str
    tutor: str
    teacher: str
    placed: bool = True
    tutor_named: bool = True


@dataclass(frozen=True)
class PlacementState:
    """A placement. reality: `joint`, `teacher_alone` (« chaque fois que la situation le justifie ») or `missing`."""

    id: str
    company: str
    reality: str


@dataclass(frozen=True)
class CheckedPortfolio:
    """What the checks read of a portfolio. pieces: those that can be read. class_reality: of what was done in class and
    in ateliers, as `PlacementState.reality`; None where nothing was.
    """

    pieces: tuple[DeclaredPiece, ...]
    drafts: tuple[DraftPiece, ...]
    activities: tuple[ActivityState, ...]
    placements: tuple[PlacementState, ...]
    class_reality: str | None = None
