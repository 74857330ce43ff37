"""Nothing stands here that nobody uses, and nothing runs that no document names."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

import worker
from config.settings import Settings

ROOT = Path(__file__).parents[2]
SOURCES = (".py", ".html")
DOCUMENTS = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md"), ROOT / "deploy" / "portfolio.env"]


def test_every_template_is_drawn_by_a_page_or_by_another_template() -> None:
    written = "\n".join(
        path.read_text() for folder in ("api", "web") for path in (ROOT / folder).rglob("*") if path.suffix in SOURCES
    )
    named = set(re.findall(r"[\"']([\w/-]+\.(?:html|xml|txt))[\"']", written))
    readers = [path for path in (ROOT / "web").glob("*/templates") if path.is_dir()]
    templates = [
        Path(reader.parent.name) / path.relative_to(reader) for reader in readers for path in reader.rglob("*.*")
    ]
    assert len(templates) > 50
    # A reader's pages name theirs without the folder (`candidate.portfolio_page`).
    assert [str(one) for one in templates if not {str(one), one.name} & named] == []


@pytest.mark.parametrize("setting", [field.name.upper() for field in fields(Settings)])
def test_every_setting_is_in_a_document(setting: str) -> None:
    assert any(re.search(rf"\b{setting}\b", path.read_text()) for path in DOCUMENTS), f"say what {setting} does"


def test_every_task_of_the_clock_is_in_the_operator_s_document() -> None:
    tasks = [task.name for task in worker.TASKS]
    assert len(tasks) > 3
    told = (ROOT / "docs" / "how-to" / "operations.md").read_text()
    assert [task for task in tasks if f"| `{task}` |" not in told] == []


def test_no_list_of_names_is_in_the_order_of_bytes() -> None:
    """`by_name`, `by_place`, `by_city` and `name_key` sort as a reader does; the store's order has LE BRAS first."""
    by_bytes = re.compile(r"order_by\([^)]*\"-?(family_name|given_names|birth_name|name|city|company_name)\"")
    code = [path for room in ("portfolio", "web", "api") for path in (ROOT / room).rglob("*.py")]
    assert [str(path.relative_to(ROOT)) for path in code if by_bytes.search(path.read_text())] == []
