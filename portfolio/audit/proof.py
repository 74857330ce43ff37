"""Gathers the proof of a mark for a head of school: every act on one candidate, and that nothing changed since.

Everything is checked on request: each seal of the chains, and what is stored against what they sealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from bson import ObjectId

from portfolio.audit.seal_checks import ASSESSMENT, DECIDED
from portfolio.audit.verify_chains import Fault, verify
from portfolio.audit.verify_records import confirmations, sheets_drawn, verify_stored
from portfolio.audit.verify_seals import verify_seals
from portfolio.documents import Person, Portfolio, Sheet, Submission
from portfolio.jury.decisions import published_decision
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.store.chains import has_form, is_whole
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.history import NAMELESS, SOMEBODY, sentence
from portfolio.store.journal import assessment_chain, portfolio_chain

BY_THE_JURY = (*DECIDED, EventName.OUTCOME_DECIDED, EventName.OUTCOME_CORRECTED, EventName.PROPOSALS_CONFIRMED)
ALTERED = "Ce qui est écrit ici n'est plus ce qui a été scellé."


@dataclass(frozen=True)
class SealedAct:
    """One act. chain: portfolio, assessment or jury. seq: its place there. mac: its seal, 64 hexadecimal digits."""

    chain: str
    seq: int
    at: datetime
    name: str
    sentence: str
    mac: str


@dataclass(frozen=True)
class RecordProof:
    """A proof. acts: oldest first, those of a jury only after publication. faults: empty if all is right.

    ends: the last link of each chain, in the form of `anchor`, to compare with the anchors kept elsewhere.
    """

    checked_at: datetime
    acts: tuple[SealedAct, ...]
    faults: tuple[Fault, ...]
    ends: tuple[str, ...]
    submissions: tuple[Submission, ...]
    sheets: tuple[Sheet, ...]

    @property
    def fault_lines(self) -> list[str]:
        """Returns the faults in French, one line each, as `verify` tells them to the administrator."""
        return [fault.line for fault in self.faults]


def proof(by: Actor, portfolio: Portfolio, at: datetime) -> RecordProof:
    """Returns the proof of one portfolio: every act on it, and the faults found as it is asked for, in a constant
    number of queries. Leaves out titles and marks, which no proof needs. Raises NotFound, Forbidden.
    """
    require(by, Action.READ_PROOF, portfolio)
    events, of_candidate = current().database.events, {"candidacy": portfolio.candidacy}
    own = [portfolio_chain(portfolio), assessment_chain(portfolio)]
    confirmed = list(confirmations(sheets_drawn(portfolio.candidacy)))
    links = [link for link in (*events.find({"chain": {"$in": own}}), *confirmed) if has_form(link)]
    if not published_decision(portfolio.candidacy):
        links = [link for link in links if link["name"] not in BY_THE_JURY]
    chains = {*own, *(link["chain"] for link in confirmed)}
    faults = chain(verify(chains), verify_stored(portfolio.id), verify_seals(portfolio.id))
    heads = current().database.chains.find({"_id": {"$in": own}}).sort("_id", -1)
    readable = {"$and": [scope(by, Action.READ_SHEET, Sheet), of_candidate]}
    return RecordProof(
        checked_at=at,
        acts=_acts(sorted(links, key=lambda link: (link["at"], link["chain"].startswith(ASSESSMENT), link["seq"]))),
        faults=tuple(faults),
        ends=tuple(f"{head['_id']} {head['seq']}:{head['mac']}" for head in heads),
        submissions=tuple(Submission.objects(**of_candidate).exclude("content").order_by("number")),
        sheets=tuple(Sheet.objects(__raw__=readable).exclude("content").order_by("id")),
    )


def _acts(links: list[dict[str, Any]]) -> tuple[SealedAct, ...]:
    names = _names({link["by"] for link in links})
    return tuple(
        SealedAct(
            chain=link["chain"].partition(":")[0],
            seq=link["seq"],
            at=link["at"],
            name=link["name"],
            sentence=_sentence(link, names),
            mac=link["mac"],
        )
        for link in links
    )


def _sentence(link: dict[str, Any], names: dict[str, str]) -> str:
    return sentence(link["name"], names.get(link["by"], SOMEBODY), link["data"]) if is_whole(link) else ALTERED


def _names(people: Iterable[str]) -> dict[str, str]:
    """Returns {journal name: name of the person, as the school knows it}; unknown people are absent."""
    ids = [ObjectId(person) for person in people if ObjectId.is_valid(person)]
    known = Person.objects(pk__in=ids).only("family_name", "given_names")
    return NAMELESS | {str(person.id): person.name for person in known}
