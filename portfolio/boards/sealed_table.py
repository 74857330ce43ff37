"""Draws the table of sealed fields for `docs/explanation/what-is-proved.md`."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.store.sealing.sealed import Sealed
from portfolio.store.sealing.sealed_fields import EVERYWHERE, SEALED

# {collection: why no seal covers it}
NOT_SEALED = {
    "feedback": "conseils formatifs : ils ne certifient rien",
    "proposed_placements": "périodes proposées : ce qui en est accepté a ses propres sceaux",
    "list_imports": "ce que des listes ont enregistré : chaque ligne a ses propres sceaux",
    "roster_imports": "listes lues : ce qui en est inscrit a ses propres sceaux",
    "events": "les maillons eux-mêmes, chacun sous son sceau",
    "chains": "les têtes, que chaque vérification recalcule",
    "outbox": "courriels et travaux en attente",
    "turns": "travaux de l'horloge, d'un tour à l'autre",
    "asked_ways": "demandes d'un visiteur, gardées un mois : ce qu'elles ouvrent a ses propres sceaux",
    "attempts": "compte des tentatives, une heure au plus",
    "unsent": "formulaires interrompus, un jour",
    "request_keys": "clés de requêtes, deux jours",
    "drafts": "saisies en cours, jamais lues comme faites",
    "presences": "qui a une page ouverte",
    "printed_dossiers": "dossiers à imprimer, gardés un jour ; qui les demande et les ouvre est au journal",
    "unpackings": "archives déballées : chaque preuve qui en est faite a ses propres sceaux",
    "anchors": "ancrages : tenus par leur racine, leur maillon et ce qui est gardé dehors",
    "anchored_heads": "têtes ancrées : tenues par la racine du jour",
    "digested_objects": "note d'une lecture, sous un sceau à elle",
}


def sealed_as_markdown() -> str:
    """Returns the table of what links seal, in Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "| stored | sealed, group by group | left out, and why |"
    yield "| --- | --- | --- |"
    for collection, rules in SEALED.items():
        yield f"| `{collection}` | {_groups(rules)} | {_left_out(rules.left_out)} |"
    yield f"| everywhere | | {_left_out(EVERYWHERE)} |"
    for collection, why in NOT_SEALED.items():
        yield f"| `{collection}` | | all of it: {why} |"


def _groups(rules: Sealed) -> str:
    groups = [f"{words}: {', '.join(f'`{name}`' for name in fields)}" for words, fields in rules.groups.values()]
    return "<br>".join(groups)


def _left_out(left_out: dict[str, str]) -> str:
    reasons = dict.fromkeys(left_out.values())
    names = {why: ", ".join(f"`{name}`" for name, reason in left_out.items() if reason == why) for why in reasons}
    return "<br>".join(f"{names[why]}: {why}" for why in reasons)
