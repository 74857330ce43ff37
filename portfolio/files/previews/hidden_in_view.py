"""Finds in a view what its reader may not see at first: for formats whose bytes are not searched at recognition."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from portfolio.files.previews.preview_spec import (
    CUT_PICTURE,
    LAID_OUT,
    UNSEEN_IN_CELLS,
    UNSEEN_ON_SCREEN,
    UNSEEN_WORDS,
    BlockView,
    MailView,
    MarkedRun,
    Preview,
    SheetView,
)

# Kinds; of others, `recognition/document_warnings.py` says it, which finds no white words of a document.
SEARCHED = LAID_OUT | frozenset(
    {"doc", "rtf", "docx", "dotx", "odt", "ott", "xls", "xlsx", "xltx", "ods", "ots", "ppt", "pptx", "ppsx", "potx"}
    | {"odp", "otp", "odg", "pdf", "jpeg", "html"}
)
COMMENTS = "Commentaires"  # the title under which readers of documents put them
_OF_RUNS = {"deleted": "tracked_changes", "inserted": "tracked_changes", "hidden": "hidden_text"}
_OF_NOTES = dict.fromkeys((UNSEEN_WORDS, UNSEEN_IN_CELLS, UNSEEN_ON_SCREEN), "hidden_text") | {
    CUT_PICTURE: "picture_cut"
}


def codes_in(preview: Preview) -> set[str]:
    """Returns the codes of `file_warnings.WARNINGS` that the outline of a file shows to hold."""
    codes = {code for section in preview.sections for code in _of_blocks(section["blocks"])}
    codes |= {_OF_NOTES[note] for note in (*preview.notes, *_of_mails(preview.messages)) if note in _OF_NOTES}
    codes |= {"comments" for section in preview.sections if section["title"] == COMMENTS}
    codes |= {"comments" for sheet in preview.sheets if sheet["comments"]}
    codes |= {"hidden_slides" for section in preview.sections if section["hidden"]}
    codes |= {"hidden_sheets" for sheet in preview.sheets if sheet["hidden"]}
    return codes | {"hidden_cells" for sheet in preview.sheets if _hides_cells(sheet)}


def _of_mails(mails: Iterable[MailView]) -> Iterator[str]:
    for mail in mails:
        yield from mail["notes"]
        yield from _of_mails(mail["messages"])


def _hides_cells(sheet: SheetView) -> bool:
    return any(line["hidden"] for line in [*sheet["columns"], *sheet["rows"]])


def _of_blocks(blocks: Iterable[BlockView]) -> Iterator[str]:
    for block in blocks:
        runs = [*block.get("runs", []), *(run for item in block.get("items", []) for run in item["runs"])]
        yield from _of_marks(run for run in runs if not isinstance(run, str))
        yield from _of_blocks(block.get("blocks", []))
        for row in block.get("rows", []):
            for cell in row["cells"]:
                yield from _of_blocks(cell["blocks"])


def _of_marks(runs: Iterable[MarkedRun]) -> Iterator[str]:
    yield from (_OF_RUNS[run["kind"]] for run in runs if run["kind"] in _OF_RUNS)
