"""Names what is drawn in a .docx: pictures, charts, diagrams, shapes and objects of other programs."""

from __future__ import annotations

from collections.abc import Callable

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter, write_lines
from portfolio.files.previews.renderers.drawn_texts import chart_lines, diagram_lines
from portfolio.files.previews.renderers.office_names import Attributes, words_for
from portfolio.files.previews.renderers.package import Package, Relation


class WordDrawings:
    """Handles the elements of drawings for the reader of a part. emit: writes words, with marks, where they stand."""

    def __init__(
        self,
        package: Package,
        writer: ProseWriter,
        relations: dict[str, Relation],
        emit: Callable[[str, TextMark | None], None],
    ) -> None:
        self._package, self._writer, self._relations, self._emit = package, writer, relations, emit
        self._words = ""  # of the drawing as a whole
        self._picture_words = ""
        self._says_nothing = False
        self._vml_words = ""
        self._has_vml_picture = False
        self._object = ""
        self.starts: dict[str, Callable[[Attributes], None]] = {
            "wp:docPr": self._start_drawing,
            "pic:cNvPr": self._note_picture,
            "c:chart": self._chart,
            "dgm:relIds": self._diagram,
            "v:shape": self._start_shape,
            "v:imagedata": self._note_vml_picture,
            "v:textpath": self._word_art,
            "o:OLEObject": self._note_object,
        }
        self.ends: dict[str, Callable[[], None]] = {
            "pic:pic": lambda: self._picture(self._picture_words or self._words),
            "wp:inline": self._end_drawing,
            "wp:anchor": self._end_drawing,
            "w:pict": self._end_vml,
            "w:object": self._end_vml,
        }

    def note_words(self) -> None:
        """Notes that the drawing has words, which are shown: nothing else stands for it."""
        self._says_nothing = False

    def _start_drawing(self, attributes: Attributes) -> None:
        self._words, self._picture_words, self._says_nothing = words_for(attributes), "", True

    def _note_picture(self, attributes: Attributes) -> None:
        self._picture_words = words_for(attributes)

    def _picture(self, words: str, what: str = "Image") -> None:
        self._says_nothing = False
        text, mark = marks.picture(words, what)
        self._emit(text, mark)

    def _end_drawing(self) -> None:
        if self._says_nothing and self._words:
            self._picture(self._words, "Dessin")
        self._words, self._says_nothing = "", False

    def _chart(self, attributes: Attributes) -> None:
        relation = self._relations.get(attributes.get("id", ""))
        if relation is not None:
            self._says_nothing = False
            write_lines(self._writer, *chart_lines(self._package, relation.target))

    def _diagram(self, attributes: Attributes) -> None:
        relation = self._relations.get(attributes.get("dm", ""))
        if relation is not None:
            self._says_nothing = False
            write_lines(self._writer, "Diagramme", diagram_lines(self._package, relation.target))

    # --- drawings of before 2010 ------------------------------------------------------------------

    def _start_shape(self, attributes: Attributes) -> None:
        self._vml_words = attributes.get("alt", "")

    def _note_vml_picture(self, attributes: Attributes) -> None:
        self._has_vml_picture = True
        self._vml_words = self._vml_words or attributes.get("title", "")

    def _word_art(self, attributes: Attributes) -> None:
        if words := attributes.get("string", ""):
            self._picture(words, "Texte dessiné")

    def _note_object(self, attributes: Attributes) -> None:
        self._object = attributes.get("ProgID", "") or "autre programme"

    def _end_vml(self) -> None:
        if self._object:
            self._picture(self._object, "Objet incorporé")
        elif self._has_vml_picture:
            self._picture(self._vml_words)
        self._vml_words, self._has_vml_picture, self._object = "", False, ""
