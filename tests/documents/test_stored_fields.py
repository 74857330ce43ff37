"""Every stored field is classified, and what the service does with personal ones is what their line says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import mongoengine as me
import pytest

from portfolio.boards.own_data import ELSEWHERE, SHOWN, own_data
from portfolio.boards.retention_table import retention_as_markdown
from portfolio.boards.stored_fields import BY_POLICY, ROW, _kind, class_name, stored_fields
from portfolio.boards.stored_fields_table import stored_fields_as_markdown
from portfolio.documents import Candidacy
from portfolio.evidence import drafts
from portfolio.policy.reading import READ
from portfolio.rules.texts.data_files import InvalidDataFile, read
from portfolio.store.connections import Connections, storage
from tests.conftest import Clock
from tests.support.house.stored_rows import (
    COLLECTIONS,
    NEVER_TOLD,
    OF_THE_COMMISSION,
    classes,
    collections,
    own_fields,
    stored_name,
    stored_texts,
    values_of,
)
from tests.support.worlds import eliminations
from tests.support.worlds.world import World

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "stored-fields.md"
DURATIONS = Path(__file__).parents[2] / "docs" / "governance" / "durees-de-conservation.md"
ANONYMOUS = ("fichier éliminé", "eliminated")


# --- the table and the classes ----------------------------------------------------------------------


def test_every_stored_field_has_its_line_and_no_line_is_of_a_field_that_is_gone() -> None:
    """A field was added: give it a line under its class in config/stored_fields.yaml."""
    lines = {name: set(fields) for name, fields in stored_fields().kinds.items()}
    assert lines == {name: own_fields(one) for name, one in classes().items()}


def test_every_collection_has_its_class_or_a_line(world: World, store: Connections) -> None:
    eliminations.full(world)
    known = collections().keys() | stored_fields().raw.keys()
    made = {name for name in store.database.list_collection_names() if not name.startswith("system.")}
    assert made | COLLECTIONS.keys() <= known


def test_no_row_holds_a_field_without_a_line(full: World, store: Connections) -> None:
    table = stored_fields()
    for name, kind in collections().items():
        lines = {stored_name(field) for field in table.of_kind(kind)}
        for row in store.database[name].find():
            assert set(row) <= lines, name


def test_a_line_names_people_by_fields_that_are_there() -> None:
    for name, kind in classes().items():
        for field, stored in stored_fields().kinds[name].items():
            for of in stored.of:
                path = of.split(".")[0]
                assert of == ROW or path == "_id" or path in kind._fields, f"{name}.{field}: {of}"
                assert of != ROW or issubclass(kind, me.EmbeddedDocument), f"{name}.{field}"


def test_whoever_reads_a_class_is_said_by_policy_or_by_the_table() -> None:
    for name, kind in collections().items():
        lines = stored_fields().kinds[class_name(kind)].values()
        assert kind in READ or all(stored.seen != BY_POLICY for stored in lines), name


def test_every_collection_has_its_french_name_and_no_part_of_a_row_has_one() -> None:
    assert set(stored_fields().called) == {class_name(kind) for kind in collections().values()}


def test_the_durations_that_are_told_to_a_data_protection_officer_are_those_of_the_file() -> None:
    assert retention_as_markdown() == DURATIONS.read_text(), "write what commands.py retention draws"


def test_a_misspelt_line_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "fields.yaml"
    for wrong in ("of person; unsaid becuase", "of person; kep account", "person"):
        file.write_text(f"kept: account\nfields:\n  one: {wrong}\n")
        with pytest.raises(InvalidDataFile):
            _kind(read(file)[0], stored_fields().words)


def test_the_document_is_drawn_from_the_table() -> None:
    drawn = stored_fields_as_markdown()
    assert DOCUMENT.read_text() == drawn, "run: python commands.py stored-fields > docs/reference/stored-fields.md"


def test_each_code_serves() -> None:
    lines = [stored for fields in stored_fields().kinds.values() for stored in fields.values()]
    words = stored_fields().words
    assert {one.unsaid for one in lines} - {None} == words["unsaid"].keys()
    assert {one.seen for one in lines} - {"policy"} == words["seen"].keys()
    assert {one.kept for one in lines} == words["kept"].keys()


# --- « mes données » --------------------------------------------------------------------------------


def rows_given(told: dict[str, Any]) -> dict[Any, list[Any]]:
    """{identifier: every value given with it}."""
    found: dict[Any, list[Any]] = {}
    for value in values_of(told):
        if isinstance(value, dict) and (key := value.get("_id", value.get("identifiant"))) is not None:
            found.setdefault(key, []).extend(values_of(value))
    return found


def test_my_data_give_every_personal_field_or_the_table_says_why_not(full: World, store: Connections) -> None:
    table, seen = stored_fields(), set()
    for person in (full.tutor, full.candidate, full.follower, full.office):
        by = full.actor(person)
        given = rows_given(own_data(by))
        given[by.id] += values_of(own_data(by)["droits"])
        for name, naming in SHOWN.items():
            lines = table.of_kind(collections()[name])
            for way in naming:
                mine = by.own_candidacies if way == "candidacy" else [by.id]
                for row in store.database[name].find({way: {"$in": mine}}):
                    for field, stored in lines.items():
                        value = row.get(stored_name(field))
                        if way in stored.of and stored.unsaid is None and value not in (None, [], {}):
                            seen.add(f"{name}.{field}")
                            assert told(value, given[row["_id"]]), f"{name}.{field} of {way}"
    assert len(seen) > 70


def told(value: Any, given: list[Any]) -> bool:
    """Of a list of parts, one's own, each without what its own lines leave out."""
    if not isinstance(value, list):
        return value in given
    rows = [one for one in given if isinstance(one, dict) and one]
    return any(
        part in given or (isinstance(part, dict) and any(row.items() <= part.items() for row in rows)) for part in value
    )


