"""The models to fill in: each is recognised as what it is, with all its columns."""

from __future__ import annotations

from io import BytesIO

import pytest
from openpyxl import load_workbook

from portfolio.enrolment.year_lists.model_files import model_of
from portfolio.enrolment.year_lists.sheets import ListOf
from tests.enrolment.year_lists.test_year import shown
from tests.support.worlds.world import World


@pytest.mark.parametrize("kind", ListOf)
def test_a_model_is_read_as_its_own_kind(world: World, kind: ListOf) -> None:
    name, data = model_of(kind)
    workbook = load_workbook(BytesIO(data))
    sheet = workbook.worksheets[0]
    for column in range(1, sheet.max_column + 1):
        assert sheet.cell(3, column).number_format == "@"
        sheet.cell(3, column).value = "Le Goff"
    out = BytesIO()
    workbook.save(out)
    (found,) = shown(world, out.getvalue()).sheets
    assert (found.source.kind, found.read.unknown_columns) == (kind, [])
    assert len(found.read.columns) == sheet.max_column and name.startswith("modele-liste-")
