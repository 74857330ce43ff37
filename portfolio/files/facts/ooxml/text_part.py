"""Facts of one part of a text of Word (WordprocessingML), and its words, paragraph by paragraph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from portfolio.files.facts import fields
from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import FactsPartReader, is_on

_CHANGES = {"ins": "ajout", "del": "suppression", "moveFrom": "déplacement", "moveTo": "déplacement"}
_CODES: Final = {  # tag: code of what stands once in a text
    "tbl": "table",
    "footnoteReference": "footnote",
    "endnoteReference": "endnote",
    "blip": "picture",
    "imagedata": "picture",
    "txbxContent": "text_box",
    "oMath": "equation",
    "ffData": "form_field",
    "checkBox": "form_field",
    "dropDownList": "form_field",
    "comboBox": "form_field",
    "altChunk": "inserted_file",
    "object": "inserted_object",
}
_ORDINARY_STYLES = {"", "normal", "default paragraph font", "table normal"}
_OF_PROGRAM = ("_toc", "_goback", "_ref", "_hlk")  # bookmarks that it sets itself


@dataclass
class Style:
    """A style. custom: made by the author of the file. heading: its paragraphs are titles. numbered: a list."""

    name: str
    custom: bool = False
    heading: bool = False
    numbered: bool = False


class TextPart(FactsPartReader):
    """where: what part this is, in French; empty for the body. styles: {id: Style}."""

    def __init__(self, where: str, styles: dict[str, Style], gathering: Gathering) -> None:
        self._where, self._styles, self._gathering = where, styles, gathering
        self._paragraph = 0
        self._words: list[str] = []
        self._instructions: list[list[str] | None] = []  # of the fields that are open; None behind their separator
        self._contents = 0  # depth of fields inside a table of contents
        self._reading = ""
        self._skipped = 0
        self._sections = 0
        self._starts: dict[str, Callable[[dict[str, str]], None]] = {
            "p": self._start_paragraph,
            "pStyle": self._start_style,
            "rStyle": self._start_style,
            "numPr": lambda attributes: self._use("list"),
            "fldSimple": lambda attributes: self._note_field(attributes.get("instr", "")),
            "fldChar": self._start_field_mark,
            "ins": lambda attributes: self._start_change("ins", attributes),
            "del": lambda attributes: self._start_change("del", attributes),
            "moveFrom": lambda attributes: self._start_change("moveFrom", attributes),
            "moveTo": lambda attributes: self._start_change("moveTo", attributes),
            "comment": self._start_comment,
            "vanish": self._start_vanish,
            "docPartGallery": self._start_gallery,
            "sectPr": self._start_section,
            "cols": self._start_columns,
            "pgSz": self._start_page,
            "bookmarkStart": self._start_bookmark,
            "hyperlink": self._start_link,
        }

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "Fallback":
            self._skipped += 1
        if self._skipped:
            return
        if tag in ("t", "delText", "instrText"):
            self._reading = tag
        elif tag in ("tab", "br", "cr"):
            self._words.append(" ")
        elif (start := self._starts.get(tag)) is not None:
            start(attributes)
        elif tag in _CODES:
            self._use(_CODES[tag])

    def end(self, tag: str) -> None:
        if tag == "Fallback":
            self._skipped -= 1
        elif self._skipped:
            return
        elif tag in ("t", "delText", "instrText"):
            self._reading = ""
        elif tag == "p":
            self._end_words()

    def text(self, text: str) -> None:
        if self._skipped or not self._reading:
            return
        if self._reading == "instrText":
            if self._instructions and (written := self._instructions[-1]) is not None:
                written.append(text)
        else:
            self._words.append(text)

    def _place(self) -> str:
        return self._where or f"paragraphe {self._paragraph}"

    def _use(self, code: str, value: str = "") -> None:
        self._gathering.uses(code, self._place(), value)

    def _start_paragraph(self, _attributes: dict[str, str]) -> None:
        self._end_words()
        self._paragraph += 1

    def _end_words(self) -> None:
        text = "".join(self._words)
        if text.strip():
            if self._where in ("en-tête", "pied de page"):
                self._use("header" if self._where == "en-tête" else "footer")
            self._gathering.text(self._place(), text)
        self._words = []

    def _start_style(self, attributes: dict[str, str]) -> None:
        style = self._styles.get(attributes.get("val", ""))
        if style is None or style.name.lower() in _ORDINARY_STYLES or self._where:
            return
        self._use("heading" if style.heading else "style", style.name)
        if style.custom:
            self._use("own_style", style.name)
        if style.numbered and not style.heading:
            self._use("list")

    def _start_field_mark(self, attributes: dict[str, str]) -> None:
        kind = attributes.get("fldCharType", "")
        if kind == "begin":
            self._instructions.append([])
        elif self._instructions and kind in ("separate", "end"):
            written = self._instructions[-1]
            if written is not None:
                self._note_field("".join(written))
                self._instructions[-1] = None
            if kind == "end":
                self._instructions.pop()
                self._contents = min(self._contents, len(self._instructions))

    def _note_field(self, instruction: str) -> None:
        code, value = fields.fact_of(instruction, within_contents=self._contents > 0)
        if not code:
            return
        self._use(code, value)
        if code == "table_of_contents" and not self._contents:
            self._contents = max(1, len(self._instructions))

    def _start_change(self, tag: str, attributes: dict[str, str]) -> None:
        if "author" not in attributes:  # a change of a property of the paragraph mark has one as well
            return
        self._use("tracked_change", _CHANGES[tag])
        self._gathering.risks("tracked_changes", self._place())

    def _start_comment(self, attributes: dict[str, str]) -> None:
        self._gathering.uses("comment", attributes.get("author", ""))
        self._gathering.risks("comments", attributes.get("author", ""))

    def _start_vanish(self, attributes: dict[str, str]) -> None:
        if is_on(attributes, missing=True):
            self._gathering.risks("hidden_text", self._place())

    def _start_gallery(self, attributes: dict[str, str]) -> None:
        gallery = attributes.get("val", "")
        if gallery.startswith("Cover"):
            self._use("cover_page")
        elif gallery.startswith("Watermarks"):
            self._use("watermark")

    def _start_section(self, _attributes: dict[str, str]) -> None:
        self._sections += 1
        if self._sections > 1:
            self._use("section")

    def _start_columns(self, attributes: dict[str, str]) -> None:
        number = attributes.get("num", "1")
        if number.isdigit() and int(number) > 1:
            self._use("columns")

    def _start_page(self, attributes: dict[str, str]) -> None:
        if attributes.get("orient") == "landscape":
            self._use("landscape")

    def _start_bookmark(self, attributes: dict[str, str]) -> None:
        if not attributes.get("name", "").lower().startswith(_OF_PROGRAM):
            self._use("bookmark")

    def _start_link(self, attributes: dict[str, str]) -> None:
        if "id" not in attributes and attributes.get("anchor") and not self._contents:
            self._use("link")
