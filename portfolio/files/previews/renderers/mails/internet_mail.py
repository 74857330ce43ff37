"""Reads a mail as it travels (RFC 5322 and MIME): which of its parts is read, opened, or only named."""

from __future__ import annotations

import mimetypes
from dataclasses import replace
from functools import partial

from portfolio.files.previews.renderers.mails import enriched_text, uuencoded, winmail
from portfolio.files.previews.renderers.mails.charsets import html_of, text_of
from portfolio.files.previews.renderers.mails.flowed_text import unflowed
from portfolio.files.previews.renderers.mails.header_words import shown_headers
from portfolio.files.previews.renderers.mails.invitation import invitation_words
from portfolio.files.previews.renderers.mails.mail import CUT_HERE, Attachment, Mail, Section
from portfolio.files.previews.renderers.mails.mime_parts import MailPart, part_at
from portfolio.files.unicode_marks import unicode_in

MOST_PARTS = 200
DEEPEST = 8
LARGEST_TEXT = 8 << 20  # bytes of one body: pictures may be written inside its HTML
LARGEST_PART = 64 << 20

ENCRYPTED = "Ce message est chiffré : son contenu ne se lit qu'avec la clé de son destinataire. Envoyez-en une capture."
SIGNED = "Ce message porte une signature électronique, qui n'est pas vérifiée ici."
ENCLOSED = (
    "Le texte de ce message est enfermé dans sa signature électronique, que cet aperçu n'ouvre pas : "
    "déposez-en une capture ou une impression en PDF."
)
ELSEWHERE = "Une partie de ce message est restée ailleurs : c'est un fichier distant."
IN_PIECES = (
    "Ce message a été envoyé en plusieurs morceaux, et celui-ci est {which} : le reste de son texte et de ses pièces "
    "jointes est dans les autres."
)
UNDIVIDED = "Les parties de ce message ne se laissent pas séparer : il est montré tel qu'il est écrit."
_ENVELOPED = {"application/pkcs7-mime", "application/x-pkcs7-mime"}
_NOT_ALL_HERE = {"message/external-body", "message/partial"}
_SIGNATURES = {"application/pkcs7-signature", "application/x-pkcs7-signature", "application/pgp-signature"}
_INNER_MAILS = {"message/rfc822", "message/global", "message/news"}
_OUTLOOK_WRAPPING = {"application/ms-tnef", "application/vnd.ms-tnef"}
_OF_OTHER_SCREENS = {"text/x-amp-html", "text/watch-html"}  # forms of the text before them
_RESOURCES = {"text/css", "text/javascript", "text/ecmascript"}  # of a saved web page


def read(data: bytes) -> Mail:
    """Returns a mail. Never raises on what it says; what it cannot show is noted."""
    return _MailReader().mail(with_line_feeds(data), 0)


