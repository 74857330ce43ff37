"""Reads the comments on a slide of a .pptx, by their XML."""

from __future__ import annotations

from portfolio.files.previews.renderers.documents import marks
from portfolio.files.previews.renderers.documents.prose_writer import ProseWriter
from portfolio.files.previews.renderers.office_names import Attributes, PartReader

_COMMENTS = ("p:cm", "p188:cm", "p188:reply")


class CommentsReader(PartReader):
    """Reads the comments of a slide, old ones (p:cm) and those with replies (p188:cm). authors: {id: name}."""

    unread = frozenset({"p188:txMkLst", "p:extLst"})

    def __init__(self, writer: ProseWriter, authors: dict[str, str]) -> None:
        super().__init__()
        self._writer, self._authors = writer, authors
        self._reads_text = False
        self.starts = dict.fromkeys(_COMMENTS, self._start_comment) | {
            tag: lambda _: setattr(self, "_reads_text", True) for tag in ("p:text", "a:t")
        }
        self.ends = {tag: lambda: setattr(self, "_reads_text", False) for tag in ("p:text", "a:t")}
        self.ends |= {"a:p": writer.end_paragraph} | dict.fromkeys(_COMMENTS, writer.close_box)

    def _start_comment(self, attributes: Attributes) -> None:
        author = self._authors.get(attributes.get("authorId", ""), "")
        day = attributes.get("dt") or attributes.get("created", "")
        self._writer.open_box(marks.note_title(0, author, day))

    def characters(self, text: str) -> None:
        if self._reads_text and not self.passing:
            self._writer.text(text)
