"""Follows how the words of an OpenDocument text are drawn, by the styles of the paragraph and the spans around them."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.marks import TextMark
from portfolio.files.previews.renderers.opendocument.styles import OdfLook, Styles
from portfolio.files.previews.renderers.words.on_paper import unseen_marks
from portfolio.files.previews.renderers.words.raised_signs import raised
from portfolio.files.previews.renderers.words.symbol_fonts import in_signs


class Looks:
    """The styles around the words that are read. A paragraph may stand in a drawing inside another one."""

    def __init__(self, styles: Styles) -> None:
        self._styles = styles
        self._paragraphs: list[tuple[str, OdfLook]] = []
        self._spans: list[OdfLook] = []

    def start_paragraph(self, style: str) -> None:
        self._paragraphs.append((style, self._styles.look("paragraph", style)))

    def end_paragraph(self) -> str:
        """Ends the paragraph, and returns the name of its style."""
        return self._paragraphs.pop()[0]

    def start_span(self, style: str) -> bool:
        """Begins a span. Returns whether its style hides it."""
        self._spans.append(self._styles.look("text", style))
        return bool(self._spans[-1].hidden)

    def end_span(self) -> None:
        self._spans.pop()

    def drawn(self, text: str) -> str:
        """Returns the text as it is drawn: in the signs of its font, above or below the line."""
        font = next((look.font for look in self._inside_out() if look.font), "")
        return raised(in_signs(font, text), next((look.shifted for look in reversed(self._spans) if look.shifted), ""))

    def marks(self) -> list[TextMark]:
        hidden = bool(self._paragraphs) and bool(self._paragraphs[-1][1].hidden)
        struck = next((look.struck for look in self._inside_out() if look.struck is not None), False)
        return [marks.HIDDEN_TEXT] * hidden + [marks.STRUCK_TEXT] * struck

    def unseen(self, text: str, *, on_white: bool, in_white: bool) -> list[TextMark]:
        """Returns the marks of a text that is there and not seen. on_white: whether nothing but the paper is under its
        paragraph, as far as is known. in_white: whether words are white where no style says their colour.
        """
        white = next((look.white for look in self._inside_out() if look.white is not None), in_white)
        tiny = next((look.tiny for look in self._inside_out() if look.tiny is not None), False)
        shaded = white and any(look.shaded for look in self._inside_out())
        return unseen_marks(text, white=white and on_white and not shaded, tiny=tiny)

    def _inside_out(self) -> Iterator[OdfLook]:
        yield from reversed(self._spans)
        if self._paragraphs:
            yield self._paragraphs[-1][1]
