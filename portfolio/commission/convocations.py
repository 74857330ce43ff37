"""Convocations of commissions on paper: PDF/A, one page per sitting member, for the head of the school to sign.

The candidate is not convened: no oral is defined for E5 in CCF, the commission appraises the portfolio (arrêté du 13
février 2017, annexe II D, E5). The pages are for the members only.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict
from zoneinfo import ZoneInfo

from portfolio.documents import Academy, Candidacy, Commission, School
from portfolio.documents.commissions import CommissionState, Seat
from portfolio.documents.fields import by_id
from portfolio.errors import NotNow, RuleSource
from portfolio.identifiers import is_rehearsal, numbered
from portfolio.papers.typeset import TEMPLATES, each, typeset, wrapping
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import MemberQuality
from portfolio.rules.texts.exam import exam
from portfolio.store.canonical_json import canonical

SCHEMA = "portfolio-e5/convocations/1"
TEMPLATE = TEMPLATES / "convocation.typ"
AT_ONCE = 200
QUALITIES = {
    MemberQuality.FOLLOWER: "professeur chargé du suivi du candidat",
    MemberQuality.TUTOR: "tuteur de l'entreprise d'accueil",
    MemberQuality.SECOND_PROFESSOR: (
        "deuxième professeur chargé des enseignements professionnels, en l'absence du tuteur"
    ),
}
DAYS = ("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
FOOTER = (
    "{exams} (contrôle en cours de formation). Document à l'usage des membres de la commission : la note proposée "
    "n'est pas communiquée au candidat."
)


class Member(TypedDict):
    name: str
    quality: MemberQuality


class Convocation(TypedDict):
    """One page. exam: its code. others: the other sitting members. meets_at: ISO, in the academy's zone. academy: its
    name.
    """

    commission: str
    exam: str
    session: str
    member: Member
    others: list[Member]
    candidate: dict[str, str]
    meets_at: str
    place: str
    school: dict[str, str]
    academy: str


class Convocations(TypedDict):
    """The data attached to the paper. fictional: whether the session is a rehearsal."""

    schema: str
    fictional: bool
    convocations: list[Convocation]


class NothingToConvene(NotNow):
    code = "nothing_to_convene"
    source = RuleSource.LIMIT
    detail = "Aucune commission convoquée ici : il n'y a pas de convocation à imprimer."


class TooManyConvocations(NotNow):
    code = "too_many_convocations"
    source = RuleSource.LIMIT
    detail = "Plus de {most} commissions à la fois : imprimez-les classe par classe."


def convocations_pdf(by: Actor, commissions: Sequence[Commission], day: date) -> bytes:
    """Returns the PDF of one page for each member of these commissions, dated `day`, for an actor who may change them.
    Raises NotFound, Forbidden, NothingToConvene, TooManyConvocations.
    """
    return render(content(by, commissions), day)


def content(by: Actor, commissions: Sequence[Commission]) -> Convocations:
    """Returns the data of the pages, in the order of the commissions; cancelled ones are left out. Four queries. Raises
    NotFound, Forbidden, NothingToConvene if none is left, TooManyConvocations beyond AT_ONCE.
    """
    for commission in commissions:
        require(by, Action.CHANGE_COMMISSION, commission)
    held = [commission for commission in commissions if commission.state == CommissionState.CONVENED]
    if not held:
        raise NothingToConvene()
    if len(held) > AT_ONCE:
        raise TooManyConvocations(most=AT_ONCE)
    candidates = by_id(Candidacy, (commission.candidacy for commission in held))
    schools = by_id(School, (commission.school for commission in held))
    codes = {commission.academy for commission in held}
    academies = {academy.code: academy for academy in Academy.objects(code__in=codes)}
    return {
        "schema": SCHEMA,
        "fictional": any(is_rehearsal(commission.session) for commission in held),
        "convocations": [
            _convocation(
                commission,
                seat,
                candidates[commission.candidacy],
                schools[commission.school],
                academies[commission.academy],
            )
            for commission in held
            for seat in commission.seats
            if seat.left_at is None
        ],
    }


def _convocation(
    commission: Commission, seat: Seat, candidate: Candidacy, school: School, academy: Academy
) -> Convocation:
    return {
        "commission": str(commission.id),
        "exam": commission.exam,
        "session": commission.session,
        "member": {"name": seat.name, "quality": seat.quality},
        "others": [
            {"name": other.name, "quality": other.quality}
            for other in commission.seats
            if other.left_at is None and other.person != seat.person
        ],
        "candidate": {"name": candidate.display_name, "number": candidate.candidate_number or ""},
        "meets_at": commission.meets_at.astimezone(ZoneInfo(academy.timezone)).isoformat(),
        "place": commission.place,
        "school": {"name": school.name, "city": school.city, "uai": school.uai},
        "academy": academy.name,
    }


# --- on paper -----------------------------------------------------------------------------------


def render(content: Convocations, day: date) -> bytes:
    """Returns the PDF of these pages. day: printed as the date of the paper, and its date inside the file; the same
    arguments give the same bytes.
    """
    convened_for = [exam(code) for code in sorted({page["exam"] for page in content["convocations"]})]
    in_full = " et ".join(known.in_full for known in convened_for)
    view = {
        "title": f"Convocations à la commission d'évaluation {' et '.join(known.name for known in convened_for)}",
        "fictional": content["fictional"],
        "footer": FOOTER.format(exams=in_full[:1].upper() + in_full[1:]),
        "pages": [_in_words(convocation) for convocation in content["convocations"]],
    }
    words: dict[str, object] = json.loads(json.dumps(each(view, wrapping)))
    return typeset(TEMPLATE, words, canonical(content), day)


def _in_words(convocation: Convocation) -> dict[str, object]:
    when = datetime.fromisoformat(convocation["meets_at"])
    school, member = convocation["school"], convocation["member"]
    others = "\n".join(f"{other['name']}, {QUALITIES[other['quality']]}" for other in convocation["others"])
    return {
        "school": f"{school['name']}\n{school['city']}",
        "academy": f"Académie : {convocation['academy']} – UAI {school['uai']}",
        "to": f"{member['name']}\n{QUALITIES[member['quality']]}",
        "heading": "Convocation",
        "opening": (
            f"Vous êtes convoqué(e) à la commission d'évaluation de l'{exam(convocation['exam']).in_full}, "
            f"session {convocation['session']}, comme {QUALITIES[member['quality']]}."
        ),
        "facts": [
            ["Date", f"{DAYS[when.weekday()]} {when:%d/%m/%Y} à {when:%H} h {when:%M}"],
            ["Lieu", convocation["place"]],
            ["Candidat", f"{convocation['candidate']['name']}, {numbered(convocation['candidate']['number'])}"],
            ["Avec vous", others],
        ],
        "said": [
            "La commission apprécie le portfolio remis et établit la fiche d'évaluation, que ses deux membres "
            "signent ; l'arrêté ne prévoit pas qu'elle entende le candidat.",
            "Empêché(e) ? Prévenez au plus tôt l'établissement, qui vous fera remplacer.",
        ],
        "signed": "Le chef d'établissement",
    }
