"""What each kind of stored document has to be, by the links that sealed it: pure.

Rows are as MongoDB has them, where what was None may be absent.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from portfolio.audit.verify_chains import Fault
from portfolio.documents.attestations import ANSWERS
from portfolio.jury.jury import sealed as sealed_decision
from portfolio.rules.marks import to_wire
from portfolio.sign_offs.answering.record import sealed as sealed_answer
from portfolio.store.digests import digest

PORTFOLIO, ASSESSMENT, JURY = "portfolio", "assessment", "jury"
DECIDED = ("final_mark_set", "final_mark_corrected")
FILE_WORDS = {"sha256": "empreinte", "size": "taille"}
OF_SHEETS = ("sheet_drawn_up", "sheet_signed", "sheet_transmitted", "sheet_voided")

Row = dict[str, Any]
Links = list[Row]


def check_submission(row: Row, links: Links) -> Iterator[Fault]:
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


def check_file(row: Row, links: Links) -> Iterator[Fault]:
    """links: those that sealed files, and for each submission one named `frozen`, {file id: digest} in its data."""
    if row["state"] != "verified":
        return
    thing = f"le fichier {row['_id']}"
    seal = next((link for link in links if link["subject"]["id"] == str(row["_id"])), None)
    if seal is None:
        yield _unsealed(PORTFOLIO, row, thing)
        return
    frozen = [link["data"][str(row["_id"])] for link in links if str(row["_id"]) in link["data"]]
    holds = {name: row[name] == seal["data"].get(name, row[name]) for name in ("sha256", "size")}
    holds["remise"] = all(one == row["sha256"] for one in frozen)
    yield from _differs(seal, thing, {FILE_WORDS.get(name, name): held for name, held in holds.items()})


def frozen_files(submission: Row) -> list[Row]:
    """What a submission froze of each file; nothing where it lost its form, which its own check tells."""
    try:
        return [file for piece in json.loads(submission["content"])["pieces"] for file in piece["files"]]
    except (LookupError, TypeError, ValueError):
        return []


def check_scan(row: Row, links: Links) -> Iterator[Fault]:
    yield from check_file(row | {"state": "verified"}, links)


def check_answer(row: Row, links: Links) -> Iterator[Fault]:
    """A request that nobody answered is sealed by nothing."""
    thing = f"la réponse {row['_id']} sur une activité"
    seal = next((link for link in links if link["subject"]["id"] == str(row["_id"])), None)
    if seal is None:
        if row["state"] in (*ANSWERS, "waived"):
            yield _unsealed(PORTFOLIO, row, thing)
        return
    holds = {
        "auteur": str(row.get("relayed_by") or row["person"]) == seal["by"],
        "date": row.get("answered_at") == seal["at"],
        "activité": str(row["activity"]) == seal["data"]["activity"],
    }
    if seal["name"] == "tutor_waived":
        holds |= {
            "réponse": row["state"] == "waived",
            "motif": digest(row.get("comment")) == seal["data"]["reason"],
        }
    else:
        words = {"answer": "réponse", "shown": "ce qui a été montré", "words": "noms et commentaire"}
        words |= {"bound": "preuves et déclaration", "seat": "qualité", "channel": "voie", "act": "signature"}
        said = sealed_answer(row)
        holds |= {name: said[sealed] == seal["data"][sealed] for sealed, name in words.items()}
    yield from _differs(seal, thing, holds)


def check_sheet(row: Row, links: Links) -> Iterator[Fault]:
    thing = f"la fiche {row['number']}"
    mine = [link for link in links if link["subject"]["id"] == str(row["_id"])]
    drawn, signed, transmitted, voided = ([link for link in mine if link["name"] == name] for name in OF_SHEETS)
    if not drawn:
        yield _unsealed(ASSESSMENT, row, thing)
        return
    kept, sealed = row.get("signatures", []), drawn[0]["data"]["digest"]
    states = ("voided",) if voided else ("transmitted", "final") if transmitted else ("draft", "proposed")
    holds = {
        "contenu": _sha256(row["content"]) == sealed,
        "empreinte": row["digest"] == sealed,
        "numéro": row["number"] == drawn[0]["data"]["number"],
        "signatures": [(str(one["person"]), one["at"], one["digest"]) for one in kept]
        == [(link["by"], link["at"], link["data"]["digest"]) for link in signed],
        "empreinte signée": {one["digest"] for one in kept} <= {sealed},
        "état": row["state"] in states,
    }
    if holds["contenu"]:
        holds |= _as_written(row, json.loads(row["content"]))
    yield from _differs(drawn[0], thing, holds)


def _as_written(row: Row, content: Row) -> dict[str, bool]:
    """What is repeated beside the content, to be searched and listed."""
    members, mark, outcome = content["commission"]["members"], content["mark"], content["outcome"]
    signatories = [{"name": one["name"], "quality": one["quality"]} for one in row.get("signatures", [])]
    return {
        "note proposée": _wire(row.get("proposed_mark")) == (mark and mark["proposed"]),
        "résultat sans évaluation": row.get("outcome") == (outcome and outcome["code"]),
        "signataires": all(one in members for one in signatories),
    }


def check_result(row: Row, decisions: Links) -> Iterator[Fault]:
    """decisions: as `verify_stored` orders them; the last sheet's alone stand.

    The first of them bears the reason of the decision, each correction its own, and the mark that it replaced.
    """
    thing = f"le résultat {row['_id']}"
    if not decisions:
        yield _unsealed(ASSESSMENT, row, thing)
        return
    of_sheet = [link for link in decisions if link["data"]["sheet"] == decisions[-1]["data"]["sheet"]]
    first = max((number for number, link in enumerate(of_sheet) if link["name"] != "final_mark_corrected"), default=0)
    standing, corrections = of_sheet[first:], row.get("corrections", [])
    proposed = of_sheet[-1]["sheet"]
    holds = {
        "fiche": str(row["sheet"]) == of_sheet[-1]["data"]["sheet"],
        "auteur": str(row["decided_by"]) == standing[0]["by"],
        "date": row["decided_at"] == standing[0]["at"],
        "rectifications": [(str(one["by"]), one["at"]) for one in corrections]
        == [(link["by"], link["at"]) for link in standing[1:]],
        "note proposée": _wire(row.get("proposed_mark")) == _wire(proposed.get("proposed_mark")),
        "résultat sans évaluation": row.get("outcome") == proposed.get("outcome"),
    }
    stored = [sealed_decision(one)["digest"] for one in _one_after_the_other(row)]
    holds["note, libellé ou motif"] = stored == [link["data"]["digest"] for link in standing]
    yield from _differs(standing[-1], thing, holds)


def _one_after_the_other(row: Row) -> Iterator[Row]:
    """The decision, then what each correction made of it."""
    corrections = row.get("corrections", [])
    marks = [*((one.get("replaced_mark"), one.get("replaced_label")) for one in corrections)]
    marks.append((row.get("final_mark"), row.get("label")))
    reasons = [row.get("reason"), *(one["reason"] for one in corrections)]
    for (mark, label), reason in zip(marks, reasons, strict=True):
        yield {"final_mark": _decimal(mark), "label": label, "reason": reason, "sheet": row["sheet"]}


def _decimal(stored: Any) -> Decimal | None:
    return None if stored is None else stored.to_decimal()


def _wire(stored: Any) -> str | None:
    mark = _decimal(stored)
    return None if mark is None else to_wire(mark)


def _sha256(content: str) -> str:
    return hashlib.sha256(content.encode()).hexdigest()


def _unsealed(chain: str, row: Row, thing: str) -> Fault:
    return Fault(f"{chain}:{row['candidacy']}", 0, "unsealed", f"aucun maillon n'a scellé {thing}")


def _differs(seal: Row, thing: str, holds: dict[str, bool]) -> Iterator[Fault]:
    wrong = [name for name, is_so in holds.items() if not is_so]
    if wrong:
        words = f"{thing} n'est plus ce que ce maillon a scellé le {seal['at']:%d/%m/%Y} : {', '.join(wrong)}"
        yield Fault(seal["chain"], seal["seq"], "altered", words)
