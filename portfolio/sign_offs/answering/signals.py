"""Tells a teacher what to look at twice about a sign-off: facts in neutral words, no verdict. Never shown to the
candidate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from bson import ObjectId

from portfolio.counting import many
from portfolio.documents import Attestation, Candidacy, Person, SignIn
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor
from portfolio.rules.terms import SignOffSeat

# Free addresses: usual in small agencies, and no proof of a company.
FREE_MAIL = frozenset(
    {
        *("gmail.com", "googlemail.com", "yahoo.com", "yahoo.fr", "ymail.com", "outlook.com", "outlook.fr"),
        *("hotmail.com", "hotmail.fr", "live.com", "live.fr", "msn.com", "icloud.com", "me.com", "mac.com"),
        *("orange.fr", "wanadoo.fr", "free.fr", "sfr.fr", "neuf.fr", "laposte.net", "bbox.fr", "aol.com"),
        *("gmx.fr", "gmx.com", "proton.me", "protonmail.com"),
    }
)
QUICK_S = 20
WORDS = {
    "same_device": "Réponse venue du même navigateur et du même réseau que le candidat.",
    "same_network": "Réponse venue du même réseau que le candidat : courant en entreprise ou au lycée.",
    "free_mail": "Adresse de messagerie personnelle ({domain}) : courant dans les petites agences.",
    "quick": "Signé {after} après l'ouverture.",
}


@dataclass(frozen=True)
class Signal:
    code: str
    words: str


@dataclass(frozen=True)
class Signals:
    """seconds: between opening and signing; None if the sign-in does not tell."""

    seconds: int | None
    found: tuple[Signal, ...]


def signals(by: Actor, attestation: Attestation) -> Signals:
    """Returns the signals on one answer, for the teachers who may check it; on one given on paper, the address alone.
    Raises NotFound, Forbidden.
    """
    require(by, Action.READ_SIGNALS, attestation)
    candidate = Candidacy.objects.only("person").get(pk=attestation.candidacy).person
    signer = Person.objects.only("email").get(pk=attestation.person)
    came = list(SignIn.objects(person=candidate, network__ne=None).only("network", "device"))
    return signals_from(attestation, signer.email, came)


def signals_on(by: Actor, attestations: Sequence[Attestation]) -> dict[ObjectId, Signals]:
    """Returns {attestation id: its signals} for those answers of one candidate that the caller may check; others are
    absent. Three queries.
    """
    readable = [attestation for attestation in attestations if may(by, Action.READ_SIGNALS, attestation)]
    if not readable:
        return {}
    candidate = Candidacy.objects.only("person").get(pk=readable[0].candidacy).person
    emails = dict(Person.objects(pk__in=[attestation.person for attestation in readable]).scalar("id", "email"))
    came = list(SignIn.objects(person=candidate, network__ne=None).only("network", "device"))
    return {attestation.id: signals_from(attestation, emails[attestation.person], came) for attestation in readable}


def signals_from(attestation: Attestation, email: str | None, of_candidate: list[SignIn]) -> Signals:
    """Returns the signals on one answer; pure. email: the signer's, None if they have none. of_candidate: the
    candidate's own sign-ins.
    """
    seconds, signals = _seconds(attestation), []
    if attestation.device and attestation.device in {sign_in.device for sign_in in of_candidate}:
        signals.append(_signal("same_device"))
    elif attestation.network and attestation.network in {sign_in.network for sign_in in of_candidate}:
        signals.append(_signal("same_network"))
    domain = (email or "").rpartition("@")[2]
    if attestation.seat == SignOffSeat.TUTOR and domain in FREE_MAIL:
        signals.append(_signal("free_mail", domain=domain))
    if seconds is not None and seconds < QUICK_S:
        signals.append(_signal("quick", after=many(seconds, "seconde")))
    return Signals(seconds, tuple(signals))


def _seconds(attestation: Attestation) -> int | None:
    if attestation.opened_at is None or attestation.answered_at is None:
        return None
    return int((attestation.answered_at - attestation.opened_at).total_seconds())


def _signal(code: str, **facts: str | int) -> Signal:
    return Signal(code, WORDS[code].format(**facts))
