"""Facts of a PDF: pages, forms, bookmarks, links, comments, and who made it (ISO 32000)."""

from __future__ import annotations

import re
from typing import BinaryIO, Final

import pikepdf
import pypdfium2

from portfolio.files.facts.gathered import Gathering
from portfolio.files.previews.sandbox import CannotShow

MOST_PAGES = 300  # of which the words are read
MOST_OBJECTS = 20_000
_DAY = re.compile(r"D:(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:([+-])(\d\d)'?(\d\d)?|Z)?")
_FIELDS: Final = {"/Tx": "texte", "/Btn": "case ou bouton", "/Ch": "liste", "/Sig": "signature"}
_COMMENTS: Final = frozenset(
    ("/Text", "/FreeText", "/Highlight", "/Underline", "/StrikeOut", "/Squiggly", "/Stamp", "/Caret", "/Ink")
)
_MEDIA: Final = frozenset(("/Movie", "/Sound", "/RichMedia", "/Screen", "/3D"))


def read(source: BinaryIO, _kind: str, gathering: Gathering) -> None:
    """Gathers the facts of a PDF. Raises CannotShow (`locked`), and what pikepdf raises for what is damaged."""
    try:
        with pikepdf.open(source) as document:
            _document(document, gathering)
    except pikepdf.PasswordError:
        raise CannotShow("locked") from None
    source.seek(0)
    _words(source, gathering)


def _document(document: pikepdf.Pdf, gathering: Gathering) -> None:
    information, root = document.docinfo, document.Root
    gathering.author(_text(information.get("/Author")))
    gathering.comes_from(
        title=_text(information.get("/Title")),
        application=_text(information.get("/Creator")) or _text(information.get("/Producer")),
        created=_day(_text(information.get("/CreationDate"))),
        modified=_day(_text(information.get("/ModDate"))),
    )
    gathering.uses("page", count=len(document.pages))
    form = root.get("/AcroForm")
    if isinstance(form, pikepdf.Dictionary):
        _fields(list(form.get("/Fields", pikepdf.Array()))[:MOST_OBJECTS], "", gathering, 0)
    if "/MarkInfo" in root and root.MarkInfo.get("/Marked", False):
        gathering.uses("tagged_structure")
    with document.open_outline(max_depth=1) as outline:
        gathering.uses("bookmark", count=len(outline.root))
    if document.is_encrypted:
        gathering.uses("protection", value="document")
    gathering.uses("attachment", count=len(document.attachments))
    for number, page in enumerate(document.pages, 1):
        if number > MOST_PAGES:
            break
        _annotations(page, f"page {number}", gathering)


def _fields(fields: list[pikepdf.Object], kind: str, gathering: Gathering, depth: int) -> None:
    for field in fields:
        if not isinstance(field, pikepdf.Dictionary) or depth > 20:
            continue
        of_field = str(field.get("/FT", kind))
        kids = [kid for kid in field.get("/Kids", []) if "/T" in kid]
        if kids:
            _fields(kids, of_field, gathering, depth + 1)
        elif of_field == "/Sig":
            gathering.uses("signature_field" if "/V" not in field else "electronic_signature")
        elif of_field in _FIELDS:
            gathering.uses("form_field", _text(field.get("/T")), _FIELDS[of_field])
            gathering.text("formulaire", _text(field.get("/V")))


def _annotations(page: pikepdf.Page, place: str, gathering: Gathering) -> None:
    for annotation in list(page.obj.get("/Annots", []))[:MOST_OBJECTS]:
        kind = str(annotation.get("/Subtype", ""))
        if kind == "/Link":
            gathering.uses("link", place)
        elif kind in _COMMENTS:
            gathering.uses("comment", place)
            gathering.risks("comments", place)
            gathering.text(f"{place} (commentaire)", _text(annotation.get("/Contents")))
        elif kind in _MEDIA:
            gathering.uses("media", place)


def _words(source: BinaryIO, gathering: Gathering) -> None:
    document = pypdfium2.PdfDocument(source)
    for number in range(min(len(document), MOST_PAGES)):
        page = document[number]
        text = page.get_textpage().get_text_bounded()
        page.close()
        if text.strip():
            gathering.uses("page_with_words", f"page {number + 1}")
        gathering.text(f"page {number + 1}", text)
    gathering.whole = gathering.whole and len(document) <= MOST_PAGES


def _text(value: object) -> str:
    return str(value).replace("\0", "") if isinstance(value, pikepdf.String | str) else ""


def _day(written: str) -> str:
    """Returns « 2027-03-03T14:05:00+01:00 » for « D:20270303140500+01'00' »; empty for no date."""
    match = _DAY.match(written)
    if match is None:
        return ""
    year, month, day, hour, minute, second, sign, zone_hours, zone_minutes = match.groups()
    zone = f"{sign}{zone_hours}:{zone_minutes or '00'}" if sign else ""
    return f"{year}-{month or '01'}-{day or '01'}T{hour or '00'}:{minute or '00'}:{second or '00'}{zone}"
