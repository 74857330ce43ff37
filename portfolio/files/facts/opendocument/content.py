"""What the content of all OpenDocument files has in common: words, styles, links, pictures, charts, changes."""

from __future__ import annotations

import re
from typing import Final

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.ooxml.part_reader import FactsPartReader
from portfolio.files.previews.renderers.office_names import local_attributes, short_name

CONTENT, STYLES = "content.xml", "styles.xml"
_HEX = re.compile(r"_([0-9a-f]{2,4})_")
_BLOCKS: Final = ("text:p", "text:h")
_WITHIN_ANNOTATION = "office:annotation"
_CODES: Final = {  # tag: code of what stands once, in any of them
    "draw:image": "picture",
    "draw:text-box": "text_box",
    "draw:plugin": "media",
    "draw:object-ole": "inserted_object",
    "form:form": "form",
    "draw:custom-shape": "shape",
}
_FORM_FIELDS: Final = {
    f"form:{name}" for name in ("text", "checkbox", "listbox", "combobox", "radio", "date", "number")
}


class StyleNames(FactsPartReader):
    """Reads styles. shown: {name as stored: name as displayed} of those that somebody made or chose. parents: {name:
    name of the style that it changes}. hides: names of those that hide a table or words; rows or columns of tables say
    it themselves.
    """

    def __init__(self) -> None:
        self.shown: dict[str, str] = {}
        self.parents: dict[str, str] = {}
        self.hides: set[str] = set()
        self.moves: dict[str, dict[str, str]] = {}
        self.breaks: set[str] = set()
        self.masters: dict[str, str] = {}
        self._name = ""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "style":
            self.begin(attributes)
        else:
            self.property(tag, attributes)

    def begin(self, attributes: dict[str, str]) -> None:
        self._name = attributes.get("name", "")
        self.shown[self._name] = attributes.get("display-name", _readable(self._name))
        if "parent-style-name" in attributes:
            self.parents[self._name] = attributes["parent-style-name"]

    def property(self, tag: str, attributes: dict[str, str]) -> None:
        """Notes a property of the style that is being read. Names are without their prefix."""
        if (
            tag == "table-properties"
            and attributes.get("display") == "false"
            or tag == "text-properties"
            and attributes.get("display") == "none"
        ):
            self.hides.add(self._name)
        elif tag == "drawing-page-properties":
            self.moves[self._name] = attributes
            if attributes.get("visibility") == "hidden":
                self.hides.add(self._name)
        elif tag == "columns" and attributes.get("column-count", "1") not in ("", "0", "1"):
            self.breaks.add(self._name)

    def end(self, tag: str) -> None:
        if tag == "style":
            self._name = ""

    def chosen(self, name: str, automatic: set[str]) -> str:
        """Returns the displayed name of the style that somebody chose, behind the one that the program made for its
        changes; empty for none.
        """
        for _ in range(5):
            if name not in automatic:
                break
            name = self.parents.get(name, "")
        return self.shown.get(name, _readable(name))


def _readable(name: str) -> str:
    """Returns « Titre 1 » for « Titre_20_1 »."""
    return _HEX.sub(lambda code: chr(int(code[1], 16)), name)


class ContentReader(FactsPartReader):
    """Reads content.xml, or styles.xml (`around`): headers, footers and masters. Tags come with the prefix that the
    standard has for their namespace; attributes without. charts: folders of the objects that are charts.
    """

    namespaces = True

    def __init__(self, styles: StyleNames, charts: set[str], gathering: Gathering, *, around: bool = False) -> None:
        self.styles, self.gathering, self.around = styles, gathering, around
        self.automatic: set[str] = set()
        self._charts = charts
        self._words: list[str] = []
        self._depth = 0  # of paragraphs: an annotation has its own
        self._tags: list[str] = []
        self._aside = ""
        self._names: dict[str, str] = {}

    # --- what each kind says ------------------------------------------------------------------------

    def place(self) -> str:
        """Returns where the reader is, in French."""
        return ""

    def starts(self, tag: str, attributes: dict[str, str]) -> None:
        """Begins an element of this kind of file."""

    def ends(self, tag: str) -> None:
        """Ends an element of this kind of file."""

    # --- what they have in common -------------------------------------------------------------------

    def _started(self, name: str, attributes: dict[str, str]) -> None:
        name = self._short(name)
        self._tags.append(name)
        attributes = local_attributes(attributes)
        if name == "style:style":
            self.styles.begin(attributes)
            if not self.around or "office:automatic-styles" in self._tags[:4]:
                self.automatic.add(attributes.get("name", ""))
            return
        if name.startswith("style:") and name.endswith(("-properties", ":columns")):
            self.styles.property(name.partition(":")[2], attributes)
            return
        if name in _BLOCKS:
            self._end_words()
            self._depth += 1
        elif name in ("text:s", "text:tab", "text:line-break"):
            self._words.append(" ")
        elif name == "draw:object":
            folder = attributes.get("href", "").removeprefix("./").strip("/")
            self.uses("chart" if folder in self._charts else "inserted_object")
        elif name in _CODES:
            self.uses(_CODES[name])
        elif name in _FORM_FIELDS:
            self.uses("form_field")
        elif name in ("text:a", "draw:a") and attributes.get("href"):
            self.uses("link")
        elif name == _WITHIN_ANNOTATION:
            self._end_words()
            self._aside = " (commentaire)"
            self.uses("comment")
            self.gathering.risks("comments", self.place())
        elif name == "text:changed-region" or name == "table:cell-content-change":
            self.uses("tracked_change")
            self.gathering.risks("tracked_changes", self.place())
        self.starts(name, attributes)

    def _ended(self, name: str) -> None:
        name = self._short(name)
        if self._tags:
            self._tags.pop()
        if name in _BLOCKS:
            self._end_words()
            self._depth = max(0, self._depth - 1)
        elif name == _WITHIN_ANNOTATION:
            self._aside = ""
        self.ends(name)

    def text(self, text: str) -> None:
        if self._depth:
            self._words.append(text)

    def _short(self, full: str) -> str:
        name = self._names.get(full)
        if name is None:
            name = short_name(full)
            if len(self._names) < 5_000:
                self._names[full] = name
        return name

    def inside(self, tag: str) -> bool:
        return tag in self._tags

    def uses(self, code: str, value: str = "", count: int = 1) -> None:
        self.gathering.uses(code, self.place(), value, count)

    def written(self, text: str) -> None:
        """Takes the words of a paragraph that has ended."""

    def _end_words(self) -> None:
        text = "".join(self._words)
        if text.strip():
            self.gathering.text(self.place() + self._aside, text)
            self.written(text)
        self._words = []
