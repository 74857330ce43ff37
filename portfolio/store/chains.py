"""Appends links to chains, in the transaction of the journal.

Each link is keyed: mac = HMAC-SHA256(chain key, canonical link without mac), and contains the previous mac. Links that
no candidate reads also contain the last link that this process wrote in any chain (`witness`): if a chain is truncated,
a witness of the missing links remains in another one.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from mongoengine import Document
from pymongo import UpdateOne
from pymongo.client_session import ClientSession

from portfolio.documents.fields import instant
from portfolio.ids import new_id
from portfolio.policy.relations import Actor
from portfolio.store.canonical_json import canonical
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.seals import READ_BY_CANDIDATES, Seals, chain_for, entry, entry_of_removed

GENESIS = "0" * 64
_FORM = {"chain": str, "seq": int, "at": datetime, "by": str, "name": str, "subject": dict, "data": dict}
_FORM |= {"prev": str, "key_id": str, "mac": str}  # of every link, whatever else a version adds
# The author of what is done with a code on paper, before anybody is signed in: whoever has it, without a name.
CODE_HOLDER = "code_holder"


@dataclass(frozen=True)
class Event:
    """A fact in the past tense. by: journal name of a person, `system` or CODE_HOLDER. subject: the document it is
    about. data: ids, digests, codes; no personal data.
    """

    chain: str
    name: EventName
    by: str
    at: datetime
    subject: Document
    data: dict[str, Any] = field(default_factory=dict)


def event_by(
    by: Actor, at: datetime, chain: str, name: EventName, subject: Document, data: dict[str, Any] | None = None
) -> Event:
    """Returns the event of an act of `by` at that instant; writes nothing. subject, data: see `Event`."""
    return Event(chain, name, by.journal_name, at, subject, data or {})


def link_mac(link: dict[str, Any], key: bytes) -> str:
    """Returns the HMAC-SHA-256 of a link under this key, in hex, leaving out its `_id` and `mac`."""
    body = {name: value for name, value in link.items() if name not in ("_id", "mac")}
    return hmac.new(key, canonical(body), hashlib.sha256).hexdigest()


def has_form(link: dict[str, Any]) -> bool:
    """Returns True if the link has all the fields that every link has, with their types."""
    return all(isinstance(link.get(name), kind) for name, kind in _FORM.items())


def is_whole(link: dict[str, Any]) -> bool:
    """Returns True if the link has the form of one, and its mac is right under a known key."""
    key = current().chain_keys.get(link["key_id"]) if has_form(link) else None
    try:
        return key is not None and link_mac(link, key) == link["mac"]
    except (TypeError, ValueError):  # a value that the journal never writes
        return False


def append(session: ClientSession, events: Sequence[Event], seals: Seals) -> list[dict[str, Any]]:
    """Writes the links of the events, in the transaction of `session`, and returns them, grouped by chain: three
    commands for any number of facts and chains.
    """
    database = current().database
    facts = _with_seals(events, seals)
    chains = list(dict.fromkeys(event.chain for event, _ in facts))
    heads = {row["_id"]: row for row in database.chains.find({"_id": {"$in": chains}}, session=session)}
    links = []
    for chain in chains:
        last = heads.get(chain, {"seq": 0, "mac": GENESIS})
        for event, sealed in facts:
            if event.chain == chain:
                last = _link(event, sealed, last)
                links.append(last)
        heads[chain] = last
    moved = [
        UpdateOne({"_id": chain}, {"$set": {"seq": heads[chain]["seq"], "mac": heads[chain]["mac"]}}, upsert=True)
        for chain in chains
    ]
    database.chains.bulk_write(moved, session=session)
    database.events.insert_many(links, session=session)
    return links


def _with_seals(events: Sequence[Event], seals: Seals) -> list[tuple[Event, list[dict[str, Any]]]]:
    """Returns each fact with its seals. A seal that belongs to none of their chains makes a fact of its own."""
    key = next(iter(current().chain_keys.values()))
    facts: list[tuple[Event, list[dict[str, Any]]]] = [(event, []) for event in events]
    made = [(collection, row, entry(collection, row, groups, key)) for collection, row, groups in seals.rows]
    made += [(collection, row, entry_of_removed(collection, row)) for collection, row in seals.removed]
    for collection, row, sealed in made:
        event = _fact_about(row, events)
        chain = chain_for(collection, row, event.chain)
        into = next(
            (held for fact, held in facts if fact.chain == chain and (fact is event or chain != event.chain)), None
        )
        if into is None:
            into = []
            facts.append((Event(chain, EventName.RECORD_SEALED, event.by, event.at, event.subject), into))
        into.append(sealed)
    return facts


def _fact_about(row: dict[str, Any], events: Sequence[Event]) -> Event:
    """Returns the event whose subject is this raw document, else one in a chain of its candidacy, else the first of
    `events` (at least one).
    """
    about = (event for event in events if event.subject.pk == row["_id"])
    of_candidate = (event for event in events if event.chain.endswith(f":{row.get('candidacy')}"))
    return next(about, None) or next(of_candidate, events[0])


def _link(event: Event, sealed: list[dict[str, Any]], before: dict[str, Any]) -> dict[str, Any]:
    key_id, key = next(iter(current().chain_keys.items()))
    link = {
        "_id": new_id(),
        "chain": event.chain,
        "seq": before["seq"] + 1,
        "at": instant(event.at),
        "by": event.by,
        "name": event.name,
        "subject": {"kind": type(event.subject).__name__, "id": str(event.subject.pk)},
        "data": event.data,
        "seals": sealed,
        "prev": before["mac"],
        "key_id": key_id,
    }
    if current().written and not event.chain.startswith(READ_BY_CANDIDATES):
        link["witness"] = current().written[-1]
    link["mac"] = link_mac(link, key)
    return link
