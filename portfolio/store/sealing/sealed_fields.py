"""Lists the stored fields that links seal, by group: everything that decides a mark, or who may read it.

`docs/explanation/what-is-proved.md` is generated from this table; a test requires every stored field to be in it, or
left out with a reason. The names of groups are stored in links: add new ones, never rename one.
"""

from __future__ import annotations

from portfolio.store.sealing.judging import JUDGING
from portfolio.store.sealing.people import PEOPLE
from portfolio.store.sealing.portfolios import PORTFOLIOS
from portfolio.store.sealing.sealed import Sealed

EVERYWHERE = {
    "id": "nom du document, dans chacun de ses sceaux",
    "revision": "compte les changements ; les sceaux le répètent",
    "held": "compte les verrous d'un instant",
    "created_at": "le jour est celui du maillon",
}
_BY_KIND = PEOPLE | PORTFOLIOS | JUDGING
KIND = {kind._get_collection_name(): kind for kind in _BY_KIND}
SEALED: dict[str, Sealed] = {kind._get_collection_name(): rules for kind, rules in _BY_KIND.items()}
# Groups added since version 0.3, by collection: links of that version do not seal them, so `migrate` does it once.
_ADDED = {"account_changes": {"alike", "deputies"}, "companies": {"abroad"}, "commissions": {"held", "length", "way"}}
_ADDED |= {"placements": {"broken", "certificate"}, "candidacies": {"abandoned", "deadline", "sittings", "training"}}
_ADDED |= {"persons": {"feed", "amended"}, "office_outcomes": {"corrections"}, "invitations": {"address"}}
_ADDED |= {"schools": {"exams", "habilitations", "replacements", "amended"}}
_ADDED |= {"attestations": {"origin", "reused"}, "submissions": {"origin"}}
_ADDED |= {name: {"reused"} for name in ("activities", "evidence", "files")}
_ADDED |= {"juries": {"academies", "seatings"}, "sheets": {"unmasked"}}
LATER: dict[str, frozenset[str]] = {
    name: frozenset({"exam", *_ADDED.get(name, ())} & rules.groups.keys()) for name, rules in SEALED.items()
}
# Collections whose links are in the archive of a candidate: nothing there may reveal the act of another person.
OF_CANDIDATES = frozenset(
    ("portfolios", "activities", "evidence", "evidence_versions", "files", "paper_scans", "submissions")
    + ("attestations", "reality_evaluations", "placements", "certificate_files")
)
