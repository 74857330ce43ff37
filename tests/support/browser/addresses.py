"""The addresses of a candidate in the pages."""

from __future__ import annotations

from portfolio.documents import Evidence
from tests.support.worlds.world import World


def of(world: World, *more: str) -> str:
    return "/".join((f"/portfolio/{world.candidacy.id}", *more))


def pages_of(world: World, piece: Evidence) -> list[str]:
    paths = ["/portfolio", of(world), *(of(world, name) for name in ("preuves", "couverture", "activites", "remise"))]
    paths += [of(world, name) for name in ("historique", "resultat", "preuves/sans-fichier", "activites/nouvelle")]
    paths += [f"/portfolio/preuve/{piece.id}{more}" for more in ("", "/competences", "/versions")]
    return [*paths, f"/portfolio/activite/{world.activity.id}"]