def test_what_my_data_leave_out_is_of_a_collection_with_a_reason_or_of_a_field_with_one() -> None:
    for name, kind in collections().items():
        for field, stored in stored_fields().of_kind(kind).items():
            looked_for = name in SHOWN and set(stored.of) & set(SHOWN[name])
            reasoned = stored.unsaid is not None or name in ELSEWHERE or field == "candidacy"
            assert not stored.personal or looked_for or reasoned, f"{name}.{field}"


def test_no_secret_is_in_my_data_and_nothing_of_the_commission_in_the_candidate_s(
    full: World, store: Connections
) -> None:
    full.set_password(full.candidate)
    for person in (full.tutor, full.candidate, full.follower, full.office):
        never = (*NEVER_TOLD, *OF_THE_COMMISSION) if person == full.candidate else NEVER_TOLD
        said = str(own_data(full.actor(person)))
        assert {where for where, text in stored_texts(store, never) if text in said} == set()


# --- elimination ------------------------------------------------------------------------------------


def test_no_personal_field_that_is_kept_no_longer_is_left_of_an_eliminated_candidate(
    world: World, clock: Clock, store: Connections, bucket: object
) -> None:
    candidacy = eliminations.full(world)
    eliminations.published(world, clock, candidacy)
    piece = store.database.evidence.find_one({"candidacy": candidacy.id})
    assert piece is not None
    for who, thing in (
        (world.candidate, world.placement.id),
        (world.second_teacher, piece["_id"]),
        (world.office, candidacy.id),
    ):
        words = {"text": [f"Jamais rendu, jamais lu par {who.family_name}"]}
        drafts.keep(world.actor(who), "/une-page", f"une-forme-{thing}", words, world.clock())
    before = dict(gone_with_portfolio(store, candidacy))
    assert len(before) > 60
    eliminations.eliminated(world, clock)
    left = dict(gone_with_portfolio(store, candidacy))
    assert {where for where, value in left.items() if value not in ANONYMOUS} == set()
    assert list(storage().list_keys("")) == []
    everything = "\n".join(
        str(row) for name in store.database.list_collection_names() for row in store.database[name].find()
    )
    staying = set(texts_kept_longer(store))
    words = {value for value in before.values() if isinstance(value, str) and len(value) > 12 and " " in value}
    assert {one for one in words - staying if one in everything} == set()
    assert "Jamais rendu, jamais lu" not in everything


def gone_with_portfolio(store: Connections, candidacy: Candidacy) -> Iterator[tuple[str, Any]]:
    """(row and field, value), of what is kept until the elimination at most, of this candidate."""
    pieces = [row["_id"] for row in store.database.evidence.find({"candidacy": candidacy.id})]
    mine = {"$or": [{"candidacy": candidacy.id}, {"evidence": {"$in": pieces}}, {"person": candidacy.person}]}
    table = stored_fields()
    for name, kind in collections().items():
        for row in store.database[name].find(mine):
            for field, stored in table.of_kind(kind).items():
                value = row.get(stored_name(field))
                if stored.personal and stored.kept.startswith("portfolio") and value not in (None, [], {}, ""):
                    yield f"{name} {row['_id']} {field}", value


def texts_kept_longer(store: Connections) -> Iterator[str]:
    for name, kind in collections().items():
        lines = stored_fields().of_kind(kind)
        for row in store.database[name].find():
            for field, stored in lines.items():
                if not stored.kept.startswith("portfolio"):
                    yield from (value for value in values_of(row.get(stored_name(field))) if isinstance(value, str))


# --- the journal ------------------------------------------------------------------------------------


def test_the_journal_holds_no_words_of_anybody(full: World, store: Connections) -> None:
    words = set()
    for name, kind in collections().items():
        for row in store.database[name].find() if name not in ("events", "outbox") else ():
            for field, stored in stored_fields().of_kind(kind).items():
                if stored.personal:
                    texts = [one for one in values_of(row.get(stored_name(field))) if isinstance(one, str)]
                    words |= {one for one in texts if " " in one or "@" in one}
    assert full.candidate.email in words and len(words) > 20
    for name in ("events", "outbox"):
        written = "\n".join(str(row) for row in store.database[name].find())
        assert {one for one in words if one in written} == set()
