"""Fields that leave: by an export, each from the classes that the table gives it."""

from __future__ import annotations

import io
import zipfile

import pytest

from portfolio.archive.elimination_papers import annex_csv
from portfolio.boards.own_data import SHOWN
from portfolio.boards.stored_fields import stored_fields
from portfolio.documents import Portfolio
from portfolio.jury import sheets
from portfolio.jury.mark_list import mark_list_csv
from portfolio.store.connections import Connections
from portfolio.submission.export import export
from tests.conftest import Clock
from tests.support.house.stored_rows import (
    NEVER_TOLD,
    OF_THE_COMMISSION,
    classes,
    collections,
    stored_name,
    stored_texts,
    values_of,
)
from tests.support.worlds import eliminations
from tests.support.worlds.world import World


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
    rows = sheets.school_mark_list(world.actor(world.office), world.school, world.session).rows
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
