"""Reads mails written as files when no server is configured: their recipients and their links."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from pathlib import Path

LINK = re.compile(r"https?://[^\s<>]+")


@dataclass(frozen=True)
class KeptMail:
    path: Path
    date: str
    to: str
    subject: str
    links: tuple[str, ...]


def kept_mails(folder: Path) -> Iterator[KeptMail]:
    """Yields the mails (.eml) of a folder, oldest first, with the links in their text."""
    for path in sorted(folder.glob("*.eml"), key=lambda path: (path.stat().st_mtime_ns, path.name)):
        message = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = message.get_body(("plain",))
        links = dict.fromkeys(LINK.findall(body.get_content())) if body else {}
        yield KeptMail(path, str(message["Date"]), str(message["To"]), str(message["Subject"]), tuple(links))
