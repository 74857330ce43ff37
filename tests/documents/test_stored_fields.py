"""Every stored field is classified, and what the service does with personal ones is what their line says."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import mongoengine as me
import pytest
from bson import Decimal128, ObjectId

from portfolio.archive.elimination_papers import annex_csv
from portfolio.boards.own_data import ELSEWHERE, SHOWN, own_data
from portfolio.boards.retention_table import retention_as_markdown
from portfolio.boards.stored_fields import BY_POLICY, ROW, _kind, class_name, stored_fields
from portfolio.boards.stored_fields_table import stored_fields_as_markdown
from portfolio.documents import Candidacy, Portfolio
from portfolio.evidence import drafts
from portfolio.jury import sheets
from portfolio.jury.mark_list import mark_list_csv
from portfolio.policy.permissions import READ
from portfolio.rules.data_files import InvalidDataFile, read
from portfolio.store.connections import Connections, storage
from portfolio.submission.export import export
from tests.boards.test_own_data import full
from tests.conftest import Clock
from tests.support.worlds import eliminations
from tests.support.worlds.world import World

__all__ = ["full"]  # a fixture

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "stored-fields.md"
DURATIONS = Path(__file__).parents[2] / "docs" / "governance" / "durees-de-conservation.md"
COLLECTIONS = import_module("migrations.0001_first_shape").COLLECTIONS
NEVER_TOLD = ("nobody", "signals")
OF_THE_COMMISSION = ("commission", "jury", "members")
ANONYMOUS = ("fichier éliminé", "eliminated")


def classes() -> dict[str, Any]:
    """{as the table writes it: class}, of everything that is stored, parents and embedded ones included."""
    waiting, found = [me.Document, me.EmbeddedDocument], {}
    while waiting:
        waiting += (one := waiting.pop()).__subclasses__()
        if one.__module__.startswith("portfolio.documents."):
            found[class_name(one)] = one
    return found


def own_fields(kind: Any) -> set[str]:
    inherited = {name for parent in kind.__mro__[1:] for name in getattr(parent, "_fields", ())}
    return set(kind._fields) - inherited


def collections() -> dict[str, Any]:
    return {one._meta["collection"]: one for one in classes().values() if one._meta.get("collection")}


def stored_name(name: str) -> str:
    return "_id" if name == "id" else name


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


def values_of(value: Any) -> Iterator[Any]:
    """Every scalar within, and every container; sections are given a row at a time."""
    yield value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list | Iterator) else ():
        yield from values_of(inner)


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


# --- exports ----------------------------------------------------------------------------------------


def stored_texts(store: Connections, seen: Iterable[str]) -> list[tuple[str, str]]:
    """(field, text), of the fields that these alone may read: texts, numbers and identifiers that name nothing else."""
    found, elsewhere = [], set()
    for name, kind in collections().items():
        for row in store.database[name].find():
            for field, stored in stored_fields().of_kind(kind).items():
                texts = [text for value in values_of(row.get(stored_name(field))) if (text := distinct(value))]
                if stored.seen in seen:
                    found += [(f"{name}.{field}", text) for text in texts]
                else:
                    elsewhere |= set(texts)
    assert found
    return [(where, text) for where, text in found if text not in elsewhere]


def distinct(value: Any) -> str | None:
    """As it would be found in a file; None for what could be there by chance."""
    if isinstance(value, (ObjectId, Decimal128)):
        return str(value) if len(str(value)) > 4 else None
    return value if isinstance(value, str) and len(value) > 11 else None


def archive_text(world: World, _: Clock | None = None) -> str:
    taken = export(world.actor(world.candidate), Portfolio.objects.get(pk=world.candidacy.id), world.clock())
    with zipfile.ZipFile(io.BytesIO(b"".join(taken.chunks))) as archive:
        return "\n".join(archive.read(name).decode(errors="replace") for name in archive.namelist())


def test_the_candidate_s_archive_names_no_field_of_the_commission_and_no_secret(
    full: World, store: Connections, bucket: object
) -> None:
    full.set_password(full.candidate)
    said = archive_text(full)
    assert "Relance des impayés" in said
    fields = stored_texts(store, (*NEVER_TOLD, *OF_THE_COMMISSION))
    assert {where.split(".")[0] for where, _ in fields} >= {"assessments", "persons", "sign_ins"}
    assert {where for where, text in fields if text in said} == set()


@pytest.mark.parametrize("name", ["portfolio archive", "annex of a slip", "mark list"])
def test_an_export_is_drawn_from_the_classes_that_the_table_gives_it(
    name: str, full: World, clock: Clock, store: Connections, bucket: object
) -> None:
    said = {"portfolio archive": archive_text, "annex of a slip": annex_of_slip, "mark list": mark_list}[name](
        full, clock
    )
    assert len(said) > 100
    allowed = {one for one, kind in collections().items() if kind.__name__ in stored_fields().exports[name].kinds}
    inside, outside = set(), {}
    for collection, kind in collections().items():
        for row in store.database[collection].find():
            for field, stored in stored_fields().of_kind(kind).items():
                texts = {value for value in values_of(row.get(stored_name(field))) if isinstance(value, str)}
                if collection in allowed or not stored.personal:
                    inside |= texts
                else:
                    outside |= {text: f"{collection}.{field}" for text in texts if len(text) > 11}
    assert {where for text, where in outside.items() if text in said and text not in inside} == set()


def annex_of_slip(world: World, clock: Clock) -> str:
    eliminations.published(world, clock, world.candidacy)
    return annex_csv(world.actor(world.office), eliminations.drawn_up(world)).decode("utf-8-sig")


def mark_list(world: World, clock: Clock) -> str:
    eliminations.published(world, clock, world.candidacy)
    rows = sheets.school_mark_rows(world.actor(world.office), world.school, world.session)
    return mark_list_csv(rows).decode("utf-8-sig")


def test_every_export_names_classes_that_are_there_and_exports_no_other() -> None:
    names = {one.__name__ for one in classes().values()}
    for one in stored_fields().exports.values():
        assert set(one.kinds) <= names
    own = {
        collection
        for collection, kind in collections().items()
        if kind.__name__ in stored_fields().exports["own data"].kinds
    }
    assert own == {*SHOWN, "events"}
