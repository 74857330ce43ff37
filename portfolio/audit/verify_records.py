"""Holds what is stored today against what the chains sealed when it was decided, signed, answered or handed in.

`verify` proves that the chains are whole; this proves that the mark, the sheet, the signatures, the submission and the
sign-off that people are shown are those that the chains tell of, by the same person on the same day. In batches, each
read as it stood at one moment, so that people may be at work.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from pymongo.client_session import ClientSession
from pymongo.cursor import Cursor

from portfolio.audit import seal_checks
from portfolio.audit.seal_checks import ASSESSMENT, JURY, PORTFOLIO, Links, Row
from portfolio.audit.verify_chains import Fault
from portfolio.documents import Attestation, EvidenceFile, PaperScan, Result, Sheet, Submission
from portfolio.store.batches import batches
from portfolio.store.chains import is_whole
from portfolio.store.connections import current

BATCH = 200
WORDS = {
    "portfolio_submitted": "remise du portfolio",
    "sign_off_answered": "réponse sur une activité",
    "tutor_waived": "dispense du tuteur",
    "sheet_drawn_up": "fiche d'évaluation",
    "final_mark_set": "note définitive",
    "proposals_confirmed": "note définitive",
}
Missing = Callable[[list[Row]], list[Row]]  # the links among these whose document is not there


@dataclass(frozen=True)
class _Kind:
    """chain: of what seals it. links: reads those of a batch of candidacies; check: pure, one document at a time."""

    document: Any
    links: Callable[[ClientSession, Sequence[ObjectId]], dict[ObjectId, Links]]
    check: Callable[[Row, Links], Iterator[Fault]]


def verify_stored(candidacy: ObjectId | None = None) -> Iterator[Fault]:
    """Reads every file, scan, submission, answer, sheet and result, and every link that sealed one. Flat in memory.

    candidacy: of this one alone.
    """
    for kind in KINDS:
        yield from _altered(kind, candidacy)
    for chain, named in SEALED.items():
        yield from _lost(chain, named, candidacy)


# --- what is stored, and is not as it was sealed ----------------------------------------------------


def _altered(kind: _Kind, candidacy: ObjectId | None) -> Iterator[Fault]:
    collection, last = kind.document._get_collection(), dict[str, Any]()
    among = {} if candidacy is None else {"candidacy": candidacy}
    while True:
        with current().client.start_session(snapshot=True) as session:
            page = list(collection.find(among | last, {"candidacy": 1}, session=session).sort("_id", 1).limit(BATCH))
            if not page:
                return
            links = kind.links(session, [row["candidacy"] for row in page])
            rows = collection.find({"_id": {"$in": [row["_id"] for row in page]}}, session=session).sort("_id", 1)
            faults = [fault for row in rows for fault in _checked(kind, row, links[row["candidacy"]])]
        yield from faults
        last = {"_id": {"$gt": page[-1]["_id"]}}


def _checked(kind: _Kind, row: Row, links: Links) -> list[Fault]:
    try:
        return list(kind.check(row, links))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        thing = f"{kind.document._get_collection_name()}:{row['_id']}"
        return [Fault(thing, 0, "altered", "ce qui est enregistré n'a plus sa forme")]


def _links(
    session: ClientSession, chain: str, candidacies: Sequence[ObjectId], names: Sequence[str]
) -> dict[ObjectId, Links]:
    """Of each candidacy, in the order of its chain."""
    query = {"chain": {"$in": [f"{chain}:{one}" for one in set(candidacies)]}, "name": {"$in": list(names)}}
    found: dict[ObjectId, Links] = defaultdict(list)
    for link in current().database.events.find(query, session=session).sort([("chain", 1), ("seq", 1)]):
        if is_whole(link):  # `verify` names those that are not: they seal nothing
            found[_candidacy(link)].append(link)
    return found


def _of(chain: str, *names: str) -> Callable[[ClientSession, Sequence[ObjectId]], dict[ObjectId, Links]]:
    return lambda session, candidacies: _links(session, chain, candidacies, names)


def _of_files(session: ClientSession, candidacies: Sequence[ObjectId]) -> dict[ObjectId, Links]:
    """Beside the links, what each submission froze."""
    found = _links(session, PORTFOLIO, candidacies, ("file_verified",))
    theirs, read = {"candidacy": {"$in": list(candidacies)}}, {"candidacy": 1, "content": 1}
    frozen = Submission._get_collection().find(theirs, read, session=session)
    for row in frozen:
        files = {file["id"]: file["sha256"] for file in seal_checks.frozen_files(row)}
        found[row["candidacy"]].append({"name": "frozen", "subject": {"id": None}, "data": files})
    return found


def _decisions(session: ClientSession, candidacies: Sequence[ObjectId]) -> dict[ObjectId, Links]:
    """What a jury decided of each: sheet after sheet as they were drawn up, a confirmation before what came after it.

    A confirmation stands in the jury's chain, for a hundred sheets at once: its link is given as if for this one alone.
    `sheet` is added to each link: what the sheet proposes.
    """
    found = _links(session, ASSESSMENT, candidacies, ("sheet_drawn_up", *seal_checks.DECIDED))
    drawn = [link["subject"]["id"] for links in found.values() for link in links if link["name"] == "sheet_drawn_up"]
    confirmed = {one["data"]["sheet"]: one for one in _each(confirmations(drawn, session))}
    among = {"_id": {"$in": [ObjectId(one) for one in drawn]}}
    shown = Sheet._get_collection().find(among, {"proposed_mark": 1, "outcome": 1}, session=session)
    sheets = {str(row["_id"]): row for row in shown}
    decisions: dict[ObjectId, Links] = defaultdict(list)
    for candidacy, links in found.items():
        for link in links:
            decided = confirmed.get(link["subject"]["id"]) if link["name"] == "sheet_drawn_up" else link
            if decided is not None:
                decisions[candidacy].append(decided | {"sheet": sheets.get(decided["data"]["sheet"], {})})
    return decisions


def sheets_drawn(candidacy: ObjectId) -> list[str]:
    """Ids of all sheets ever drawn up of one candidate, as its chain tells."""
    drawn = {"chain": f"{ASSESSMENT}:{candidacy}", "name": "sheet_drawn_up"}
    return list(current().database.events.distinct("subject.id", drawn))


def confirmations(sheets: Sequence[str], session: ClientSession | None = None) -> Cursor[Row]:
    """Links of juries' chains that decided on any of these, among others."""
    asked = {"name": "proposals_confirmed", "data.decided.sheet": {"$in": sheets}}
    return current().database.events.find(asked, session=session)


