"""The command that prints precision and recall."""

from __future__ import annotations

from pathlib import Path

import pytest

from portfolio.files.personal_data.__main__ import main

MARKED = """=== a
Tél. [[phone:06 39 98 12 34]] ou [[email:pas une adresse]]
=== b
Rappeler le 06 39 98 12 35
"""


def test_the_table_counts_what_is_missed_and_what_is_not_marked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "texts.txt").write_text(MARKED, encoding="utf-8")
    assert main([str(tmp_path), "--mistakes"]) == 0
    told = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in told.splitlines()}
    assert rows["phone"] == ["0.500", "1.000", "1", "2"]
    assert rows["email"] == ["1.000", "0.000", "1", "0"]
    assert "a: email missed at 23-38" in told
    assert "b: phone not marked at 12-26" in told


@pytest.mark.parametrize("arguments", [[], ["/nowhere/at/all.txt"]])
def test_without_a_file_it_says_what_it_wants(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err
