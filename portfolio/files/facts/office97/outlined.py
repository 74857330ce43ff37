"""Facts of what has no reader of its own, by the outline that its preview draws: .doc, .ppt and .rtf."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import BinaryIO, Final

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.office97.summary import read_summary
from portfolio.files.previews.preview_spec import OUTLINE, BlockView, MarkedRun, Preview
from portfolio.files.previews.renderers import prose
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.ole import Compound

_BLOCKS: Final = {"heading": "heading", "list": "list", "table": "table", "box": "text_box"}
_RUNS: Final = {"inserted": "tracked_change", "deleted": "tracked_change", "field": "field", "link": "link"}
_RUNS_AT_RISK: Final = {"inserted": "tracked_changes", "deleted": "tracked_changes", "hidden": "hidden_text"}
_SECTIONS: Final = (
    ("En-tête", "header"),
    ("Pied de page", "footer"),
    ("Notes de bas de page", "footnote"),
    ("Notes de fin", "endnote"),
    ("Commentaires", "comment"),
)
_INFORMATION: Final = (("author", rb"author"), ("last_author", rb"operator"), ("title", rb"title"))
_HEAD = 1 << 16


def read(source: BinaryIO, kind: str, gathering: Gathering) -> None:
    """Gathers the facts of a .doc, a .ppt or an .rtf. Raises Torn, CannotShow, and what their readers raise."""
    if kind == "rtf":
        _rich_text(source, gathering)
    else:
        read_summary(Compound(Window(source)), gathering)
    source.seek(0)
    preview = prose.show(source, kind, OUTLINE)
    for number, section in enumerate(preview.sections if isinstance(preview, Preview) else [], 1):
        place = f"diapositive {number}" if kind == "ppt" else section["title"] or "texte"
        if kind == "ppt":
            gathering.uses("slide", place)
        for title, code in _SECTIONS:
            if section["title"].startswith(title):
                gathering.uses(code)
                if code == "comment":
                    gathering.risks("comments")
        if section["hidden"]:
            gathering.risks("hidden_slides", place)
        _blocks(section["blocks"], place, gathering)


def _blocks(blocks: Iterable[BlockView], place: str, gathering: Gathering) -> None:
    for block in blocks:
        if block["kind"] in _BLOCKS:
            gathering.uses(_BLOCKS[block["kind"]], place)
        runs = [block.get("runs", []), *(item["runs"] for item in block.get("items", []))]
        for line in runs:
            _line(line, place, gathering)
        _blocks(block.get("blocks", []), place, gathering)
        for row in block.get("rows", []):
            for cell in row["cells"]:
                _blocks(cell["blocks"], place, gathering)


def _line(runs: list[str | MarkedRun], place: str, gathering: Gathering) -> None:
    for run in runs:
        if isinstance(run, str):
            continue
        if run["kind"] in _RUNS:
            gathering.uses(_RUNS[run["kind"]], place)
        if run["kind"] in _RUNS_AT_RISK:
            gathering.risks(_RUNS_AT_RISK[run["kind"]], place)
    gathering.text(place, "".join(run if isinstance(run, str) else run["text"] for run in runs))


def _rich_text(source: BinaryIO, gathering: Gathering) -> None:
    """Notes the group of information of an .rtf: its author, and who saved it last."""
    head = source.read(_HEAD)
    words = {}
    for name, control in _INFORMATION:
        match = re.search(rb"\{\\" + control + rb" ([^{}\\]{1,200})\}", head)
        words[name] = match[1].decode("cp1252", "replace") if match else ""
    gathering.author(words["author"])
    gathering.comes_from(last_author=words["last_author"], title=words["title"])
    generator = re.search(rb"\{\\\*\\generator ([^{};\\]{1,200})", head)
    gathering.comes_from(application=generator[1].decode("cp1252", "replace") if generator else "")
