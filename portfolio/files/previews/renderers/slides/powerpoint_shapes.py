"""Reads a slide of a .pptx, its notes or its comments, by its XML, into a ProseWriter."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.list_numbers import BULLET, displayed
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter, write_lines
from portfolio.files.previews.renderers.drawn_texts import chart_lines, diagram_lines
from portfolio.files.previews.renderers.office_names import Attributes, PartReader, number, words_for
from portfolio.files.previews.renderers.package import Package, Relation
from portfolio.files.previews.renderers.slides.powerpoint_grounds import CHANGES, COLOURS, SlideGrounds
from portfolio.files.previews.renderers.slides.powerpoint_inherited import InheritedColours, Placeholder
from portfolio.files.previews.renderers.words.on_paper import is_tiny, unseen_marks
from portfolio.files.previews.renderers.words.raised_signs import place_of, raised
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs, is_symbols

_TITLES = {"title", "ctrTitle"}
# Placeholders of a page of notes that repeat its slide; and of a slide, its number, which its title says.
AROUND_NOTES = frozenset({"sldImg", "sldNum", "hdr", "ftr", "dt"})
AROUND_SLIDE = frozenset({"sldNum"})
_AUTOMATIC = re.compile(r"(arabic|alphaLc|alphaUc|romanLc|romanUc)\w*?(Period|ParenR|ParenBoth|Plain)")
_FORMS = {
    "arabic": "decimal", "alphaLc": "lowerLetter", "alphaUc": "upperLetter", "romanLc": "lowerRoman",
    "romanUc": "upperRoman",
}  # fmt: skip
_AROUND = {"Period": "{}.", "ParenR": "{})", "ParenBoth": "({})", "Plain": "{}"}
_FIELDS = {"slidenum": "numéro de diapositive", "datetime": "date du jour"}


@dataclass
class _Shape:
    """A shape. name: its identifier on the slide. role: the type of its placeholder, « obj » for one without type,
    empty for an ordinary shape; number: its « idx ». white: its words, by its style.
    """

    role: str = ""
    number: str = ""
    white: bool = False
    name: str = ""
    words: str = ""
    hidden: bool = False
    passed_over: bool = False
    link: TextMark | None = None
    media: str = ""
    counts: dict[int, int] = field(default_factory=dict)


@dataclass
class _SlideParagraph:
    """bullet: None where the paragraph does not say."""

    level: int = 0
    bullet: bool | None = None
    automatic: str = ""
    start: int = 1


class ShapesReader(PartReader):
    """Reads shapes. passed_over: roles of the placeholders that are not shown. grounds: what is under the words of a
    slide, inherited: colours that its placeholders have from elsewhere; None where it is not known.
    """

    unread = frozenset(
        {
            "p:timing",
            "p:transition",
            "p:bg",
            "a:lstStyle",
            "p:txStyles",
            "p:clrMapOvr",
            "a:ln",
            "a:effectLst",
            "a:uFill",
        }
    )

    def __init__(
        self,
        package: Package,
        writer: ProseWriter,
        relations: dict[str, Relation],
        passed_over: frozenset[str] = AROUND_SLIDE,
        *,
        no_placeholders: bool = False,
        grounds: SlideGrounds | None = None,
        inherited: InheritedColours | None = None,
    ) -> None:
        super().__init__()
        self.hidden = False
        self._package, self._writer, self._relations = package, writer, relations
        self._passed_over, self._no_placeholders = passed_over, no_placeholders
        self._outer: list[_Shape] = []
        self._shape = _Shape()
        self._paragraph = _SlideParagraph()
        self._in_run = self._reads_text = False
        self._shifted = self._font = ""
        self._struck = self._tiny = self._white = self._coloured = self._highlighted = self._of_style = False
        self._grounds, self._inherited, self._cells = grounds, inherited, 0
        self._run_link: TextMark | None = None
        self._field: TextMark | None = None
        self.starts = self._starts()
        self.ends = self._ends()
        self.choose_forms()

    def _starts(self) -> dict[str, Callable[[Attributes], None]]:
        starts: dict[str, Callable[[Attributes], None]] = {
            "p:sld": lambda a: setattr(self, "hidden", a.get("show", "1") in ("0", "false")),
            "p:cNvPr": self._note_shape,
            "p:ph": self._note_role,
            "a:videoFile": lambda _: setattr(self._shape, "media", "Vidéo"),
            "a:audioFile": lambda _: setattr(self._shape, "media", "Son"),
            "a:wavAudioFile": lambda _: setattr(self._shape, "media", "Son"),
            "a:p": lambda _: setattr(self, "_paragraph", _SlideParagraph()),
            "a:pPr": lambda a: setattr(self._paragraph, "level", min(max(number(a.get("lvl")), 0), 8)),
            "a:buNone": lambda _: setattr(self._paragraph, "bullet", False),
            "a:buChar": lambda _: setattr(self._paragraph, "bullet", True),
            "a:buBlip": lambda _: setattr(self._paragraph, "bullet", True),
            "a:buAutoNum": self._note_number,
            "a:r": self._start_run,
            "a:rPr": self._note_run,
            "a:highlight": self._note_highlight,
            "a:gradFill": self._note_other_fill,
            "a:pattFill": self._note_other_fill,
            "a:fontRef": lambda _: setattr(self, "_of_style", True),
            "a:latin": self._note_font,
            "a:sym": self._note_font,
            "a:fld": self._start_field,
            "a:hlinkClick": self._note_link,
            "a:t": lambda _: setattr(self, "_reads_text", True),
            "m:t": lambda _: setattr(self, "_reads_text", True),
            "a:br": lambda _: self._emit("\n"),
            "a:tab": lambda _: None,
            "a:tbl": lambda _: self._writer.open_table(),
            "a:tr": lambda _: self._writer.open_row(),
            "a:tc": self._start_cell,
            "c:chart": self._chart,
            "dgm:relIds": self._diagram,
            "p:oleObj": self._note_object,
        }
        starts |= dict.fromkeys(COLOURS, self._note_colour)
        starts |= {f"a:{change}": lambda _: self._say_white(white=False) for change in CHANGES}
        starts |= dict.fromkeys(_SHAPES, self._start_shape)
        return starts

    def _ends(self) -> dict[str, Callable[[], None]]:
        ends: dict[str, Callable[[], None]] = {
            "a:p": self._end_paragraph,
            "a:r": self._end_run,
            "a:fld": self._end_run,
            "a:t": lambda: setattr(self, "_reads_text", False),
            "m:t": lambda: setattr(self, "_reads_text", False),
            "a:tbl": self._writer.close_table,
            "a:tc": self._end_cell,
            "a:fontRef": lambda: setattr(self, "_of_style", False),
            "p:pic": self._end_picture,
        }
        ends |= {tag: self._end_shape for tag in _SHAPES if tag != "p:pic"}
        return ends

    # --- shapes -----------------------------------------------------------------------------------

    def _start_shape(self, _attributes: Attributes) -> None:
        self._outer.append(self._shape)
        self._shape = _Shape(hidden=self._shape.hidden, passed_over=self._shape.passed_over)

    def _end_shape(self) -> None:
        self._writer.end_paragraph()
        self._shape = self._outer.pop() if self._outer else _Shape()

    def _note_shape(self, attributes: Attributes) -> None:
        self._shape.words, self._shape.name = words_for(attributes), attributes.get("id", "")
        self._shape.hidden = self._shape.hidden or attributes.get("hidden") in ("1", "true")

    def _note_role(self, attributes: Attributes) -> None:
        self._shape.role, self._shape.number = attributes.get("type", "obj"), attributes.get("idx", "")
        self._shape.passed_over = self._no_placeholders or self._shape.role in self._passed_over

    def _end_picture(self) -> None:
        if not self._shape.passed_over:
            text, mark = marks.picture(self._shape.words, self._shape.media or "Image")
            self._emit(text, mark)
        self._end_shape()

    def _note_object(self, attributes: Attributes) -> None:
        """Writes the name of an object of another program, and passes over the picture of it that stands inside."""
        text, mark = marks.picture(self._shape.words or attributes.get("progId", ""), "Objet incorporé")
        self._emit(text, mark)
        self.skip()

    def _chart(self, attributes: Attributes) -> None:
        relation = self._relations.get(attributes.get("id", ""))
        if relation is not None and not self._shape.passed_over:
            write_lines(self._writer, *chart_lines(self._package, relation.target))

    def _diagram(self, attributes: Attributes) -> None:
        relation = self._relations.get(attributes.get("dm", ""))
        if relation is not None and not self._shape.passed_over:
            write_lines(self._writer, "Diagramme", diagram_lines(self._package, relation.target))

    def _start_cell(self, attributes: Attributes) -> None:
        if any(attributes.get(covered) in ("1", "true") for covered in ("hMerge", "vMerge")):
            self.skip()
        else:
            self._cells += 1
            self._writer.open_cell(number(attributes.get("gridSpan"), 1), number(attributes.get("rowSpan"), 1))

    def _end_cell(self) -> None:
        self._cells -= 1
        self._writer.close_cell()

    # --- words ------------------------------------------------------------------------------------

    def characters(self, text: str) -> None:
        if self._reads_text and not self.passing:
            self._emit(raised(in_signs(self._font, text), self._shifted))

    def _emit(self, text: str, mark: TextMark | None = None) -> None:
        shape = self._shape
        if shape.passed_over:
            return
        hidden = TextMark(marks.HIDDEN, "objet masqué") if shape.hidden else None
        struck = marks.STRUCK_TEXT if self._struck else None
        all_marks = [
            each for each in (hidden, struck, mark, self._field, self._run_link or shape.link) if each is not None
        ]
        if mark is None:
            all_marks += unseen_marks(text, white=self._is_white() and self._is_on_paper(), tiny=self._tiny)
        self._writer.text(text, all_marks)

    def _is_white(self) -> bool:
        """Returns whether the words that are read are white, by their own colour or that of what they stand in."""
        if self._coloured or self._cells or self._run_link is not None or not self._in_run:
            return self._white
        if self._shape.role and self._inherited is not None:
            return self._inherited.is_white(Placeholder(self._shape.role, self._shape.number), self._paragraph.level)
        return self._shape.white

    def _is_on_paper(self) -> bool:
        """Returns whether nothing but white paper is under the shape, as far as is known: cells have other colours."""
        return not self._cells and self._grounds is not None and self._grounds.is_on_paper(self._shape.name)

    def _start_run(self, _attributes: Attributes) -> None:
        self._reset_run()
        self._in_run = True

    def _end_run(self) -> None:
        self._reset_run()
        self._in_run, self._field = False, None

    def _reset_run(self) -> None:
        self._run_link, self._shifted, self._font, self._struck = None, "", "", False
        self._tiny = self._white = self._coloured = self._highlighted = False

    def _note_run(self, attributes: Attributes) -> None:
        self._shifted = place_of(attributes.get("baseline", "").rstrip("%"))
        self._struck = attributes.get("strike", "noStrike") != "noStrike"
        self._tiny = is_tiny(number(attributes.get("sz")) / 100)

    def _note_colour(self, attributes: Attributes) -> None:
        if self._grounds is not None:
            self._say_white(white=self._grounds.colours.is_white(attributes))

    def _say_white(self, *, white: bool) -> None:
        if self._of_style:
            self._shape.white = white
        elif self._in_run and not self._highlighted:
            self._white, self._coloured = white, True

    def _note_other_fill(self, _attributes: Attributes) -> None:
        """Notes that something else than one colour fills the words."""
        self._say_white(white=False)
        self.skip()

    def _note_highlight(self, _attributes: Attributes) -> None:
        """Notes that something is under the words alone."""
        self._highlighted, self._white, self._coloured = True, False, True
        self.skip()

    def _note_font(self, attributes: Attributes) -> None:
        if self._in_run and (not self._font or is_symbols(attributes.get("typeface", ""))):
            self._font = attributes.get("typeface", "")

    def _start_field(self, attributes: Attributes) -> None:
        self._start_run(attributes)
        kind = attributes.get("type", "")
        words = next((words for name, words in _FIELDS.items() if kind.startswith(name)), "")
        self._field = TextMark(marks.FIELD, f"champ : {words}" if words else "champ")

    def _note_link(self, attributes: Attributes) -> None:
        relation = self._relations.get(attributes.get("id", ""))
        if relation is None or not relation.address:
            return
        if self._in_run:
            self._run_link = marks.link(relation.address)
        else:
            self._shape.link = marks.link(relation.address)

    def _note_number(self, attributes: Attributes) -> None:
        self._paragraph.bullet = True
        self._paragraph.automatic = attributes.get("type", "")
        self._paragraph.start = number(attributes.get("startAt"), 1)

    def _end_paragraph(self) -> None:
        now, role = self._paragraph, self._shape.role
        if role in _TITLES:
            self._writer.end_heading(1)
        elif now.bullet or (now.bullet is None and (role == "obj" or now.level)):
            self._writer.end_item(now.level + 1, self._marker())
        else:
            self._writer.end_paragraph()

    def _marker(self) -> str:
        now, counts = self._paragraph, self._shape.counts
        for deeper in [level for level in counts if level > now.level]:
            del counts[deeper]
        match = _AUTOMATIC.fullmatch(now.automatic)
        if match is None:
            counts.pop(now.level, None)
            return BULLET
        counts[now.level] = counts.get(now.level, now.start - 1) + 1
        return _AROUND[match[2]].format(displayed(counts[now.level], _FORMS[match[1]]))


_SHAPES = ("p:sp", "p:pic", "p:graphicFrame", "p:cxnSp", "p:grpSp")
