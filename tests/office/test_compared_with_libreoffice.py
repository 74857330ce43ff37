"""What our pages show of sixty files, beside what LibreOffice, set to French, shows of the same files."""

from __future__ import annotations

import csv
import random
import re
import shutil
import subprocess
from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from pathlib import Path

import docx
import openpyxl
import pytest

from portfolio.files.previews.programs import office
from tests.files.previews.documents.reading import lines_of
from tests.files.previews.drawn import outline
from tests.files.previews.tables import texts_of

WORKBOOKS, DOCUMENTS = 12, 6  # in three and in four formats
ROWS, COLUMNS = 12, 8
ALIKE = 0.99  # of the visible cells
# As displayed, comma, quotes, UTF-8, French: the tokens of LibreOffice's CSV filter.
AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,1036,false,false,true,false"
FORMATS = (
    *("General", "0", "0.00", "#,##0", "#,##0.00", "0%", "0.00%", '#,##0.00\\ "€"', "0.00E+00", "00000"),
    *("dd/mm/yyyy", "d mmmm yyyy", "mm/yy", "hh:mm", "[h]:mm:ss", "dd/mm/yyyy hh:mm", '0" jours"', "# ?/?"),
)
WORDS = [
    "prime",
    "sinistre",
    "déclaration",
    "échéance",
    "client",
    "garantie",
    "véhicule",
    "expertise",
    "règlement",
    "avenant",
    "tiers",
    "dégât",
]


def converted(folder: Path, form: str, *sources: Path) -> Path:
    """Has LibreOffice write all these files in one of its formats; returns their folder."""
    profile, made = folder / "profile" / "user", folder / form.partition(":")[0]
    if not profile.exists():
        profile.mkdir(parents=True)
        shutil.copy(Path(office.__file__).with_name("office_settings.xcu"), profile / "registrymodifications.xcu")
    made.mkdir(exist_ok=True)
    options = [f"-env:UserInstallation=file://{profile.parent}", "--headless", "--norestore", "--convert-to", form]
    subprocess.run(["soffice", *options, "--outdir", made, *sources], check=True, capture_output=True, timeout=300)
    return made


def value_for(code: str, chance: random.Random) -> object:
    if code == "[h]:mm:ss":
        return timedelta(minutes=chance.randrange(1, 6000), seconds=chance.randrange(60))
    if code == "hh:mm":
        return time(chance.randrange(24), chance.randrange(60))
    if re.search("[dy]", code.partition('"')[0]):
        return datetime.combine(
            date(2026, 1, 1) + timedelta(days=chance.randrange(700)), time(chance.randrange(24), 30)
        )
    return chance.choice([chance.randrange(-5000, 2_000_000), round(chance.uniform(-20, 3000), 3), chance.random(), 0])


def workbook(path: Path, chance: random.Random) -> Path:
    book = openpyxl.Workbook()
    for row in range(1, ROWS + 1):
        for column in range(1, COLUMNS + 1):
            code = chance.choice(FORMATS)
            value = value_for(code, chance) if chance.random() < 0.8 else chance.choice(WORDS)
            book.active.cell(row, column, value).number_format = code
    book.save(path)
    return path


def letter(path: Path, chance: random.Random) -> Path:
    written = docx.Document()
    written.add_heading(" ".join(chance.sample(WORDS, 3)), 1)
    for style in (None, "List Bullet", "List Number", None):
        written.add_paragraph(" ".join(f"{chance.choice(WORDS)}{chance.randrange(99)}" for _ in range(20)), style)
    table = written.add_table(3, 3)
    for cell in (cell for row in table.rows for cell in row.cells):
        cell.text = f"{chance.choice(WORDS)} {chance.randrange(9999)}"
    written.sections[0].header.paragraphs[0].text = f"entête{chance.randrange(99)}"
    written.save(path)
    return path


def spaces_alike(text: str) -> str:
    """Returns the text as a cell shows it: LibreOffice pads fractions, and its spaces are other ones."""
    return re.sub(r"[\u00a0\u202f]", " ", text).strip()


@pytest.mark.parametrize("kind", ["xlsx", "ods", "xls"])
def test_the_cells_are_those_that_libreoffice_displays(
    kind: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    chance = random.Random(7)
    files = [workbook(tmp_path / f"{number}.xlsx", chance) for number in range(WORKBOOKS)]
    if kind != "xlsx":
        files = sorted(converted(tmp_path, kind, *files).iterdir())
    there = converted(tmp_path, AS_CSV, *files)
    differing, count = [], 0
    for file in files:
        ours = texts_of(outline(file.read_bytes(), kind).sheets[0])
        theirs = list(csv.reader((there / f"{file.stem}.csv").read_text("utf-8-sig").splitlines()))
        assert len(ours) == len(theirs) == ROWS
        pairs = [pair for rows in zip(ours, theirs, strict=True) for pair in zip(*rows, strict=True)]
        count += len(pairs)
        differing += [pair for pair in pairs if spaces_alike(pair[0]) != spaces_alike(pair[1])]
    record_property("alike", f"{kind}: {count - len(differing)} of {count} cells")
    assert count == WORKBOOKS * ROWS * COLUMNS
    assert len(differing) <= (1 - ALIKE) * count, differing[:40]


@pytest.mark.parametrize("kind", ["docx", "odt", "doc", "rtf"])
def test_no_word_of_a_body_is_lost(kind: str, tmp_path: Path) -> None:
    chance = random.Random(8)
    files = [letter(tmp_path / f"{number}.docx", chance) for number in range(DOCUMENTS)]
    if kind != "docx":
        files = sorted(converted(tmp_path, kind, *files).iterdir())
    there = converted(tmp_path, "txt:Text (encoded):UTF8", *files)
    for file in files:
        body = (there / f"{file.stem}.txt").read_text("utf-8-sig")
        if kind == "doc":  # its numbers of lists are left out, and the page says so
            body = re.sub(r"(?m)^\s*\d+\.\s", "", body)
        theirs = re.findall(r"\w+", body)
        blocks = [section["blocks"] for section in outline(file.read_bytes(), kind).sections]
        ours = re.findall(r"\w+", " ".join(line for each in blocks for line in lines_of(each)))
        assert len(theirs) > 80
        assert not [word for word in set(theirs) if theirs.count(word) > ours.count(word)], file
