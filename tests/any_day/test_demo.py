"""`make demo` on the day and in the academy asked for by CLOCK and ZONE: what it leaves says the same everywhere."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from python_calamine import CalamineWorkbook

from rehearsal.dates import dates_of
from tests.support.clock import ASKED, LIVED, ZONE

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("demo")
    command = [sys.executable, "-m", "rehearsal.demo", "--out", str(out), "--clock", ASKED, "--zone", ZONE]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == 0, done.stdout + done.stderr
    return out


def test_the_demo_times_every_step(played: Path) -> None:
    steps = [row["step"] for row in json.loads((played / "timings.json").read_text())]
    assert {"enrolled", "deposited", "attested", "submitted", "sealed", "signed", "transmitted", "published"} <= set(
        steps
    )
    assert {"jury_of_two_academies", "deputy_seated", "printed", "keyed_from_paper", "same_sheet"} <= set(steps)
    assert {"lists_imported", "tutor_replaced", "abandoned", "transferred", "repeated"} <= set(steps)
    assert {"circular_moved", "numbers_arrived", "mark_kept", "absence", "meeting_recorded", "released"} <= set(steps)


def test_a_year_by_files_reaches_the_first_deposit_in_ten_forms(played: Path) -> None:
    rows = json.loads((played / "timings.json").read_text())
    (lists,) = [row for row in rows if row["step"] == "lists_imported"]
    assert lists["forms"] == len(lists["form_names"]) <= 10


def test_the_sheet_says_the_same_in_json_pdf_and_xlsx(played: Path) -> None:
    content = (played / "sheet.json").read_bytes()
    sheet = json.loads(content)
    with pikepdf.open(played / "sheet.pdf") as pdf:
        attached = next(iter(pdf.attachments.values())).get_file().read_bytes()
    assert attached == content
    rows = CalamineWorkbook.from_path(str(played / "sheet.xlsx")).get_sheet_by_name("Données").to_python()
    cells = {str(row[0]): row[1:] for row in rows[1:]}
    leaves = {path: value for path, value in _leaves(sheet) if value not in ({}, [])}
    assert len(leaves) > 80
    assert {path: str(cells[path][0]) for path, value in leaves.items() if isinstance(value, str)} == {
        path: value for path, value in leaves.items() if isinstance(value, str)
    }
    assert set(leaves) == {path for path, (_, kind) in cells.items() if "vide" not in kind}


def _leaves(value: Any, path: str = "") -> Any:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _leaves(inner, f"{path}/{name}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _leaves(inner, f"{path}/{index}")
    else:
        yield path, value


def test_the_mark_list_keeps_the_candidate_number_and_the_digest(played: Path) -> None:
    text = (played / "mark-list.csv").read_text("utf-8-sig")
    header, *rows = csv.reader(io.StringIO(text), delimiter=";")
    number = dates_of(LIVED, ZONE).number(1)
    [row] = [row for row in rows if number in row]
    listed = dict(zip(header, row, strict=True))
    assert hashlib.sha256((played / "sheet.json").read_bytes()).hexdigest() in row
    assert "14,5" in listed.values()


def test_the_export_verifies_itself_offline(played: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(played / "portfolio.zip") as archive:
        archive.extractall(tmp_path)
    verifier = next(tmp_path.rglob("verifier.py"))
    done = subprocess.run([sys.executable, "-I", verifier.name], cwd=verifier.parent, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
    assert b"14,5" not in b"".join(path.read_bytes() for path in tmp_path.rglob("*.json"))
