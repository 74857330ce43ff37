"""Facts of a presentation or drawing of OpenDocument: pages, masters, notes, transitions, animations, charts, media."""

from __future__ import annotations

from portfolio.files.facts.opendocument.content import ContentReader

_EFFECTS = {
    "entrance": "entrée",
    "emphasis": "accentuation",
    "exit": "sortie",
    "motion-path": "trajectoire",
}
_MOVES = ("transition-type", "transition-style", "type")
_NONE = {"", "none", "manual"}


class SlidesContent(ContentReader):
    _page = 0

    def place(self) -> str:
        if self.around:
            return "masque"
        if self.inside("presentation:notes"):
            return f"diapositive {self._page}, commentaires"
        return f"diapositive {self._page}" if self._page else ""

    def starts(self, tag: str, attributes: dict[str, str]) -> None:
        if tag == "draw:page":
            self._start_page(attributes)
        elif tag == "style:master-page":
            self.gathering.uses("master", attributes.get("display-name", attributes.get("name", "")))
        elif tag == "table:table":
            self.uses("table")
        elif "preset-class" in attributes:
            self.uses("animation", _EFFECTS.get(attributes["preset-class"], ""))
        elif tag == "animation:transitionFilter" or (tag == "presentation:show-shape"):
            self.uses("transition" if tag.startswith("animation") else "animation")
        elif tag == "text:page-number" and not self.around:
            self.uses("slide_number")
        elif tag == "presentation:show":
            self.uses("custom_show", attributes.get("name", ""))

    def written(self, text: str) -> None:
        if self.inside("presentation:notes") and not self.around:
            self.gathering.uses("speaker_notes", f"diapositive {self._page}", count=0 if self._noted else 1)
            self._noted = True

    _noted = False

    def _start_page(self, attributes: dict[str, str]) -> None:
        self._page += 1
        self._noted = False
        self.uses("slide")
        style = attributes.get("style-name", "")
        if style in self.styles.hides:
            self.gathering.risks("hidden_slides", self.place())
        moves = self.styles.moves.get(style, {})
        if any(moves.get(name, "") not in _NONE for name in _MOVES):
            self.uses("transition")
