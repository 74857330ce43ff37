"""Draws a mail as it looked: its HTML sanitised, its own pictures drawn again, nothing from elsewhere.

The page stands in a frame without scripts and without origin (`web/everyone/file_previews.py`), which bars the same.
"""

from __future__ import annotations

import base64
import binascii
import html
import io
import re
from urllib.parse import unquote, unquote_to_bytes, urljoin

import nh3
from PIL import Image

from portfolio.counting import agrees, many
from portfolio.files.previews.renderers.mails.mail import Attachment, Mail, Section
from portfolio.files.previews.renderers.pictures import MOST_DECODED, upright, webp

LARGEST_HTML = 4 << 20
DEEPEST = 300  # elements inside each other: the sanitiser takes their square of time
MOST_PICTURES = 40
LARGEST_PICTURES = 8 << 20  # bytes of all, drawn again
LONGEST_SIDE = 1200

_TAGS = {
    "a", "abbr", "address", "b", "big", "blockquote", "br", "caption", "center", "cite", "code", "col", "colgroup",
    "dd", "del", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i", "img", "ins", "li",
    "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "small", "span", "strike", "strong", "sub", "sup", "table",
    "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul",
}  # fmt: skip
_NOT_READ = {"script", "style", "title", "template", "noscript", "svg", "math", "iframe", "object"}
_ATTRIBUTES = {
    "*": {"align", "bgcolor", "dir", "height", "lang", "style", "valign", "width"},
    "a": {"href"},
    "font": {"color", "face", "size"},
    "img": {"src", "alt"},
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing"},
    "td": {"colspan", "rowspan", "nowrap"},
    "th": {"colspan", "rowspan", "nowrap"},
}
_SIDES = ("top", "right", "bottom", "left")
_STYLES = {
    "background-color", "border-collapse", "border-radius", "border-spacing", "color", "direction", "display", "font",
    "font-family", "visibility",
    "font-size", "font-style", "font-weight", "height", "letter-spacing", "line-height", "list-style-type", "max-width",
    "text-align", "text-decoration", "text-indent", "text-transform", "vertical-align", "white-space", "width",
    *(f"{name}{side}" for name in ("padding", "margin", "border") for side in ("", *(f"-{side}" for side in _SIDES))),
}  # fmt: skip
_OPENING = re.compile(r"<(/?)([a-zA-Z]\w*)")
_NEVER_CLOSED = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"}
_PICTURE = re.compile(r'<img((?: [a-z]+="[^"]*")*)>')
_ATTRIBUTE = re.compile(r' ([a-z]+)="([^"]*)"')
_LINK = re.compile(r'<a((?: [a-z]+="[^"]*")*)>(.*?)</a>', re.DOTALL)
_ANY_TAG = re.compile(r"<[^>]*>")
_FORMATS = ("PNG", "JPEG", "GIF", "WEBP", "BMP")

LINKS = "Les liens ne s'ouvrent pas ; leur adresse est écrite à leur suite."
LEFT_OUT = "Scripts, formulaires, polices et images venues d'ailleurs ne sont jamais chargés."
TOO_COMPLEX = "<p>La mise en page de ce message est trop lourde ou trop complexe : seul son texte est montré.</p>"
_PAGE = """<!doctype html>
<html lang="fr"><head><meta charset="utf-8"><title>Message tel qu'il se présentait</title>
<style>body {{ background: #fff; color: #000; font-family: sans-serif; overflow-wrap: anywhere }}
img {{ height: auto; max-width: 100% }} .note {{ border: 1px solid #767676; font-size: .875rem; padding: .5rem }}
</style>
</head><body>
<p class="note">{notes}</p>
{body}
</body></html>
"""


def page_of(mail: Mail) -> bytes:
    """Returns a whole page of HTML, in UTF-8, with the sections of a mail and notes on what it leaves out."""
    layout = _Layout(mail)
    body = "\n<hr>\n".join(
        layout.clean(section) if section.html else f"<pre>{html.escape(section.plain)}</pre>"
        for section in mail.sections
    )
    return _PAGE.format(notes=html.escape(" ".join(layout.notes()), quote=False), body=body).encode()


