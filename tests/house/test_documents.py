"""Documents say what kind they are, lead where they say, and decisions all have the same form."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.house.rooms_picture import layers_of, picture

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
ARCHITECTURE = (DOCS / "architecture.md").read_text()
DECISIONS = sorted((DOCS / "decisions").glob("0*.md"))
WRITTEN = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
KINDS = ("explanation", "how-to", "reference", "governance", "decisions")
_ANOTHER = r"\[\d{4}\]\(\S+?\)"
STANDING = re.compile(
    rf"Date: (\d{{4}}-\d\d-\d\d)\. Status: (accepted|(?:superseded|amended) by {_ANOTHER}(?:, {_ANOTHER})*)\."
)
LINK = re.compile(r"\]\(([^)#\s]+)?(?:#([^)\s]+))?\)")
_FOLDERS = "portfolio|api|web|config|tests|docs|migrations|rehearsal|deploy"
PATH = re.compile(rf"(?<![\w./-])((?:{_FOLDERS})/[\w/.-]*\.(?:py|md|yaml|html|typ|env|conf))\b")


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


def headings_of(path: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", path.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", title).strip().lower().replace(" ", "-") for title in titles}


# --- where they stand and lead ----------------------------------------------------------------------


def test_every_document_is_an_explanation_a_how_to_a_reference_or_a_decision() -> None:
    inside = [path.relative_to(DOCS).parts for path in DOCS.rglob("*.md")]
    assert {parts[0] for parts in inside if len(parts) > 1} == set(KINDS)
    assert {parts[0] for parts in inside if len(parts) == 1} == {"README.md", "architecture.md"}


def test_the_index_names_every_document_once() -> None:
    index = (DOCS / "README.md").read_text()
    told = [path for path, _ in LINK.findall(index) if not path.startswith("..")]
    others = [path for path in DOCS.rglob("*.md") if path.parent.name != "decisions" and path != DOCS / "README.md"]
    assert sorted(told) == sorted([*(str(path.relative_to(DOCS)) for path in others), "decisions/README.md"])


@pytest.mark.parametrize("document", WRITTEN, ids=named)
def test_every_link_leads_somewhere(document: Path) -> None:
    for path, heading in LINK.findall(document.read_text()):
        if "://" in path:
            continue
        target = (document.parent / path).resolve() if path else document
        assert target.exists(), path
        assert not heading or heading in headings_of(target), (path, heading)


@pytest.mark.parametrize("document", [*WRITTEN, ROOT / "deploy" / "portfolio.env"], ids=named)
def test_every_file_that_is_named_is_there(document: Path) -> None:
    assert [path for path in PATH.findall(document.read_text()) if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy").glob("*.service")), ids=named)
def test_a_unit_s_documentation_is_there(unit: Path) -> None:
    for path in re.findall(r"^Documentation=file:///opt/portfolio-e5/(\S+)$", unit.read_text(), re.MULTILINE):
        assert (ROOT / path).is_file(), path


# --- decisions --------------------------------------------------------------------------------------


@pytest.mark.parametrize("decision", DECISIONS, ids=named)
def test_a_decision_says_its_date_its_status_and_what_was_weighed(decision: Path) -> None:
    title, standing, *text = decision.read_text().splitlines()
    assert re.match(r"# \S", title)
    assert STANDING.match(standing), "under the title: Date: 2026-11-30. Status: accepted."
    parts = [line for line in text if line.startswith("## ")]
    assert parts == ["## Context", "## Decision", "## Alternatives", "## Consequences"]
    weighed = "\n".join(text).partition("## Alternatives\n")[2].partition("\n## ")[0]
    assert weighed.count("\n- ") + weighed.startswith("- ") >= 1, "name what was weighed"


@pytest.mark.parametrize("decision", DECISIONS, ids=named)
def test_what_changed_a_decision_came_later(decision: Path) -> None:
    found = STANDING.match(decision.read_text().splitlines()[1])
    assert found
    for number, path in re.findall(r"\[(\d{4})\]\((\S+?)\)", found[2]):
        assert path.startswith(number) and (decision.parent / path).is_file(), path
        assert number > decision.name[:4]


def test_the_list_of_decisions_tells_each_with_its_status() -> None:
    listed = (DOCS / "decisions" / "README.md").read_text()
    rows = dict(re.findall(r"^\| \[\d{4}\]\((\S+)\) \| .+ \| ([^|]+) \|$", listed, re.MULTILINE))
    told = {}
    for decision in DECISIONS:
        found = STANDING.match(decision.read_text().splitlines()[1])
        assert found
        told[decision.name] = re.sub(r"\[(\d{4})\]\(\S+?\)", r"\1", found[2])
    assert rows == told


# --- the architecture -------------------------------------------------------------------------------


def test_the_picture_of_the_rooms_is_drawn_from_the_contract() -> None:
    drawn = ARCHITECTURE.partition("```mermaid\n")[2].partition("\n```")[0]
    assert drawn == picture(), "put what python -m tests.support.house.rooms_picture writes into docs/architecture.md"


def test_the_table_of_rooms_has_each_room_in_its_order() -> None:
    table = ARCHITECTURE.partition("| room | what happens there |")[2].partition("\n\n")[0]
    rows = re.findall(r"^\| `(\w+)/` \|", table, re.MULTILINE)
    assert rows == [name for name in reversed(layers_of("portfolio")) if (ROOT / "portfolio" / name).is_dir()]


def test_each_of_the_fifteen_questions_leads_to_a_module() -> None:
    table = ARCHITECTURE.partition("| question | module |")[2].partition("\n\n")[0]
    asked = [line for line in table.splitlines()[2:] if line.startswith("|")]
    assert len(asked) == 15
    for line in asked:
        named_there = re.findall(r"`([\w/]+\.py)`", line.split("|")[2])
        assert named_there and [path for path in named_there if not (ROOT / "portfolio" / path).is_file()] == [], line


def test_every_module_that_the_architecture_names_is_there() -> None:
    """By its path in `portfolio/`, in `web/` or from the top, or by the last part of it."""
    named_there = re.findall(r"`([\w/]+(?:\.py|/))`", ARCHITECTURE)
    assert len(named_there) > 60
    for path in named_there:
        folders = (
            ROOT,
            ROOT / "portfolio",
            ROOT / "web",
            *(room for room in ROOT.glob("portfolio/*") if room.is_dir()),
        )
        assert any((folder / path).exists() for folder in (*folders, ROOT / "web" / "office")), path