class _MailReader:
    def __init__(self) -> None:
        self._left = MOST_PARTS

    def mail(self, data: bytes, depth: int) -> Mail:
        part = part_at(data, 0, len(data))
        mail = Mail(headers=shown_headers(part.fields))
        self._read(mail, part, depth)
        return mail

    def _read(self, mail: Mail, part: MailPart, depth: int) -> None:
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            mail.note(CUT_HERE)
            return
        kind = part.media_type
        if kind.startswith("multipart/"):
            self._divided(mail, part, depth)
        elif kind in _INNER_MAILS:
            mail.mails.append(self.mail(with_line_feeds(part.content(LARGEST_PART).lstrip(b"\r\n")), depth + 1))
        elif kind in _ENVELOPED:
            mail.note(ENCLOSED if "signed" in part.parameter("smime-type") else ENCRYPTED)
            mail.attached.append(_attachment(part))
        elif kind in _SIGNATURES:
            mail.note(SIGNED)
        elif kind in _OF_OTHER_SCREENS and mail.sections:
            return
        elif kind in _NOT_ALL_HERE:
            self._not_all_here(mail, part, depth)
        elif kind == "text/calendar":
            mail.sections.append(Section(invitation_words(text_of(part.content(LARGEST_TEXT), part.charset))))
            if part.is_attachment:
                mail.attached.append(_attachment(part))
        elif kind in _OUTLOOK_WRAPPING or part.name.lower() == winmail.NAME:
            self._unwrap(mail, part)
        elif part.is_attachment or kind in _RESOURCES or not kind.startswith(("text/", "message/")):
            mail.attached.append(_attachment(part))
        else:
            self._words(mail, part)

    def _words(self, mail: Mail, part: MailPart) -> None:
        section = _section(part)
        if part.media_type == "text/plain" and uuencoded.BEGINS.search(part.data, max(part.start - 1, 0), part.end):
            words, files, torn = uuencoded.split(text_of(part.content(LARGEST_PART), part.charset))
            section = Section(words[:LARGEST_TEXT])
            mail.attached += files
            if torn:
                mail.note(uuencoded.CUT_FILE)
        mail.sections.append(section)
        if section.plain.lstrip().startswith("-----BEGIN PGP MESSAGE-----"):
            mail.note(ENCRYPTED)

    def _not_all_here(self, mail: Mail, part: MailPart, depth: int) -> None:
        """Notes a part that is elsewhere, or adds one of the pieces in which a mail was sent (RFC 2046, 5.2.2): the
        first one is a mail that breaks off, with headers of its own; the others are what goes on.
        """
        if part.media_type != "message/partial":
            mail.note(ELSEWHERE)
            return
        number, total = part.parameter("number"), part.parameter("total")
        first = number in ("", "1")
        which = "le premier" if first else f"le n° {number[:6]}"
        mail.note(IN_PIECES.format(which=which + (f" sur {total[:6]}" if total else "")))
        content = part.content(LARGEST_PART)
        if first and content.strip():
            mail.mails.append(self.mail(with_line_feeds(content), depth + 1))
        elif content.strip():
            mail.sections.append(Section(text_of(content[:LARGEST_TEXT])))

    def _unwrap(self, mail: Mail, part: MailPart) -> None:
        """Adds to the mail what Outlook wrapped into one part: files, mails, notes, and a body where the mail has no
        richer one. A part that cannot be unwrapped is attached as it is, with a note.
        """
        try:
            wrapped = winmail.read(part.content(winmail.LARGEST))
        except winmail.Unreadable:
            mail.note(winmail.UNREADABLE)
            mail.attached.append(_attachment(part))
            return
        if not mail.sections:
            mail.sections += wrapped.sections
        elif wrapped.sections and not any(section.html for section in mail.sections):
            mail.sections[0] = replace(mail.sections[0], html=wrapped.sections[0].html)
        for note in wrapped.notes:
            mail.note(note)
        mail.attached += wrapped.attached
        mail.mails += wrapped.mails

    def _divided(self, mail: Mail, part: MailPart, depth: int) -> None:
        if part.media_type == "multipart/encrypted":
            mail.note(ENCRYPTED)
        before = len(mail.sections)
        divided = False
        for child in part.children():
            divided = True
            self._read(mail, child, depth + 1)
            if self._left < 0:
                break
        if not divided and part.data[part.start : part.end].strip():
            mail.note(UNDIVIDED)
            mail.sections.append(Section(text_of(part.data[part.start : min(part.end, part.start + LARGEST_TEXT)])))
        if part.media_type == "multipart/alternative":
            mail.sections[before:] = _alternatives(mail.sections[before:])


def _alternatives(forms: list[Section]) -> list[Section]:
    """Returns one section of several that say the same: the first plain one with the HTML ones, then the other plain
    ones; all of them unchanged where one form is missing.
    """
    plain = [form for form in forms if form.plain]
    html = [form for form in forms if form.html]
    if not plain or not html:
        return forms
    return [Section(plain[0].plain, "\n".join(form.html for form in html), html[0].location), *plain[1:]]


def _section(part: MailPart) -> Section:
    data = part.content(LARGEST_TEXT)
    if part.media_type == "text/html":
        return Section(html=html_of(data, part.charset), location=part.location)
    text = text_of(data, part.charset)
    if part.media_type in enriched_text.MEDIA_TYPES:
        return Section(html=enriched_text.as_html(text, part.media_type))
    if part.parameter("format").lower() == "flowed":
        text = unflowed(text, delete_space=part.parameter("delsp").lower() == "yes")
    return Section(text)


def _attachment(part: MailPart) -> Attachment:
    name = part.name
    if not name:
        name = "sans nom" + (mimetypes.guess_extension(part.media_type) or "")
    return Attachment(name, part.media_type, partial(part.content, LARGEST_PART), part.content_id, part.location)


def with_line_feeds(data: bytes) -> bytes:
    """Returns a mail in UTF-8 if it was in UTF-16, else in its own bytes: without a mark, with line feeds, from its
    first header on.
    """
    mark, encoding = unicode_in(data)
    data = data[len(mark) :]
    if encoding.startswith("utf-16"):
        data = data.decode(encoding, "replace").encode()
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    return data.lstrip(b"\r\n")
