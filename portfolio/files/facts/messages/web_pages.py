"""Facts of a saved web page: title, address, day, legal notice, consent banner, and what stands in it."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from typing import BinaryIO, Final

from portfolio.files.facts.gathered import Gathering
from portfolio.files.previews.renderers.mails.mail import Mail
from portfolio.files.previews.renderers.texts import decoded
from portfolio.files.previews.renderers.words.html_words import words_of

LARGEST = 32 << 20
_EMBEDDED = re.compile(r"data:[\w/+.;=-]{1,80},[A-Za-z0-9+/=%\s]*")
_SAVED_FROM = re.compile(r"<!--\s*saved from url=\(\d{1,6}\)(\S{1,2000})", re.IGNORECASE)
_SINGLE_FILE = re.compile(r"\burl:\s*(https?://\S{1,2000})\s*\n\s*saved date:\s*([^\n]{1,120})", re.IGNORECASE)
_LEGAL: Final = re.compile(
    r"mentions?\s+l[ée]gales?|conditions\s+g[ée]n[ée]rales|politique\s+de\s+(?:confidentialit[ée]|protection)|"
    r"donn[ée]es\s+personnelles|protection\s+des\s+donn[ée]es|legal\s+notice|privacy\s+policy|imprint|\bCGU\b|\bCGV\b",
    re.IGNORECASE,
)
_CONSENT_MARKUP: Final = re.compile(
    r"didomi|axeptio|tarteaucitron|onetrust|cookiebot|CybotCookie|quantcast|sirdata|trustcommander|usercentrics|"
    r"cookie[-_]?(?:consent|banner|notice|law|bar)|(?:consent|rgpd|gdpr)[-_]?(?:banner|manager|popup|modal)|cmp[-_]?"
    r"(?:banner|container)",
    re.IGNORECASE,
)
_COOKIES = re.compile(r"\bcookies?\b|\btraceurs?\b", re.IGNORECASE)
_CHOICE = re.compile(
    r"\b(?:tout\s+)?(?:accepter|refuser|param[ée]trer|continuer\s+sans\s+accepter|accept|reject)\b", re.I
)
_CODES: Final = {
    "img": "picture",
    "video": "media",
    "audio": "media",
    "form": "form",
    "table": "table",
    "iframe": "frame",
}
_HEADINGS = {f"h{level}" for level in range(1, 7)}
_META_DAYS = ("article:published_time", "article:modified_time", "date", "dc.date", "last-modified")


def read(source: BinaryIO, _kind: str, gathering: Gathering) -> None:
    """Gathers the facts of an .html."""
    data = source.read(LARGEST + 1)
    gathering.whole = len(data) <= LARGEST
    _page(decoded(data[:LARGEST]), gathering)


def saved_as_mail(mail: Mail, fields: dict[str, str], gathering: Gathering) -> None:
    """Gathers the facts of an .mhtml. fields: decoded headers by name in lower case."""
    headers = dict(mail.headers)
    where = fields.get("snapshot-content-location", "") or next(
        (section.location for section in mail.sections if section.location), ""
    )
    gathering.comes_from(title=headers.get("Objet", ""), address=where, created=headers.get("Date", ""))
    for section in mail.sections:
        _page(section.html or section.plain, gathering)


def _page(html: str, gathering: Gathering) -> None:
    html = _EMBEDDED.sub("", html)
    saved, single = _SAVED_FROM.search(html), _SINGLE_FILE.search(html)
    reader = _PageReader(gathering)
    reader.feed(html)
    gathering.comes_from(
        title=reader.title,
        address=(saved and saved[1]) or (single and single[1]) or reader.address,
        created=single[2] if single else reader.day,
        application=reader.meta.get("generator", ""),
    )
    gathering.author(reader.meta.get("author", ""))
    words = words_of(html)
    if reader.legal or _LEGAL.search(words):
        gathering.uses("legal_notice", reader.legal)
    if _CONSENT_MARKUP.search(html) or (_COOKIES.search(words) and _CHOICE.search(words)):
        gathering.uses("consent_banner")
    gathering.uses("words", count=len(words.split()))
    for paragraph in words.split("\n"):
        gathering.text("page", paragraph)


class _PageReader(HTMLParser):
    """Counts what a page is made of. meta: {name: content}. legal: words of the link to its legal notice."""

    def __init__(self, gathering: Gathering) -> None:
        super().__init__(convert_charrefs=True)
        self.title = self.address = self.day = self.legal = ""
        self.meta: dict[str, str] = {}
        self._gathering = gathering
        self._within = ""
        self._link: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag == "title" and not self.title:
            self._within = "title"
        elif tag == "a" and values.get("href"):
            self._within, self._link = "a", []
            self._gathering.uses("link")
        elif tag == "meta":
            self._meta(values)
        elif tag == "link" and values.get("rel", "").lower() == "canonical":
            self.address = values.get("href", "") or self.address
        elif tag == "time" and not self.day:
            self.day = values.get("datetime", "")
        elif tag in _HEADINGS:
            self._gathering.uses("heading", value=tag)
        elif tag in _CODES:
            self._gathering.uses(_CODES[tag])

    def handle_endtag(self, tag: str) -> None:
        if tag == "a" and self._within == "a":
            words = " ".join("".join(self._link).split())
            if not self.legal and _LEGAL.search(words):
                self.legal = words[:100]
        if tag == self._within:
            self._within = ""

    def handle_data(self, data: str) -> None:
        if self._within == "title":
            self.title += data[:300]
        elif self._within == "a":
            self._link.append(data[:300])

    def _meta(self, values: dict[str, str]) -> None:
        name = (values.get("name") or values.get("property") or values.get("http-equiv") or "").lower()
        content = values.get("content", "")
        self.meta.setdefault(name, content)
        if name == "og:url" and not self.address:
            self.address = content
        elif name in _META_DAYS and not self.day:
            self.day = content
