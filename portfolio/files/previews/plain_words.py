"""Reads the words of a preview one after the other, for who cannot see how they are laid out. Pure."""

from __future__ import annotations

from collections.abc import Iterator

from portfolio.files.previews.preview_spec import MailView, Preview, SheetView
from portfolio.files.previews.renderers.documents.prose_blocks import plain_lines


def plain_words(preview: Preview) -> str:
    """Returns the words of a text, a document, the sheets that are not hidden, mails; "" for a preview that has none.
    Lines are those of paragraphs and rows; cells are apart by « | ».
    """
    lines = [preview.text] if preview.text else []
    for section in preview.sections:
        lines += [section["title"], *plain_lines(section["blocks"])]
    for sheet in preview.sheets:
        lines += [] if sheet["hidden"] else _of_sheet(sheet)
    for mail in preview.messages:
        lines += _of_mail(mail)
    return "\n".join(line for line in lines if line.strip())


def _of_sheet(sheet: SheetView) -> Iterator[str]:
    yield sheet["name"]
    for row in sheet["rows"]:
        yield " | ".join(text for text in row["texts"] if text)


def _of_mail(mail: MailView) -> Iterator[str]:
    yield from (f"{name} : {value}" for name, value in mail["headers"])
    yield mail["text"]
    yield from (f"Pièce jointe : {name}" for name in mail["attached"])
    for inner in mail["messages"]:
        yield from _of_mail(inner)
