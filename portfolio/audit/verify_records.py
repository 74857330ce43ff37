"""Compares what is stored with what the chains sealed when it was decided, signed, answered or submitted.

`verify` proves that the chains are intact; this proves that the stored mark, sheet, signatures, submission and sign-off
are those in the chains, by the same person on the same day. Each batch is one snapshot, while the service runs.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from bson import ObjectId
from mongoengine import Document
from pymongo.client_session import ClientSession
from pymongo.cursor import Cursor

from portfolio.audit import seal_checks
from portfolio.audit.seal_checks import ASSESSMENT, JURY, PORTFOLIO, Links
from portfolio.audit.verify_chains import Fault, FaultKind
from portfolio.documents import (
    Attestation,
    CertificateFile,
    EvidenceFile,
    GridScan,
    PaperScan,
    Result,
    Sheet,
    Submission,
)
from portfolio.store.batches import batches
from portfolio.store.chains import is_whole
from portfolio.store.connections import current
from portfolio.store.event_names import EventName
from portfolio.store.seals import RawRow

BATCH = 200
WORDS: dict[str, str] = {
    EventName.PORTFOLIO_SUBMITTED: "remise du portfolio",
    EventName.SIGN_OFF_ANSWERED: "réponse sur une activité",
    EventName.SIGN_OFF_REUSED: "réponse reprise sur une activité",
    EventName.TUTOR_WAIVED: "dispense du tuteur",
    EventName.SHEET_DRAWN_UP: "fiche d'évaluation",
    EventName.FINAL_MARK_SET: "note définitive",
    EventName.PROPOSALS_CONFIRMED: "note définitive",
}
Missing = Callable[[list[RawRow]], list[RawRow]]  # filters the links whose document is missing


@dataclass(frozen=True)
class _Kind:
    """How to check a kind. links: reads the links of a batch of candidacies; check: checks one document, pure."""

    document: type[Document]
    links: Callable[[ClientSession, Sequence[ObjectId]], dict[ObjectId, Links]]
    check: Callable[[RawRow, Links], Iterator[Fault]]


def verify_stored(candidacy: ObjectId | None = None) -> Iterator[Fault]:
    """Yields the faults of files, scans, submissions, answers, sheets and results, in constant memory. Reads each of
    them, and each link that sealed one. candidacy: id; only what is below this one.
    """
    for kind in KINDS:
        yield from _altered(kind, candidacy)
    for chain, named in SEALED.items():
        yield from _lost(chain, named, candidacy)


# --- what is stored, and differs from its seal -----------------------------------------------------


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


def _checked(kind: _Kind, row: RawRow, links: Links) -> list[Fault]:
    try:
        return list(kind.check(row, links))
    except (ArithmeticError, LookupError, TypeError, ValueError):
        thing = f"{kind.document._get_collection_name()}:{row['_id']}"
        return [Fault(thing, 0, FaultKind.ALTERED, "ce qui est enregistré n'a plus sa forme")]


def _links(
    session: ClientSession, chain: str, candidacies: Sequence[ObjectId], names: Sequence[str]
) -> dict[ObjectId, Links]:
    """Returns {candidacy id: whole links with these names, in the order of its chain}; a candidacy without any is
    absent. chain: the kind, `portfolio` or `assessment`.
    """
    query = {"chain": {"$in": [f"{chain}:{candidacy}" for candidacy in set(candidacies)]}, "name": {"$in": list(names)}}
    by_candidacy: dict[ObjectId, Links] = defaultdict(list)
    for link in current().database.events.find(query, session=session).sort([("chain", 1), ("seq", 1)]):
        if is_whole(link):  # `verify` reports the others: they seal nothing
            by_candidacy[_candidacy(link)].append(link)
    return by_candidacy


def _of(chain: str, *names: str) -> Callable[[ClientSession, Sequence[ObjectId]], dict[ObjectId, Links]]:
    return lambda session, candidacies: _links(session, chain, candidacies, names)


def _of_files(session: ClientSession, candidacies: Sequence[ObjectId]) -> dict[ObjectId, Links]:
    """Returns {candidacy id: the links that sealed files, and one named `frozen` of what each submission froze}."""
    links = _links(session, PORTFOLIO, candidacies, (EventName.FILE_VERIFIED, EventName.FILE_REUSED))
    theirs, read = {"candidacy": {"$in": list(candidacies)}}, {"candidacy": 1, "content": 1}
    frozen = Submission._get_collection().find(theirs, read, session=session)
    for row in frozen:
        files = {file["id"]: file["sha256"] for file in seal_checks.frozen_files(row)}
        links[row["candidacy"]].append({"name": "frozen", "subject": {"id": None}, "data": files})
    return links


def _decisions(session: ClientSession, candidacies: Sequence[ObjectId]) -> dict[ObjectId, Links]:
    """Returns the decisions of the jury on each candidacy: by sheet as drawn up, a confirmation before later decisions.

    A confirmation is in the chain of the jury, for up to a hundred sheets: its link is split into one per sheet. Each
    link gets `sheet`: what the sheet proposes.
    """
    drawn_up = EventName.SHEET_DRAWN_UP
    of_sheets = _links(session, ASSESSMENT, candidacies, (drawn_up, *seal_checks.DECIDED))
    drawn = [link["subject"]["id"] for links in of_sheets.values() for link in links if link["name"] == drawn_up]
    confirmed = {link["data"]["sheet"]: link for link in _each(confirmations(drawn, session))}
    among = {"_id": {"$in": [ObjectId(sheet) for sheet in drawn]}}
    rows = Sheet._get_collection().find(among, {"proposed_mark": 1, "outcome": 1}, session=session)
    sheets = {str(row["_id"]): row for row in rows}
    decisions: dict[ObjectId, Links] = defaultdict(list)
    for candidacy, links in of_sheets.items():
        for link in links:
            decided = confirmed.get(link["subject"]["id"]) if link["name"] == drawn_up else link
            if decided is not None:
                decisions[candidacy].append(decided | {"sheet": sheets.get(decided["data"]["sheet"], {})})
    return decisions


def sheets_drawn(candidacy: ObjectId) -> list[str]:
    """Returns the ids, as text, of all sheets ever drawn up for one candidate, from its chain."""
    drawn = {"chain": f"{ASSESSMENT}:{candidacy}", "name": EventName.SHEET_DRAWN_UP}
    return list(current().database.events.distinct("subject.id", drawn))


def confirmations(sheets: Sequence[str], session: ClientSession | None = None) -> Cursor[RawRow]:
    """Returns the links of chains of juries that decided on any of these sheets (ids as text)."""
    asked = {"name": EventName.PROPOSALS_CONFIRMED, "data.decided.sheet": {"$in": sheets}}
    return current().database.events.find(asked, session=session)


def _each(links: Iterable[RawRow]) -> Iterator[RawRow]:
    for link in links:
        if is_whole(link):
            for decided in link["data"]["decided"]:
                yield link | {"data": decided}


# --- what was sealed, and is no longer stored ------------------------------------------------------


def _lost(chain: str, named: dict[str, Missing], candidacy: ObjectId | None) -> Iterator[Fault]:
    """Yields a fault for each document that a link of these chains sealed and that is missing, except those of an
    elimination, which the chain of the portfolio records. candidacy: id, or None for all.
    """
    links = _sealing(chain, list(named), candidacy)
    for batch in batches(links, BATCH):
        absent = []
        for name, missing in named.items():
            absent += missing([link for link in batch if link["name"] == name])
        gone = {"chain": {"$in": [link["chain"] for link in absent]}, "name": EventName.PORTFOLIO_ELIMINATED}
        eliminated = set(current().database.events.distinct("chain", gone)) if absent else set()
        for link in absent:
            if link["chain"] not in eliminated:
                words = f"ce que ce maillon a scellé le {link['at']:%d/%m/%Y} n'est plus là ({WORDS[link['name']]})"
                yield Fault(link["chain"], link["seq"], FaultKind.LOST, words)


def _sealing(chain: str, names: list[str], candidacy: ObjectId | None) -> Iterator[RawRow]:
    """Yields the links with these names of all chains of this kind, or of one candidacy; the chain of a jury concerns
    many.
    """
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


def _without(document: type[Document]) -> Missing:
    def missing(links: list[RawRow]) -> list[RawRow]:
        ids = [ObjectId(link["subject"]["id"]) for link in links]
        there = {row["_id"] for row in document._get_collection().find({"_id": {"$in": ids}}, {"_id": 1})}
        return [link for link, document_id in zip(links, ids, strict=True) if document_id not in there]

    return missing


def _without_submission(links: list[RawRow]) -> list[RawRow]:
    among = {"candidacy": {"$in": [_candidacy(link) for link in links]}}
    rows = Submission._get_collection().find(among, {"candidacy": 1, "number": 1})
    there = {(row["candidacy"], row.get("number")) for row in rows}
    return [link for link in links if (_candidacy(link), link["data"]["number"]) not in there]


def _without_result(confirmed: list[RawRow]) -> list[RawRow]:
    """Returns the links without a result. If the sheet is missing too, its own link reports it."""
    ids = [ObjectId(link["data"]["sheet"]) for link in confirmed]
    drawn = Sheet._get_collection().find({"_id": {"$in": ids}}, {"candidacy": 1})
    sheets = {row["_id"]: row["candidacy"] for row in drawn}
    among = {"candidacy": {"$in": list(sheets.values())}}
    there = {row["candidacy"] for row in Result._get_collection().find(among, {"candidacy": 1})}
    return [link for link, sheet in zip(confirmed, ids, strict=True) if sheet in sheets and sheets[sheet] not in there]


def _candidacy(link: RawRow) -> ObjectId:
    return ObjectId(link["chain"].partition(":")[2])


KINDS = (
    _Kind(EvidenceFile, _of_files, seal_checks.check_file),
    _Kind(PaperScan, _of(PORTFOLIO, EventName.PAPER_DEPOSITED), seal_checks.check_scan),
    _Kind(CertificateFile, _of(PORTFOLIO, EventName.CERTIFICATE_DEPOSITED), seal_checks.check_scan),
    _Kind(GridScan, _of(ASSESSMENT, EventName.GRID_SCAN_DEPOSITED), seal_checks.check_scan),
    _Kind(Submission, _of(PORTFOLIO, EventName.PORTFOLIO_SUBMITTED), seal_checks.check_submission),
    _Kind(Attestation, _of(PORTFOLIO, *seal_checks.OF_ANSWERS), seal_checks.check_answer),
    _Kind(Sheet, _of(ASSESSMENT, *seal_checks.OF_SHEETS), seal_checks.check_sheet),
    _Kind(Result, _decisions, seal_checks.check_result),
)
SEALED: dict[str, dict[str, Missing]] = {
    PORTFOLIO: {
        EventName.PORTFOLIO_SUBMITTED: _without_submission,
        **{name: _without(Attestation) for name in seal_checks.OF_ANSWERS},
    },
    ASSESSMENT: {EventName.SHEET_DRAWN_UP: _without(Sheet), EventName.FINAL_MARK_SET: _without(Result)},
    JURY: {EventName.PROPOSALS_CONFIRMED: _without_result},
}
