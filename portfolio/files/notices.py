"""Says what is to be known of a file: the same facts to each of its readers, with advice for its candidate alone."""

from __future__ import annotations

from dataclasses import replace

from portfolio.documents.portfolios import FileState, ViewedFile
from portfolio.files.previews.preview_spec import CUT_PICTURE, WHERE_UNSEEN, MailView, Preview, shape_of
from portfolio.files.previews.renderers.documents import prose_notes
from portfolio.rules import file_warnings

# {note of a view: code of `file_warnings.WARNINGS` of the same fact}
_SAID_BY_VIEWS = {
    prose_notes.TRACKED: "tracked_changes",
    prose_notes.HIDDEN: "hidden_text",
    CUT_PICTURE: "picture_cut",
}


def codes_of(file: ViewedFile) -> tuple[str, ...]:
    """Returns the codes of `file_warnings.WARNINGS` that hold for a file, in their order; none until verified."""
    if file.state != FileState.VERIFIED:
        return ()
    unseen = ("view_missing",) if shape_of(file.kind) == "nothing" else ()
    return file_warnings.in_order((*(file.warnings or ()), *unseen))


def for_owner(file: ViewedFile) -> list[str]:
    """Returns sentences for the candidate who deposited it: what to check, what to deposit besides."""
    return file_warnings.for_owner(codes_of(file))


def for_reader(file: ViewedFile) -> list[str]:
    """Returns French sentences on what is particular about a file, for tutors, teachers and commissions: facts alone;
    [] if there is nothing to say.
    """
    return file_warnings.for_reader(codes_of(file))


def beside_them(file: ViewedFile, view: Preview) -> Preview:
    """Returns the view as it stands beside `for_owner` or `for_reader`: without their sentences among its notes."""
    codes = codes_of(file)

    def notes_of(notes: list[str]) -> list[str]:
        rest = [note for note in notes if _SAID_BY_VIEWS.get(note) not in codes]
        return [WHERE_UNSEEN.get(note, note) for note in rest] if "hidden_text" in codes else rest

    def beside(mail: MailView) -> MailView:
        return {**mail, "notes": notes_of(mail["notes"]), "messages": [beside(inner) for inner in mail["messages"]]}

    return replace(view, notes=notes_of(view.notes), messages=[beside(mail) for mail in view.messages])


def why_unshown(file: ViewedFile) -> str | None:
    """Returns the sentence for the candidate of a file that could not be displayed; None if it could."""
    return next(iter(file_warnings.for_owner(file_warnings.UNSHOWN.intersection(codes_of(file)))), None)


def is_shown(file: ViewedFile) -> bool:
    """Returns whether the file could be displayed when it was deposited, as far as is known."""
    return file_warnings.is_shown(codes_of(file))
