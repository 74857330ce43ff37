"""Finds candidate numbers that a spreadsheet took for numbers, and so wrote without their leading zeros."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from portfolio.documents import Candidacy
from portfolio.enrolment.rosters.stored_lines import StoredLine

LOST_ZEROS = "lost_zeros"  # question, and the answer that the numbers are to be completed
WHOLE_NUMBERS = "whole_numbers"  # the other answer: they are whole as written
# No text states how long a number is: this one only asks, where nobody has a number yet.
_USUAL_LENGTH, _USUAL_ZEROS = 11, 3
_FIELD = "candidate_number"


@dataclass(frozen=True)
class HeldNumbers:
    """The numbers that a session of an exam already has in an academy. length: the most frequent one. zeros: how many
    the number of this length that has most begins with.
    """

    length: int = _USUAL_LENGTH
    zeros: int = _USUAL_ZEROS

    def completed(self, number: str) -> str | None:
        """Returns the number with the zeros that those held begin with, None for one that is short of none: its own
        zeros, a letter or its length speak for it.
        """
        missing = self.length - len(number)
        if number.startswith("0") or not (number.isascii() and number.isdecimal()) or not 0 < missing <= self.zeros:
            return None
        return number.zfill(self.length)


def ask_about_zeros(rows: Iterable[StoredLine], academy: str, session: str, exam: str) -> None:
    """Asks, in each raw line whose number is to be written, whether it lost its zeros: proposes the whole number, or
    warns where that one is somebody else's already.
    """
    live = {"exam": exam, "session": session, "academy": academy, _FIELD: {"$type": "string"}, "abandoned": None}
    held = _held_numbers(live)
    written = {str(row["values"].get(_FIELD, "")): row for row in rows if _FIELD not in row["errors"]}
    short = {number: whole for number in written if (whole := held.completed(number))}
    same = live | {_FIELD: {"$in": list(short.values())}}
    taken = {*written, *(candidacy[_FIELD] for candidacy in Candidacy._get_collection().find(same, {_FIELD: 1}))}
    for number, whole in short.items():
        row = written[number]
        if whole in taken:
            row["warnings"].append(f"Avec ses zéros de tête, ce numéro serait {whole}, celui d'un autre : vérifiez-le.")
        else:
            row["asked"][LOST_ZEROS] = f"{number} → {whole}"
            row["proposals"][_FIELD] = whole


def zeros_answered(agreed: Collection[str]) -> bool:
    """Returns True if one of both answers was given, and not the other."""
    return len({LOST_ZEROS, WHOLE_NUMBERS} & set(agreed)) == 1


def with_zeros(row: StoredLine, agreed: Collection[str]) -> StoredLine:
    """Returns the line with its whole number if it was asked about and the answer is that its zeros were lost."""
    if LOST_ZEROS not in row["asked"] or LOST_ZEROS not in agreed:
        return row
    whole = row["proposals"][_FIELD]
    changes = {name: [pair[0], whole] if name == _FIELD else pair for name, pair in row["changes"].items()}
    return row | {"values": row["values"] | {_FIELD: whole}, "changes": changes}


def _held_numbers(live: Mapping[str, object]) -> HeldNumbers:
    """Returns what numbers are like, from one reading of their index; the usual length where there is none."""
    group = {
        "_id": {"$strLenCP": f"${_FIELD}"},
        "count": {"$sum": 1},
        "first": {"$min": f"${_FIELD}"},  # of one length, the one with most zeros
    }
    lengths = list(Candidacy._get_collection().aggregate([{"$match": live}, {"$group": group}]))
    if not lengths:
        return HeldNumbers()
    usual = max(lengths, key=lambda row: (row["count"], row["_id"]))
    return HeldNumbers(usual["_id"], len(usual["first"]) - len(usual["first"].lstrip("0")))