def _each(links: Iterable[Row]) -> Iterator[Row]:
    for link in links:
        if is_whole(link):
            for decided in link["data"]["decided"]:
                yield link | {"data": decided}


# --- what was sealed, and is not stored any more ----------------------------------------------------


def _lost(chain: str, named: dict[str, Missing], candidacy: ObjectId | None) -> Iterator[Fault]:
    """What the archives gave their visa to eliminate is gone by right: the portfolio's own chain says so."""
    links = _sealing(chain, list(named), candidacy)
    for batch in batches(links, BATCH):
        absent = []
        for name, missing in named.items():
            absent += missing([link for link in batch if link["name"] == name])
        gone = {"chain": {"$in": [link["chain"] for link in absent]}, "name": "portfolio_eliminated"}
        eliminated = set(current().database.events.distinct("chain", gone)) if absent else set()
        for link in absent:
            if link["chain"] not in eliminated:
                words = f"ce que ce maillon a scellé le {link['at']:%d/%m/%Y} n'est plus là ({WORDS[link['name']]})"
                yield Fault(link["chain"], link["seq"], "lost", words)


def _sealing(chain: str, names: list[str], candidacy: ObjectId | None) -> Iterator[Row]:
    """Links of all chains of this kind, or of those of one candidacy; a jury's chain tells of many."""
    events, ordered = current().database.events, [("chain", 1), ("seq", 1)]
    if candidacy is None:
        among: dict[str, Any] = {"chain": {"$gte": f"{chain}:", "$lt": f"{chain};"}, "name": {"$in": names}}
        links = events.find(among, batch_size=BATCH).sort(ordered)
        yield from _each(links) if chain == JURY else filter(is_whole, links)
    elif chain == JURY:
        sheets = sheets_drawn(candidacy)
        links = confirmations(sheets).sort(ordered)
        yield from (link for link in _each(links) if link["data"]["sheet"] in sheets)
    else:
        links = events.find({"chain": f"{chain}:{candidacy}", "name": {"$in": names}}).sort(ordered)
        yield from filter(is_whole, links)


def _without(document: Any) -> Missing:
    def missing(links: list[Row]) -> list[Row]:
        ids = [ObjectId(link["subject"]["id"]) for link in links]
        there = {row["_id"] for row in document._get_collection().find({"_id": {"$in": ids}}, {"_id": 1})}
        return [link for link, one in zip(links, ids, strict=True) if one not in there]

    return missing


def _without_submission(links: list[Row]) -> list[Row]:
    among = {"candidacy": {"$in": [_candidacy(link) for link in links]}}
    rows = Submission._get_collection().find(among, {"candidacy": 1, "number": 1})
    there = {(row["candidacy"], row.get("number")) for row in rows}
    return [link for link in links if (_candidacy(link), link["data"]["number"]) not in there]


def _without_result(confirmed: list[Row]) -> list[Row]:
    """A sheet that is not there either is told of by its own link."""
    ids = [ObjectId(link["data"]["sheet"]) for link in confirmed]
    drawn = Sheet._get_collection().find({"_id": {"$in": ids}}, {"candidacy": 1})
    sheets = {row["_id"]: row["candidacy"] for row in drawn}
    among = {"candidacy": {"$in": list(sheets.values())}}
    there = {row["candidacy"] for row in Result._get_collection().find(among, {"candidacy": 1})}
    return [link for link, one in zip(confirmed, ids, strict=True) if one in sheets and sheets[one] not in there]


def _candidacy(link: Row) -> ObjectId:
    return ObjectId(link["chain"].partition(":")[2])


KINDS = (
    _Kind(EvidenceFile, _of_files, seal_checks.check_file),
    _Kind(PaperScan, _of(PORTFOLIO, "paper_deposited"), seal_checks.check_scan),
    _Kind(Submission, _of(PORTFOLIO, "portfolio_submitted"), seal_checks.check_submission),
    _Kind(Attestation, _of(PORTFOLIO, "sign_off_answered", "tutor_waived"), seal_checks.check_answer),
    _Kind(Sheet, _of(ASSESSMENT, *seal_checks.OF_SHEETS), seal_checks.check_sheet),
    _Kind(Result, _decisions, seal_checks.check_result),
)
SEALED: dict[str, dict[str, Missing]] = {
    PORTFOLIO: {
        "portfolio_submitted": _without_submission,
        "sign_off_answered": _without(Attestation),
        "tutor_waived": _without(Attestation),
    },
    ASSESSMENT: {"sheet_drawn_up": _without(Sheet), "final_mark_set": _without(Result)},
    JURY: {"proposals_confirmed": _without_result},
}
