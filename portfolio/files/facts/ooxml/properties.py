"""Reads what a package of Microsoft Office says of its making (ECMA-376, part 2, 11 and part 1, 22.2)."""

from __future__ import annotations

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import ElementTexts
from portfolio.files.previews.renderers.package import Package

_LARGEST = 1 << 20
_USUAL_TEMPLATES = {"normal.dotm", "normal.dot", "normal", ""}


def read_properties(package: Package, gathering: Gathering) -> None:
    """Notes authors, dates, application, editing time and template. Raises as `FactsPartReader.read` does."""
    relations = package.relations("").values()
    core, app = ElementTexts(), ElementTexts()
    for related in relations:
        if related.kind == "core-properties":
            core.read(package, related.target, _LARGEST)
        elif related.kind == "extended-properties":
            app.read(package, related.target, _LARGEST)
    gathering.author(core.texts.get("creator", ""))
    gathering.comes_from(
        last_author=core.texts.get("lastModifiedBy", ""),
        created=core.texts.get("created", ""),
        modified=core.texts.get("modified", ""),
        title=core.texts.get("title", ""),
        application=_application(app.texts),
        template=template if (template := app.texts.get("Template", "")).lower() not in _USUAL_TEMPLATES else "",
        company=app.texts.get("Company", ""),
        editing_minutes=_number(app.texts.get("TotalTime", "")),
        revisions=_number(core.texts.get("revision", "")),
    )
    note_macros(package, gathering)


def note_macros(package: Package, gathering: Gathering) -> None:
    """Notes macros of a package, where the service is asked of a file that it would not receive."""
    for name in package.names():
        if name.casefold().endswith("vbaproject.bin") or "/macrosheets/" in name.casefold():
            gathering.risks("macros", name)


def _application(texts: dict[str, str]) -> str:
    name, version = texts.get("Application", "").strip(), texts.get("AppVersion", "").strip()
    return f"{name} {version}" if name and version and version not in name else name


def _number(text: str) -> int:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else 0
