"""Blank grids on paper, for a meeting without network: one per commission, with the code by which it is keyed later.

What was written by hand is keyed by a member on the pages of the commission, then read again by both: each signs the
digest of what was keyed.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import date
from typing import TypedDict
from zoneinfo import ZoneInfo

from bson import ObjectId

from portfolio.commission.meeting import seats
from portfolio.documents import Academy, Candidacy, Commission, School
from portfolio.documents.commissions import CommissionState
from portfolio.documents.fields import by_id
from portfolio.enrolment.pinned import circular_of, referential_of
from portfolio.errors import NotNow, RuleSource
from portfolio.identifiers import is_rehearsal, numbered
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.exam import exam
from portfolio.store.canonical_json import canonical

SCHEMA = "portfolio-e5/blank-grids/1"
TEMPLATE = TEMPLATES / "grille.typ"
AT_ONCE = 200
LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # of Crockford: none is read as another
READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1", " ": None, "-": None})
LENGTH = 8
PROVISIONAL = "Modèle provisoire : lignes, degrés et pas de la note ne viennent d'aucune circulaire."
FOOTER = (
    "À l'usage exclusif de la commission. Les degrés et la note ne sont pas communiqués au candidat. "
    "À saisir ensuite sur le service, par son code, puis à relire par les deux membres, qui signent."
)


class NoGridToPrint(NotNow):
    code = "no_grid_to_print"
    source = RuleSource.LIMIT
    detail = "Aucune commission convoquée ici : il n'y a pas de grille à imprimer."


class TooManyGrids(NotNow):
    code = "too_many_grids"
    source = RuleSource.LIMIT
    detail = "Plus de {most} grilles à la fois : imprimez-les classe par classe."


class BlankGrid(TypedDict):
    """One grid. title: of its exam. members: name and quality of each. rows: code and wording. scale: code and label of
    each degree.
    """

    code: str
    title: str
    commission: str
    candidate: str
    facts: list[tuple[str, str]]
    members: list[tuple[str, str]]
    rows: list[tuple[str, str]]
    scale: list[tuple[str, str]]
    out_of: str
    notice: str


class BlankGrids(TypedDict):
    """The data attached to the paper. fictional: whether a session is a rehearsal."""

    schema: str
    fictional: bool
    grids: list[BlankGrid]


def code_of(commission: ObjectId) -> str:
    """Returns the code of a commission's blank grid: eight letters and digits, « 7F2K-9QXB ». It opens nothing."""
    number = int.from_bytes(hashlib.sha256(commission.binary).digest()[: LENGTH * 5 // 8])
    letters = "".join(LETTERS[number >> 5 * place & 31] for place in reversed(range(LENGTH)))
    return f"{letters[:4]}-{letters[4:]}"


def commission_of_code(by: Actor, typed: str) -> ObjectId | None:
    """Returns the commission whose grid has this code, among those on which the person sits; None otherwise. typed: in
    any case, with or without its dash.
    """
    sought = typed.upper().translate(READ_AS)
    codes = {code_of(commission).replace("-", ""): commission for commission, _ in by.seats}
    return codes.get(sought)


def blank_grids_pdf(by: Actor, commissions: Sequence[Commission], day: date) -> bytes:
    """Returns the PDF of one grid for each of these commissions, dated `day`; cancelled ones are left out. Raises
    NotFound, NoGridToPrint if none is left, TooManyGrids beyond AT_ONCE.
    """
    for commission in commissions:
        require(by, Action.READ_COMMISSION, commission)
    convened = [commission for commission in commissions if commission.state == CommissionState.CONVENED]
    if not convened:
        raise NoGridToPrint()
    if len(convened) > AT_ONCE:
        raise TooManyGrids(most=AT_ONCE)
    content: BlankGrids = {
        "schema": SCHEMA,
        "fictional": any(is_rehearsal(commission.session) for commission in convened),
        "grids": list(_grids(convened)),
    }
    names = " et ".join(sorted({exam(commission.exam).name for commission in convened}))
    view = {"title": f"Grilles d'évaluation {names}, à remplir à la main", "footer": FOOTER, **content}
    words: dict[str, object] = each(view, wrapping)
    return typeset(TEMPLATE, words, canonical(content), day)


def _grids(commissions: Sequence[Commission]) -> Iterable[BlankGrid]:
    candidates = by_id(Candidacy, (held.candidacy for held in commissions))
    schools = by_id(School, (held.school for held in commissions))
    academies = Academy.objects(code__in={held.academy for held in commissions})
    zones = {academy.code: ZoneInfo(academy.timezone) for academy in academies}
    for held in commissions:
        yield blank_grid(held, candidates[held.candidacy], schools[held.school], zones[held.academy])


def blank_grid(commission: Commission, candidate: Candidacy, school: School, zone: ZoneInfo) -> BlankGrid:
    """Returns the words of one blank grid, under the circular of its candidate. zone: the academy's."""
    rules, official = circular_of(candidate), referential_of(candidate)
    convened = commission.meets_at.astimezone(zone)
    return {
        "code": code_of(commission.id),
        "title": f"Grille d'évaluation {exam(commission.exam).name}",
        "commission": str(commission.id),
        "candidate": f"{candidate.display_name}, {numbered(candidate.candidate_number or '')}",
        "facts": [
            ("Établissement", f"{school.name}, {school.city}"),
            ("Session", commission.session),
            ("Convoquée", f"le {convened:%d/%m/%Y à %H h %M}, {commission.place}"),
        ],
        "members": [(seat.name, rules.sheet.qualities[seat.quality]) for seat in seats(commission)],
        "rows": [(code, official.wording(code)) for code in rules.grid.rows],
        "scale": [(degree.code, degree.label) for degree in (*rules.grid.scale, rules.grid.not_evaluated)],
        "out_of": f"{rules.mark.maximum:f}",
        "notice": PROVISIONAL if rules.provisional else "",
    }
