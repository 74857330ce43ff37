"""Describes a mail that was read, whatever program wrote it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

CUT_HERE = "Ce message a plus de parties que cet aperçu n'en montre : téléchargez le fichier pour voir les autres."


@dataclass(frozen=True)
class Section:
    """A stretch of a body, in one form or in two that were meant to say the same.

    location: where its HTML was, if known: what the addresses in it are relative to.
    """

    plain: str = ""
    html: str = ""
    location: str = ""


@dataclass(frozen=True)
class Attachment:
    """A file inside a mail. content_id, location: what an HTML body calls it, without brackets.

    read: decodes its bytes.
    """

    name: str
    media_type: str
    read: Callable[[], bytes]
    content_id: str = ""
    location: str = ""


@dataclass
class Mail:
    """A mail. headers: [French name, value]. notes: French sentences on what is not shown."""

    headers: list[tuple[str, str]] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    attached: list[Attachment] = field(default_factory=list)
    mails: list[Mail] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def note(self, sentence: str) -> None:
        if sentence not in self.notes:
            self.notes.append(sentence)
