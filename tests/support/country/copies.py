"""Fills a store with schools that have everything a played one has: its rows under new ids, written as bytes.

A row is stored as it was but for the ids of what is copied, wherever they stand (references, names of chains), and for
the text that an index wants once. No seal of a copy holds: nobody opens one, only counts and lists meet them.
"""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Any

import bson
from bson import ObjectId
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument
from pymongo import WriteConcern
from pymongo.database import Database

# Of nobody in particular, or of an academy: there is one, whatever the number of schools.
SHARED = ("academies", "juries", "made_circulars", "circular_annexes", "anchors", "anchored_heads", "turns", "attempts")
SHARED += ("digested_objects", "request_keys", "migrations")
OF_SCHOOLS = ("candidate", "tutor", "teacher", "office")
# Of a school, whatever the number of its candidates.
OF_ONE_SCHOOL = ("schools", "companies", "list_imports", "roster_imports", "elimination_slips")
OF_CANDIDATES = ("candidate", "tutor")
A_DAY = 86_400
AT_ONCE = 8
ONCE_BYTES = 6
ID = re.compile(rb"(?=\x07[a-z_A-Z0-9]{1,40}\x00(.{12}))", re.S)
HEX = re.compile(rb"(?=([0-9a-f]{24}))")
IN_ACADEMY = b"\x02academy\x00\x03\x00\x00\x0010\x00"


@dataclass(frozen=True)
class Row:
    """ids, in_hex: where the first four bytes of an id of a copied thing stand. once: where its own text does."""

    octets: bytes
    ids: tuple[int, ...]
    in_hex: tuple[int, ...]
    once: tuple[int, ...]
    academy: tuple[int, ...]

    def copied(self, days: int, academy: bytes, numbers: Iterator[int]) -> RawBSONDocument:
        made = bytearray(self.octets)
        for place in self.ids:
            made[place : place + 4] = _later(self.octets[place : place + 4], days)
        for place in self.in_hex:
            made[place : place + 8] = (
                _later(bytes.fromhex(self.octets[place : place + 8].decode()), days).hex().encode()
            )
        for place in self.once:
            made[place : place + ONCE_BYTES] = _in_letters(next(numbers))
        for place in self.academy:
            made[place : place + 2] = academy
        return RawBSONDocument(bytes(made))


class Copies:
    """Of what the store holds now but for what is of an academy. in_schools: nor of a school, which has ever more
    candidates then, each with their tutor; in their academy.
    """

    def __init__(self, database: Database[dict[str, Any]], *, in_schools: bool = False) -> None:
        self.academies = (b"10", b"10") if in_schools else (b"77", b"10")
        once = (*SHARED, *OF_ONE_SCHOOL) if in_schools else SHARED
        copied = OF_CANDIDATES if in_schools else OF_SCHOOLS
        self.database = database
        self.numbers = count()
        self.made = 0
        names = [name for name in database.list_collection_names() if not name.startswith("system.")]
        raw = CodecOptions(document_class=RawBSONDocument)
        shared = {one["_id"] for one in database.persons.find({"grants.role": {"$nin": copied}}, {"_id": 1})}
        not_of_them = {"person": {"$nin": list(shared)}}
        stored = {
            name: [bytes(one.raw) for one in database.get_collection(name, raw).find(not_of_them)]
            for name in names
            if name not in once
        }
        shared |= {one["_id"] for name in once for one in database[name].find({}, {"_id": 1})}
        named = {one.binary for rows in stored.values() for row in rows for one in _ids(bson.decode(row))}
        self.ids = named - {one.binary for one in shared if isinstance(one, ObjectId)}
        self.in_hex = {one.hex().encode() for one in self.ids}
        self.rows = {
            name: [row for one in octets if (row := self._row(one, fields))]
            for name, octets in stored.items()
            for fields in [self._once(name)]
        }
        self.candidates = len(self.rows["candidacies"])

    def grow_to(self, candidates: int) -> None:
        """Every second copy stands in another academy, where nobody here reads."""
        times, done = -(-candidates // self.candidates) - 1 - self.made, 0
        while done < times:
            batch: dict[str, list[RawBSONDocument]] = defaultdict(list)
            for _ in range(min(AT_ONCE, times - done)):
                self.made, done = self.made + 1, done + 1
                academy = self.academies[self.made % 2]
                for name, rows in self.rows.items():
                    batch[name] += [row.copied(self.made, academy, self.numbers) for row in rows]
            for name, made in batch.items():
                if made:
                    collection = self.database[name].with_options(write_concern=WriteConcern(w=1))
                    collection.insert_many(made, ordered=False)

    def _once(self, name: str) -> list[bytes]:
        """The texts that an index of the collection wants once, and that name nothing copied."""
        unique = [index["key"] for index in self.database[name].index_information().values() if index.get("unique")]
        return [field.encode() for key in unique for field, _ in key if field in TEXTS]

    def _row(self, octets: bytes, fields: list[bytes]) -> Row | None:
        """None of a row that is not of what is copied."""
        ids = tuple(found.start(1) for found in ID.finditer(octets) if found.group(1) in self.ids)
        in_hex = tuple(found.start(1) for found in HEX.finditer(octets) if found.group(1) in self.in_hex)
        own = RawBSONDocument(octets)["_id"]
        if isinstance(own, ObjectId) and own.binary not in self.ids or not (ids or in_hex):
            return None
        chain = re.search(rb"\x02chain\x00.{4}([^\x00]*)", octets, re.S)
        if chain is not None and not any(found.group(1) in self.in_hex for found in HEX.finditer(chain.group(1))):
            return None
        once = [found for field in fields if (found := _text(octets, field))]
        return Row(octets, ids, in_hex, tuple(once), tuple(one.start() + 13 for one in re.finditer(IN_ACADEMY, octets)))


TEXTS = ("email", "token_hash", "feed_hash", "number", "key", "uai", "candidate_number")
LETTERS = (string.digits + string.ascii_lowercase).encode()


def _ids(value: Any) -> Iterator[ObjectId]:
    if isinstance(value, ObjectId):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _ids(one)


def _text(octets: bytes, field: bytes) -> int | None:
    """Where the value begins, if the row has it as text. Long enough, or indexes would refuse the copy."""
    found = re.search(rb"\x02" + re.escape(field) + rb"\x00(.{4})", octets, re.S)
    if found is None:
        return None
    assert int.from_bytes(found.group(1), "little") > ONCE_BYTES, (field, octets)
    return found.end()


def _later(first: bytes, days: int) -> bytes:
    return (int.from_bytes(first, "big") + A_DAY * days).to_bytes(4, "big")


def _in_letters(number: int) -> bytes:
    letters = bytearray()
    for _ in range(ONCE_BYTES):
        number, rest = divmod(number, len(LETTERS))
        letters.append(LETTERS[rest])
    return bytes(reversed(letters))
