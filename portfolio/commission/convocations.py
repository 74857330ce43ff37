"""Convocations of commissions on paper: one page for each sitting member, PDF/A, for the head of the school to sign.

The candidate is convened to nothing: no oral is defined for E5 in CCF, the commission appraises the portfolio (arrêté
du 13 février 2017, annexe II D, E5). These pages are for the members alone.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from portfolio.documents import Academy, Candidacy, Commission, School
from portfolio.errors import NotNow
from portfolio.identifiers import is_rehearsal
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.store.canonical_json import canonical

SCHEMA = "portfolio-e5/convocations/1"
TEMPLATE = TEMPLATES / "convocation.typ"
AT_ONCE = 200
QUALITIES = {
    "follower": "professeur chargé du suivi du candidat",
    "tutor": "tuteur de l'entreprise d'accueil",
    "second_professor": "deuxième professeur chargé des enseignements professionnels, en l'absence du tuteur",
}
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
FOOTER = (
    "BTS Assurance, épreuve E5 (contrôle en cours de formation). Document à l'usage des membres de la commission : "
    "la note proposée n'est pas communiquée au candidat."
)


class NothingToConvene(NotNow):
    code = "nothing_to_convene"
    detail = "Aucune commission convoquée ici : il n'y a pas de convocation à imprimer."


class TooManyConvocations(NotNow):
    code = "too_many_convocations"
    detail = "Plus de {most} commissions à la fois : imprimez-les classe par classe."


def convocations_pdf(by: Actor, commissions: Sequence[Commission], day: date) -> bytes:
    """For whoever may change these commissions. Raises NothingToConvene, TooManyConvocations."""
    return render(content(by, commissions), day)


def content(by: Actor, commissions: Sequence[Commission]) -> dict[str, Any]:
    """Plain data in JSON's types, in the order of the commissions. Four commands."""
    for one in commissions:
        require(by, Action.CHANGE_COMMISSION, one)
    held = [one for one in commissions if one.state == "convened"]
    if not held:
        raise NothingToConvene()
    if len(held) > AT_ONCE:
        raise TooManyConvocations(most=AT_ONCE)
    candidates = _by_id(Candidacy, (one.candidacy for one in held))
    schools = _by_id(School, (one.school for one in held))
    academies = {one.code: one for one in Academy.objects(code__in={one.academy for one in held})}
    return {
        "schema": SCHEMA,
        "fictional": any(is_rehearsal(one.session) for one in held),
        "convocations": [
            _convocation(one, seat, candidates[one.candidacy], schools[one.school], academies[one.academy])
            for one in held
            for seat in one.seats
            if seat.left_at is None
        ],
    }


def _by_id(kind: Any, ids: Iterable[Any]) -> dict[Any, Any]:
    return {one.id: one for one in kind.objects(pk__in=set(ids))}


def _convocation(
    commission: Commission, seat: Any, candidate: Candidacy, school: School, academy: Academy
) -> dict[str, Any]:
    return {
        "commission": str(commission.id),
        "session": commission.session,
        "member": {"name": seat.name, "quality": seat.quality},
        "others": [
            {"name": one.name, "quality": one.quality}
            for one in commission.seats
            if one.left_at is None and one.person != seat.person
        ],
        "candidate": {"name": candidate.display_name, "number": candidate.candidate_number},
        "meets_at": commission.meets_at.astimezone(ZoneInfo(academy.timezone)).isoformat(),
        "place": commission.place,
        "school": {"name": school.name, "city": school.city, "uai": school.uai},
        "academy": academy.name,
    }


# --- on paper -----------------------------------------------------------------------------------


def render(content: dict[str, Any], day: date) -> bytes:
    view = {
        "title": "Convocations à la commission d'évaluation E5",
        "fictional": content["fictional"],
        "footer": FOOTER,
        "pages": [_in_words(one) for one in content["convocations"]],
    }
    words: dict[str, Any] = json.loads(json.dumps(each(view, wrapping)))
    return typeset(TEMPLATE, words, canonical(content), day)


def _in_words(one: dict[str, Any]) -> dict[str, Any]:
    when = datetime.fromisoformat(one["meets_at"])
    school, member = one["school"], one["member"]
    others = "\n".join(f"{other['name']}, {QUALITIES[other['quality']]}" for other in one["others"])
    return {
        "school": f"{school['name']}\n{school['city']}",
        "academy": f"Académie : {one['academy']} – UAI {school['uai']}",
        "to": f"{member['name']}\n{QUALITIES[member['quality']]}",
        "heading": "Convocation",
        "opening": (
            "Vous êtes convoqué(e) à la commission d'évaluation de l'épreuve E5 du BTS Assurance, "
            f"session {one['session']}, comme {QUALITIES[member['quality']]}."
        ),
        "facts": [
            ["Date", f"{DAYS[when.weekday()]} {when:%d/%m/%Y} à {when:%H} h {when:%M}"],
            ["Lieu", one["place"]],
            ["Candidat", f"{one['candidate']['name']}, n° {one['candidate']['number']}"],
            ["Avec vous", others],
        ],
        "said": [
            "La commission apprécie le portfolio remis : le candidat n'est pas entendu. Elle établit la fiche "
            "d'évaluation, que ses deux membres signent.",
            "Empêché(e) ? Prévenez au plus tôt l'établissement, qui vous fera remplacer.",
        ],
        "signed": "Le chef d'établissement",
    }
