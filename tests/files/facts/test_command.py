"""`python -m portfolio.files` says what files are, one JSON object a line, and goes on behind a bad one."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from portfolio.files import __main__ as command
from tests.files.facts.test_workbooks import claims
from tests.support import specimens

ROOT = Path(__file__).parents[3]
KEYS = {"file", "kind", "functions", "provenance", "personal_data", "risks", "view", "seconds"}


def told(*paths: Path) -> tuple[int, list[dict]]:
    ended = subprocess.run(
        [sys.executable, "-m", "portfolio.files", *map(str, paths)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert ended.stderr == ""
    return ended.returncode, [json.loads(line) for line in ended.stdout.splitlines()]


def test_each_file_is_a_line_in_order_and_a_bad_one_stops_nothing(tmp_path: Path) -> None:
    files = {
        "a.xlsx": claims(),
        "b.docx": specimens.word()[:900],
        "c.docx": b"",
        "d.jpg": specimens.picture("JPEG", located=True),
        "e.docm": specimens.word_with_macros(),
        "f.zip": b"PK\3\4" + bytes(90),
        "g.mp4": specimens.film(),
    }
    for name, data in files.items():
        (tmp_path / name).write_bytes(data)
    status, lines = told(*(tmp_path / name for name in files), tmp_path / "absent.pdf")
    assert status == 1
    assert [(Path(line["file"]).name, line["kind"], line.get("error")) for line in lines] == [
        ("a.xlsx", "xlsx", None),
        ("b.docx", None, "torn_file"),
        ("c.docx", None, "empty_file"),
        ("d.jpg", "jpeg", None),
        ("e.docm", "docx", "macros_in_file"),
        ("f.zip", None, "torn_file"),
        ("g.mp4", "mp4", None),
        ("absent.pdf", None, "unreadable"),
    ]
    assert all(KEYS <= line.keys() <= KEYS | {"error"} for line in lines)
    assert [line["view"] and line["view"]["shape"] for line in lines][:4] == ["tables", None, None, "picture"]
    assert "gps" in {risk["code"] for risk in lines[3]["risks"]}
    assert "macros" in {risk["code"] for risk in lines[4]["risks"]}


def test_a_folder_is_gone_through_in_the_order_of_names(tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    for name in ("b.txt", "a.txt", "inner/c.txt"):
        (tmp_path / name).write_text("Bonjour")
    status, lines = told(tmp_path)
    assert status == 0
    assert [Path(line["file"]).name for line in lines] == ["a.txt", "b.txt", "c.txt"]


def test_without_a_file_it_says_how_it_is_called() -> None:
    assert command.main([]) == 2