class _Layout:
    def __init__(self, mail: Mail) -> None:
        self._own = {file.content_id: file for file in mail.attached if file.content_id}
        self._located = {file.location: file for file in mail.attached if file.location}
        self._base = ""
        self._drawn: dict[str, str] = {}
        self._room = LARGEST_PICTURES
        self._missing = 0
        self._linked = False

    def notes(self) -> list[str]:
        verb = agrees(self._missing, "ne peut être montrée", "ne peuvent être montrées")
        missing = f"{many(self._missing, 'image')} du message {verb}."
        return [LEFT_OUT] + [missing] * bool(self._missing) + [LINKS] * self._linked

    def clean(self, section: Section) -> str:
        """Returns the HTML of a section without what runs or loads; TOO_COMPLEX if it is too long or too deep."""
        text, self._base = section.html, section.location
        if len(text) > LARGEST_HTML or _depth(text) > DEEPEST:
            return TOO_COMPLEX
        clean = nh3.clean(
            text,
            tags=_TAGS,
            clean_content_tags=_NOT_READ,
            attributes=_ATTRIBUTES,
            attribute_filter=self._filtered,
            filter_style_properties=_STYLES,
            url_schemes={
                "cid",
                "data",
                "file",
                "http",
                "https",
                "mailto",
                "tel",
            },  # of pictures inside, or shown as words
            url_relative="pass_through",
            link_rel=None,
        )
        return _LINK.sub(self._link, _PICTURE.sub(self._picture, clean))

    def _filtered(self, tag: str, attribute: str, value: str) -> str | None:
        if tag == "img" and attribute == "src":
            return self._data_of(value) or None
        if attribute == "style" and ("url(" in value.lower() or "\\" in value):
            return None
        return value

    def _picture(self, match: re.Match[str]) -> str:
        """Returns a picture of the mail as it is written, or French words in the place of one that is elsewhere, and
        counts it. match: of its tag, cleaned.
        """
        attributes = dict(_ATTRIBUTE.findall(match[1]))
        if "src" in attributes:
            return match[0]
        self._missing += 1
        alt = attributes.get("alt", "").strip()
        return f"[image non chargée{' : ' + alt if alt else ''}]"

    def _link(self, match: re.Match[str]) -> str:
        address = dict(_ATTRIBUTE.findall(match[1])).get("href", "")
        if not address:
            return match[2]
        self._linked = True
        words = _ANY_TAG.sub("", match[2]).strip()
        return f"<u>{match[2]}</u>" + ("" if words == address else f" <small>({address})</small>")

    def _data_of(self, source: str) -> str:
        """Returns a picture drawn again, as a data: address; "" for one that is elsewhere, cannot be drawn, or comes
        after MOST_PICTURES. source: its address in the mail.
        """
        if source in self._drawn:
            return self._drawn[source]
        scheme, _, rest = source.strip().partition(":")
        drawn = ""
        if len(self._drawn) < MOST_PICTURES:
            if file := self._inside(source.strip(), scheme.lower(), rest):
                drawn = self._redrawn(file.read())
            elif scheme.lower() == "data":
                drawn = self._redrawn(_embedded(rest))
            self._drawn[source] = drawn
        return drawn

    def _inside(self, source: str, scheme: str, rest: str) -> Attachment | None:
        """Returns the file of the mail that an address means, by its identifier (cid:) or by where it was found; None
        if the mail has no such file. rest: the address without its scheme.
        """
        if scheme == "cid" and (file := self._own.get(rest) or self._own.get(unquote(rest))):
            return file
        try:
            return self._located.get(source) or self._located.get(urljoin(self._base, source))
        except ValueError:
            return None

    def _redrawn(self, data: bytes) -> str:
        try:
            image = Image.open(io.BytesIO(data), formats=_FORMATS)
            if image.width * image.height > MOST_DECODED:
                return ""
            encoded = webp(upright(image, LONGEST_SIDE))
        except (OSError, ValueError, SyntaxError):
            return ""
        if len(encoded) > self._room:
            return ""
        self._room -= len(encoded)
        return "data:image/webp;base64," + base64.b64encode(encoded).decode()


def _embedded(rest: str) -> bytes:
    head, _, body = rest.partition(",")
    try:
        return binascii.a2b_base64(unquote_to_bytes(body)) if head.endswith(";base64") else unquote_to_bytes(body)
    except binascii.Error:
        return b""


def _depth(text: str) -> int:
    """Returns how many elements are open at once, at most, if each is closed where its end tag stands."""
    depth = deepest = 0
    for closing, name in _OPENING.findall(text):
        if name.lower() not in _NEVER_CLOSED:
            depth = max(0, depth - 1) if closing else depth + 1
            deepest = max(deepest, depth)
    return deepest
