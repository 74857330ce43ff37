"""Letters in plain French: the same paragraphs as text and as HTML, without pictures to fetch.

Styles stand on the elements, which every program reads; a style sheet adds dark colours alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from html import escape
from zoneinfo import ZoneInfo

PARIS = ZoneInfo("Europe/Paris")
PAGE = """\
<!doctype html>
<html lang="fr">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
@media (prefers-color-scheme: dark) {{
  body {{ background: #161a1b !important; color: #eceff0 !important; }}
  .letter {{ background: #22282a !important; }}
  .button {{ background: #8fd0db !important; color: #10292e !important; }}
}}
</style></head>
<body style="margin:0;padding:12px;background:#f5f5f5;color:#161616">
<div role="article" aria-label="{title}" lang="fr" class="letter"
 style="max-width:36em;margin:0 auto;padding:20px;background:#ffffff;font:17px/1.5 Arial,sans-serif;{wraps}">
{body}
</div>
</body>
</html>
"""
# An address has no space to break at: the first property is of browsers, the second of Outlook and older ones.
WRAPS = "overflow-wrap:anywhere;word-break:break-word"
BUTTON = "display:inline-block;padding:14px 24px;background:#14505c;color:#ffffff;font-weight:bold;text-decoration:none"


def in_paris(moment: datetime) -> str:
    """Returns « 03/05/2027 à 14h02 (heure de Paris) », since the reader may be in any academy."""
    return f"{moment.astimezone(PARIS):%d/%m/%Y à %Hh%M} (heure de Paris)"


def one_line(text: str) -> str:
    """Returns typed text on one line, so that it cannot start a paragraph of its own."""
    return " ".join(text.split())


@dataclass(frozen=True)
class Paragraph:
    """A paragraph."""

    text: str

    def as_text(self) -> str:
        return self.text

    def as_html(self) -> str:
        return f"<p>{escape(self.text)}</p>"


@dataclass(frozen=True)
class Listed:
    items: list[str]

    def as_text(self) -> str:
        return "\n".join(f"- {item}" for item in self.items)

    def as_html(self) -> str:
        return "<ul>\n" + "\n".join(f"<li>{escape(item)}</li>" for item in self.items) + "\n</ul>"


@dataclass(frozen=True)
class Button:
    """A link with its words, and its bare address for programs that display no button."""

    words: str
    address: str

    def as_text(self) -> str:
        return f"{self.words} :\n\n{self.address}"

    def as_html(self) -> str:
        link = escape(self.address, quote=True)
        return (
            f'<p><a href="{link}" class="button" style="{BUTTON}">{escape(self.words)}</a></p>\n'
            f'<p style="font-size:14px">Si le bouton ne répond pas, copiez cette adresse :<br>\n{link}</p>'
        )


@dataclass(frozen=True)
class Figures:
    """Digits to be typed elsewhere."""

    text: str

    def as_text(self) -> str:
        return f"    {self.text}"

    def as_html(self) -> str:
        return f'<p style="font-size:32px;letter-spacing:6px;font-weight:bold">{escape(self.text)}</p>'


LetterPart = Paragraph | Listed | Button | Figures


@dataclass(frozen=True)
class Attached:
    name: str
    media_type: str
    data: bytes


@dataclass(frozen=True)
class CalendarEvent:
    """What programs that keep a calendar read in a mail (RFC 6047). method: REQUEST or CANCEL. data: iCalendar text."""

    method: str
    data: bytes


@dataclass(frozen=True)
class Letter:
    """A letter. reply_to: addresses that people read; none where nobody reads."""

    subject: str
    parts: tuple[LetterPart, ...]
    reply_to: tuple[str, ...] = ()
    attached: tuple[Attached, ...] = ()
    event: CalendarEvent | None = None

    def as_text(self) -> str:
        return "\n\n".join(part.as_text() for part in self.parts) + "\n"

    def as_html(self) -> str:
        return PAGE.format(
            title=escape(self.subject), wraps=WRAPS, body="\n".join(part.as_html() for part in self.parts)
        )
