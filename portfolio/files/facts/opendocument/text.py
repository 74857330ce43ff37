"""Facts of a text of OpenDocument: styles, fields, contents, notes, tables, changes."""

from __future__ import annotations

from typing import Final

from portfolio.files.facts.opendocument.content import ContentReader

_CODES: Final = {
    "text:table-of-content": "table_of_contents",
    "text:alphabetical-index": "index",
    "text:illustration-index": "index",
    "text:bibliography": "citation",
    "text:database-display": "mail_merge",
    "text:database-next": "mail_merge",
    "text:conditional-text": "conditional_field",
    "text:hidden-text": "conditional_field",
    "text:page-number": "page_number",
    "text:page-count": "page_number",
    "text:date": "date_field",
    "text:time": "date_field",
    "text:creation-date": "date_field",
    "text:sequence": "caption",
    "text:bookmark-ref": "cross_reference",
    "text:reference-ref": "cross_reference",
    "text:sequence-ref": "cross_reference",
    "text:bookmark": "bookmark",
    "text:bookmark-start": "bookmark",
    "text:placeholder": "form_field",
    "text:text-input": "form_field",
    "text:drop-down": "form_field",
    "text:expression": "calculated_field",
    "text:list": "list",
}
_ORDINARY_STYLES = {
    "",
    "Standard",
    "Default Paragraph Style",
    "Default Style",
    "Text body",
    "Contents",
    "Style par défaut",
}
_AROUND = {"style:header": "en-tête", "style:footer": "pied de page"}


class TextContent(ContentReader):
    _paragraph = 0

    def place(self) -> str:
        if self.around:
            return next((place for tag, place in _AROUND.items() if self.inside(tag)), "en-tête ou pied de page")
        return f"paragraphe {self._paragraph}" if self._paragraph else ""

    def starts(self, tag: str, attributes: dict[str, str]) -> None:
        if tag in ("text:p", "text:h"):
            self._paragraph += 1
            self._style(tag, attributes.get("style-name", ""))
        elif tag == "text:note":
            self.uses("endnote" if attributes.get("note-class") == "endnote" else "footnote")
        elif tag == "table:table" and not self.inside("table:table-cell"):
            self.uses("table")
        elif tag == "text:section" and not self.inside("text:table-of-content"):
            self.uses("columns" if attributes.get("style-name", "") in self.styles.breaks else "section")
        elif tag == "text:span" and attributes.get("style-name", "") in self.styles.hides:
            self.gathering.risks("hidden_text", self.place())
        elif tag == "text:list" and (self.inside("text:list-item") or self.inside("text:list-header")):
            return  # a level of the list around it
        elif tag in _CODES:
            self.uses(_CODES[tag], attributes.get("column-name", ""))
            if tag in ("text:hidden-text", "text:hidden-paragraph"):
                self.gathering.risks("hidden_text", self.place())

    def written(self, text: str) -> None:
        if self.around:
            for tag, code in (("style:header", "header"), ("style:footer", "footer")):
                if self.inside(tag):
                    self.uses(code)

    def _style(self, tag: str, name: str) -> None:
        if self.around or self.inside("text:table-of-content") or self.inside("office:annotation"):
            return
        displayed = self.styles.chosen(name, self.automatic)
        if tag == "text:h":
            self.uses("heading", displayed)
        elif displayed not in _ORDINARY_STYLES:
            self.uses("style", displayed)
        if name in self.styles.hides:
            self.gathering.risks("hidden_text", self.place())
