"""What a teacher may look at twice about a sign-off: facts in neutral words, no verdict. Never for the candidate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId

from portfolio.documents import Attestation, Candidacy, Person, SignIn
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may, require
from portfolio.policy.relations import Actor

# Addresses that anybody opens for themselves: usual in small agencies, and no proof of a company.
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
    "quick": "Signé {seconds} secondes après l'ouverture.",
}


@dataclass(frozen=True)
class Signal:
    code: str
    words: str


@dataclass(frozen=True)
class Signals:
    """seconds: between opening and signing, None where the way in does not tell."""

    seconds: int | None
    found: tuple[Signal, ...]


def signals(by: Actor, attestation: Attestation) -> Signals:
    """For the teachers of the candidate. Of an answer given on paper, nothing but the address."""
    require(by, Action.READ_SIGNALS, attestation)
    candidate = Candidacy.objects.only("person").get(pk=attestation.candidacy).person
    signer = Person.objects.only("email").get(pk=attestation.person)
    came = list(SignIn.objects(person=candidate, network__ne=None).only("network", "device"))
    return told(attestation, signer.email, came)


def signals_on(by: Actor, attestations: Sequence[Attestation]) -> dict[ObjectId, Signals]:
    """Of one candidate's answers, those that this person may look at twice: two queries, however many."""
    readable = [one for one in attestations if may(by, Action.READ_SIGNALS, one)]
    if not readable:
        return {}
    candidate = Candidacy.objects.only("person").get(pk=readable[0].candidacy).person
    emails = dict(Person.objects(pk__in=[one.person for one in readable]).scalar("id", "email"))
    came = list(SignIn.objects(person=candidate, network__ne=None).only("network", "device"))
    return {one.id: told(one, emails[one.person], came) for one in readable}


def told(attestation: Attestation, email: str, of_candidate: list[SignIn]) -> Signals:
    """Pure. of_candidate: where the candidate signed in from."""
    seconds, found = _seconds(attestation), []
    if attestation.device and attestation.device in {one.device for one in of_candidate}:
        found.append(_signal("same_device"))
    elif attestation.network and attestation.network in {one.network for one in of_candidate}:
        found.append(_signal("same_network"))
    domain = email.rpartition("@")[2]
    if attestation.seat == "tutor" and domain in FREE_MAIL:
        found.append(_signal("free_mail", domain=domain))
    if seconds is not None and seconds < QUICK_S:
        found.append(_signal("quick", seconds=seconds))
    return Signals(seconds, tuple(found))


def _seconds(attestation: Attestation) -> int | None:
    if attestation.opened_at is None or attestation.answered_at is None:
        return None
    return int((attestation.answered_at - attestation.opened_at).total_seconds())


def _signal(code: str, **facts: Any) -> Signal:
    return Signal(code, WORDS[code].format(**facts))
