"""What a head of school shows who answers for a mark: every act on one candidate, and that nothing was changed since.

All of it is checked when it is asked for: each seal of its chains, and what is stored against what they sealed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import Any

from bson import ObjectId

from portfolio.audit.seal_checks import ASSESSMENT, DECIDED
from portfolio.audit.verify_chains import verify
from portfolio.audit.verify_records import confirmations, sheets_drawn, verify_stored
from portfolio.audit.verify_seals import verify_seals
from portfolio.documents import Person, Portfolio, Result, Sheet, Submission
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require, scope
from portfolio.policy.relations import Actor
from portfolio.store.chains import has_form, is_whole
from portfolio.store.connections import current
from portfolio.store.history import SOMEBODY, sentence
from portfolio.store.journal import assessment_chain, portfolio_chain

ALTERED = "Ce qui est écrit ici n'est plus ce qui a été scellé."


@dataclass(frozen=True)
class SealedAct:
    """chain: portfolio | assessment | jury. seq: its place there. mac: its seal, 64 hexadecimal digits."""

    chain: str
    seq: int
    at: datetime
    name: str
    sentence: str
    mac: str


@dataclass(frozen=True)
class Proof:
    """acts: oldest first, a jury's once its results are published. faults: in French; none where all of it holds.

    ends: the last link of each chain, as `anchor` writes it, to be held against the anchors kept elsewhere.
    """

    checked_at: datetime
    acts: tuple[SealedAct, ...]
    faults: tuple[str, ...]
    ends: tuple[str, ...]
    submissions: tuple[Submission, ...]
    sheets: tuple[Sheet, ...]


def proof(by: Actor, portfolio: Portfolio, at: datetime) -> Proof:
    """In a constant number of queries. Titles and marks are left out: who proves the acts need not read the works."""
    require(by, Action.READ_PROOF, portfolio)
    events, of_candidate = current().database.events, {"candidacy": portfolio.candidacy}
    own = [portfolio_chain(portfolio), assessment_chain(portfolio)]
    confirmed = list(confirmations(sheets_drawn(portfolio.candidacy)))
    links = [link for link in (*events.find({"chain": {"$in": own}}), *confirmed) if has_form(link)]
    if not Result.objects(**of_candidate, published=True).first():
        links = [link for link in links if link["name"] not in (*DECIDED, "proposals_confirmed")]
    chains = {*own, *(link["chain"] for link in confirmed)}
    faults = chain(verify(chains), verify_stored(portfolio.id), verify_seals(portfolio.id))
    heads = current().database.chains.find({"_id": {"$in": own}}).sort("_id", -1)
    readable = {"$and": [scope(by, Action.READ_SHEET, Sheet), of_candidate]}
    return Proof(
        checked_at=at,
        acts=_acts(sorted(links, key=lambda link: (link["at"], link["chain"].startswith(ASSESSMENT), link["seq"]))),
        faults=tuple(fault.line for fault in faults),
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
            sentence=_told(link, names),
            mac=link["mac"],
        )
        for link in links
    )


def _told(link: dict[str, Any], names: dict[str, str]) -> str:
    return sentence(link["name"], names.get(link["by"], SOMEBODY), link["data"]) if is_whole(link) else ALTERED


def _names(people: Iterable[str]) -> dict[str, str]:
    """{journal name: as the school knows them}."""
    ids = [ObjectId(person) for person in people if ObjectId.is_valid(person)]
    known = Person.objects(pk__in=ids).only("family_name", "given_names")
    return {"system": "le service"} | {str(person.id): person.name for person in known}
