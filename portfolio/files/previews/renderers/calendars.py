"""Renders calendar files (.ics): what, when, where and who, as invitations in mails."""

from __future__ import annotations

from typing import BinaryIO

from portfolio.files.previews.preview_spec import Preview
from portfolio.files.previews.renderers.mails.invitation import LONGEST_CALENDAR, invitation_words
from portfolio.files.previews.renderers.texts import decoded, words
from portfolio.files.previews.sandbox import run

LARGEST_READ = 4 * LONGEST_CALENDAR  # UTF-8 takes at most four bytes per sign


def show(source: BinaryIO, _kind: str, _what: str) -> Preview:
    calendar = decoded(source.read(LARGEST_READ + 1))
    return words(invitation_words(calendar), [], cut=len(calendar) > LONGEST_CALENDAR)


if __name__ == "__main__":
    run(show)
