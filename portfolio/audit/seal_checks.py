"""Checks each kind of stored document against the links that sealed it. Pure.

Rows are raw: a field that was None may be absent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from bson import Decimal128

from portfolio.audit.verify_chains import Fault, FaultKind
from portfolio.documents.attestations import ANSWERS, SignOffState
from portfolio.documents.commissions import SheetState
from portfolio.documents.portfolios import FileState
from portfolio.jury.jury import sealed as sealed_decision
from portfolio.rules.marks import to_wire
from portfolio.sign_offs.answering.record import sealed as sealed_answer
from portfolio.store.digests import digest
from portfolio.store.event_names import EventName
from portfolio.store.seals import RawRow

PORTFOLIO, ASSESSMENT, JURY = "portfolio", "assessment", "jury"
DECIDED = (EventName.FINAL_MARK_SET, EventName.FINAL_MARK_CORRECTED)
FILE_WORDS = {"sha256": "empreinte", "size": "taille"}
OF_SHEETS = (*(EventName.SHEET_DRAWN_UP, EventName.SHEET_SIGNED, EventName.SHEET_TRANSMITTED, EventName.SHEET_VOIDED),)

OF_ANSWERS = (EventName.SIGN_OFF_ANSWERED, EventName.SIGN_OFF_REUSED, EventName.TUTOR_WAIVED)

Links = list[RawRow]


def check_submission(row: RawRow, links: Links) -> Iterator[Fault]:
    """Yields the fault of a submission, if any. row: as stored.
    links: those of its candidacy that sealed a submission.
    """
    thing = f"la remise n° {row['number']}"
    seal = next((link for link in links if link["data"]["number"] == row["number"]), None)
    if seal is None:
        yield _unsealed(PORTFOLIO, row, thing)
        return
    holds = {
        "contenu": _sha256(row["content"]) == seal["data"]["digest"],
        "empreinte": row["digest"] == seal["data"]["digest"],
        "auteur": row["submitted_by"] == seal["by"],
        "retard": (row.get("late_reason") is not None) == seal["data"]["late"],
        "date": row["created_at"] == seal["at"],
    }
    yield from _differs(seal, thing, holds)


def check_file(row: RawRow, links: Links) -> Iterator[Fault]:
    """Yields the fault of a verified file, if any.

    links: those that sealed files, and for each submission one named `frozen`, with {file id: digest} as data.
    """
    if row["state"] != FileState.VERIFIED:
        return
    thing = f"le fichier {row['_id']}"
    seal = next((link for link in links if link["subject"]["id"] == str(row["_id"])), None)
    if seal is None:
        yield _unsealed(PORTFOLIO, row, thing)
        return
    frozen = [link["data"][str(row["_id"])] for link in links if str(row["_id"]) in link["data"]]
    holds = {name: row[name] == seal["data"].get(name, row[name]) for name in ("sha256", "size")}
    holds["remise"] = all(sha256 == row["sha256"] for sha256 in frozen)
    yield from _differs(seal, thing, {FILE_WORDS.get(name, name): held for name, held in holds.items()})


def frozen_files(submission: RawRow) -> list[RawRow]:
    """Returns what a submission (as stored) froze of each file; [] if it is malformed, which its own check reports."""
    try:
        return [file for piece in json.loads(submission["content"])["pieces"] for file in piece["files"]]
    except (LookupError, TypeError, ValueError):
        return []


def check_scan(row: RawRow, links: Links) -> Iterator[Fault]:
    """Yields the fault of a scan, if any. row, links: as for `check_file`."""
    yield from check_file(row | {"state": FileState.VERIFIED}, links)


def check_answer(row: RawRow, links: Links) -> Iterator[Fault]:
    """Yields the fault of an answer, if any. row: as stored. links: those of its candidacy that sealed answers. A
    request without an answer has no seal; one that was taken from an earlier session is sealed anew with each taking.
    """
    thing = f"la réponse {row['_id']} sur une activité"
    seal = next((link for link in reversed(links) if link["subject"]["id"] == str(row["_id"])), None)
    if seal is None:
        if row["state"] in (*ANSWERS, SignOffState.WAIVED):
            yield _unsealed(PORTFOLIO, row, thing)
        return
    by, at = seal["by"], seal["at"]
    if seal["name"] == EventName.SIGN_OFF_REUSED:  # by the candidate who took it: the link says who had answered
        by, at = seal["data"]["said_by"], datetime.fromisoformat(seal["data"]["said_at"])
    holds = {
        "auteur": str(row.get("relayed_by") or row["person"]) == by,
        "date": row.get("answered_at") == at,
        "activité": str(row["activity"]) == seal["data"]["activity"],
    }
    if seal["name"] == EventName.TUTOR_WAIVED:
        holds |= {
            "réponse": row["state"] == SignOffState.WAIVED,
            "motif": digest(row.get("comment")) == seal["data"]["reason"],
        }
    else:
        words = {"answer": "réponse", "shown": "ce qui a été montré", "words": "noms et commentaire"}
        words |= {"bound": "preuves et déclaration", "seat": "qualité", "channel": "voie", "act": "signature"}
        answer = sealed_answer(row)
        holds |= {name: answer[sealed] == seal["data"][sealed] for sealed, name in words.items()}
    yield from _differs(seal, thing, holds)


def check_sheet(row: RawRow, links: Links) -> Iterator[Fault]:
    """Yields the fault of a sheet, if any. row: as stored. links: those of its candidacy named in OF_SHEETS."""
    thing = f"la fiche {row['number']}"
    mine = [link for link in links if link["subject"]["id"] == str(row["_id"])]
    drawn, signed, transmitted, voided = ([link for link in mine if link["name"] == name] for name in OF_SHEETS)
    if not drawn:
        yield _unsealed(ASSESSMENT, row, thing)
        return
    kept, sealed = row.get("signatures", []), drawn[0]["data"]["digest"]
    states: tuple[SheetState, ...] = (SheetState.DRAFT, SheetState.PROPOSED)
    if voided:
        states = (SheetState.VOIDED,)
    elif transmitted:
        states = (SheetState.TRANSMITTED, SheetState.FINAL)
    holds = {
        "contenu": _sha256(row["content"]) == sealed,
        "empreinte": row["digest"] == sealed,
        "numéro": row["number"] == drawn[0]["data"]["number"],
        "signatures": [(str(signature["person"]), signature["at"], signature["digest"]) for signature in kept]
        == [(link["by"], link["at"], link["data"]["digest"]) for link in signed],
        "empreinte signée": {signature["digest"] for signature in kept} <= {sealed},
        "état": row["state"] in states,
    }
    if holds["contenu"]:
        holds |= _as_written(row, json.loads(row["content"]))
    yield from _differs(drawn[0], thing, holds)


def _as_written(row: RawRow, content: RawRow) -> dict[str, bool]:
    """Returns {French field: True if it is as in the content}, of the fields that repeat it for searches and lists."""
    members, mark, outcome = content["commission"]["members"], content["mark"], content["outcome"]
    signatories = [{"name": given["name"], "quality": given["quality"]} for given in row.get("signatures", [])]
    return {
        "note proposée": _wire(row.get("proposed_mark")) == (mark and mark["proposed"]),
        "résultat sans évaluation": row.get("outcome") == (outcome and outcome["code"]),
        "signataires": all(signatory in members for signatory in signatories),
    }


def check_result(row: RawRow, decisions: Links) -> Iterator[Fault]:
    """Yields the fault of a result, if any. row: as stored. decisions: in the order of `verify_records._decisions`.
    Only those of the last sheet apply. The first of them has the reason of the decision; each correction has its own,
    and the mark that it replaced.
    """
    thing = f"le résultat {row['_id']}"
    if not decisions:
        yield _unsealed(ASSESSMENT, row, thing)
        return
    of_sheet = [link for link in decisions if link["data"]["sheet"] == decisions[-1]["data"]["sheet"]]
    first = max(
        (number for number, link in enumerate(of_sheet) if link["name"] != EventName.FINAL_MARK_CORRECTED), default=0
    )
    standing, corrections = of_sheet[first:], row.get("corrections", [])
    proposed = of_sheet[-1]["sheet"]
    holds = {
        "fiche": str(row["sheet"]) == of_sheet[-1]["data"]["sheet"],
        "auteur": str(row["decided_by"]) == standing[0]["by"],
        "date": row["decided_at"] == standing[0]["at"],
        "rectifications": [(str(correction["by"]), correction["at"]) for correction in corrections]
        == [(link["by"], link["at"]) for link in standing[1:]],
        "note proposée": _wire(row.get("proposed_mark")) == _wire(proposed.get("proposed_mark")),
        "résultat sans évaluation": row.get("outcome") == proposed.get("outcome"),
    }
    stored = [sealed_decision(decision)["digest"] for decision in _successive_decisions(row)]
    holds["note, libellé ou motif"] = stored == [link["data"]["digest"] for link in standing]
    yield from _differs(standing[-1], thing, holds)


def _successive_decisions(row: RawRow) -> Iterator[RawRow]:
    """Yields {final_mark, label, reason, sheet} for the decision, then for each correction in order: the last one is
    what the row holds. row: a result as stored.
    """
    corrections = row.get("corrections", [])
    marks = [*((each.get("replaced_mark"), each.get("replaced_label")) for each in corrections)]
    marks.append((row.get("final_mark"), row.get("label")))
    reasons = [row.get("reason"), *(correction["reason"] for correction in corrections)]
    for (mark, label), reason in zip(marks, reasons, strict=True):
        yield {"final_mark": _decimal(mark), "label": label, "reason": reason, "sheet": row["sheet"]}


def _decimal(stored: Decimal128 | None) -> Decimal | None:
    return None if stored is None else stored.to_decimal()


def _wire(stored: Decimal128 | None) -> str | None:
    mark = _decimal(stored)
    return None if mark is None else to_wire(mark)


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _unsealed(chain: str, row: RawRow, thing: str) -> Fault:
    return Fault(f"{chain}:{row['candidacy']}", 0, FaultKind.UNSEALED, f"aucun maillon n'a scellé {thing}")


def _differs(seal: RawRow, thing: str, holds: dict[str, bool]) -> Iterator[Fault]:
    wrong = [name for name, is_so in holds.items() if not is_so]
    if wrong:
        words = f"{thing} n'est plus ce que ce maillon a scellé le {seal['at']:%d/%m/%Y} : {', '.join(wrong)}"
        yield Fault(seal["chain"], seal["seq"], FaultKind.ALTERED, words)
