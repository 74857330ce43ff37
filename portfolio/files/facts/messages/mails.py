"""Facts of mails: to whom, behind how many others, what is its author's own, what is attached."""

from __future__ import annotations

import re
from email.utils import getaddresses
from typing import BinaryIO, Final

from portfolio.files.facts.gathered import Gathering
from portfolio.files.facts.messages import threads, web_pages
from portfolio.files.previews.renderers.mails import internet_mail, mailbox, outlook
from portfolio.files.previews.renderers.mails.header_words import decoded_header
from portfolio.files.previews.renderers.mails.internet_mail import SIGNED, with_line_feeds
from portfolio.files.previews.renderers.mails.mail import Mail
from portfolio.files.previews.renderers.mails.mime_parts import part_at
from portfolio.files.previews.renderers.messages import LARGEST_MESSAGE
from portfolio.files.previews.renderers.words.html_words import words_of
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.names import extension, safe_name
from portfolio.files.recognition.ole import Compound

MOST_MAILS = 200
_RECIPIENTS: Final = (("À", "recipients_to"), ("Copie", "recipients_copy"), ("Copie cachée", "recipients_hidden_copy"))
_OTHERS = re.compile(r", et (\d[\d\s]*) autres?$")
_ANSWER = re.compile(r"(?:re|rép|réf|aw)\s*:", re.IGNORECASE)
_FORWARD = re.compile(r"(?:tr|fw|fwd|wg|i)\s*:", re.IGNORECASE)
_CALENDAR = re.compile(r"^(?:Invitation|Rendez-vous|Rendez-vous annulé|Réponse à une invitation)\nObjet : ")
_EMBEDDED = re.compile(r"data:[\w/+.;=-]{1,80},[A-Za-z0-9+/=%\s]*")
_FIELDS: Final = {  # name of a header: code of what its program was asked for
    "disposition-notification-to": "read_receipt",
    "return-receipt-to": "delivery_receipt",
    "importance": "priority",
    "x-priority": "priority",
    "list-unsubscribe": "mailing_list",
    "reply-to": "reply_address",
}
_ORDINARY_PRIORITY = ("normal", "3", "low")


def read(source: BinaryIO, kind: str, gathering: Gathering) -> None:
    """Gathers the facts of mails. Raises CannotShow for what is too large, Torn."""
    if kind == "msg":
        _mail(outlook.read(Compound(Window(source))), "", gathering)
        return
    data = source.read(LARGEST_MESSAGE + 1)
    if len(data) > LARGEST_MESSAGE:
        raise CannotShow("too_large")
    if kind != "mbox":
        raw = mailbox.without_line_of_a_box(data)
        mail = internet_mail.read(raw)
        if kind == "mhtml":
            web_pages.saved_as_mail(mail, _fields(raw), gathering)
            return
        _headers(_fields(raw), gathering)
        _mail(mail, "", gathering)
        return
    boxed, count = mailbox.mails_of(internet_mail.with_line_feeds(data), MOST_MAILS)
    gathering.uses("message", count=count)
    gathering.whole = count <= MOST_MAILS
    for number, raw in enumerate(boxed, 1):
        _headers(_fields(raw), gathering)
        _mail(internet_mail.read(raw), f"message {number}", gathering)


def _fields(raw: bytes) -> dict[str, str]:
    data = with_line_feeds(raw)
    return {name: decoded_header(b" ".join(values)) for name, values in part_at(data, 0, len(data)).fields.items()}


def _headers(fields: dict[str, str], gathering: Gathering) -> None:
    for name, code in _FIELDS.items():
        value = fields.get(name, "").lower()
        if value and not (code == "priority" and value.startswith(_ORDINARY_PRIORITY)):
            gathering.uses(code)
    gathering.comes_from(application=fields.get("x-mailer", "") or fields.get("user-agent", ""))
    if fields.get("in-reply-to") or fields.get("references"):
        gathering.uses("thread_headers", count=max(1, len(fields.get("references", "").split())))


def _mail(mail: Mail, place: str, gathering: Gathering) -> None:
    headers = dict(mail.headers)
    for label, code in _RECIPIENTS:
        gathering.uses(code, place, count=_people(headers.get(label, "")))
    subject = headers.get("Objet", "")
    gathering.author(headers.get("De", ""))
    gathering.comes_from(title=subject, sent=headers.get("Date", ""))
    if _ANSWER.match(subject):
        gathering.uses("reply", place)
    elif _FORWARD.match(subject):
        gathering.uses("forward", place)
    for label, value in mail.headers:
        gathering.text(f"{place} {label}".strip(), value)
    _words(mail, place, gathering)
    for file in mail.attached:
        name = safe_name(file.name)
        gathering.uses("attachment", name, extension(name))
    if SIGNED in mail.notes:
        gathering.uses("electronic_signature", place)
    for inner in mail.mails:
        gathering.uses("attached_message", place)
        _mail(inner, f"{place} message joint".strip(), gathering)


def _people(value: str) -> int:
    """Returns how many people a header names, those that its display leaves out included."""
    others = _OTHERS.search(value)
    listed = value[: others.start()] if others else value
    count = sum(1 for name, address in getaddresses([listed]) if name or address)
    return count + (int("".join(others[1].split())) if others else 0)


def _words(mail: Mail, place: str, gathering: Gathering) -> None:
    texts = []
    for section in mail.sections:
        if section.html:
            gathering.uses("formatted_text", place)
            _layout(section.html, place, gathering)
        if _CALENDAR.match(section.plain):
            gathering.uses("calendar", place)
            gathering.text(place or "invitation", section.plain)
            continue
        text = section.plain if section.plain.strip() else words_of(_EMBEDDED.sub("", section.html))
        texts.append(text.replace("\r\n", "\n"))
    parts = threads.parts_of("\n".join(texts))
    gathering.uses("own_words", place, count=len(parts.own.split()))
    gathering.uses("quoted_words", place, count=len(parts.quoted.split()))
    gathering.uses("thread_depth", place, count=parts.depth)
    if parts.signature or any(threads.SIGNATURE_MARKUP.search(section.html) for section in mail.sections):
        gathering.uses("signature", place)
    gathering.text(f"{place} texte".strip(), parts.own)
    gathering.text(f"{place} messages cités".strip(), parts.quoted)


def _layout(html: str, place: str, gathering: Gathering) -> None:
    for pattern, code in threads.LAYOUT:
        gathering.uses(code, place, count=sum(1 for _ in pattern.finditer(html)))
