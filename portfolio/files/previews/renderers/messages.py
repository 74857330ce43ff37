"""Renders messages: headers, words, what is missing, what is attached, messages inside. HTML becomes words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import BinaryIO

from portfolio.counting import grouped, many
from portfolio.files.previews.preview_spec import (
    ALL_ATTACHED,
    ATTACHED,
    CUT,
    LAYOUT,
    MOST_SIGNS,
    UNSEEN_ON_SCREEN,
    MailView,
    Preview,
)
from portfolio.files.previews.renderers.mails import internet_mail, mailbox, outlook, safe_html
from portfolio.files.previews.renderers.mails.mail import Mail, Section
from portfolio.files.previews.renderers.words.html_words import words_of
from portfolio.files.previews.renderers.words.struck_words import has_struck, has_unseen
from portfolio.files.previews.sandbox import CannotShow, run
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.names import safe_name
from portfolio.files.recognition.ole import Compound

LARGEST_MESSAGE = 64 << 20  # attached photos come with it
MOST_MESSAGES = 20
MOST_ATTACHED = 50
LARGEST_ATTACHED = 15 << 20  # bytes, of the answer of a confined process
MOST_SEARCHED = 10  # of the attached files: of others, their own view says what they hide
MOST_SIGNS_OF_ALL = 1_000_000
SAME_WORDS = 0.8  # of the HTML form, that its plain form has too

MORE = "Seuls les {most} premiers messages de cette boîte, qui en contient {count}, sont montrés."
ONLY_ATTACHED = "Ce message n'a pas de texte, seulement {count}."
ONLY_PICTURES = "Le texte de ce message n'est fait que d'images, qui ne sont pas montrées ici."
NO_WORDS = "Ce message n'a pas de texte."
OTHER_FORM = "Ce message a deux versions qui diffèrent, avec et sans mise en page : voici le texte de la première."
_EMBEDDED = re.compile(r"data:[\w/+.;=-]{1,80},[A-Za-z0-9+/=%\s]*")
_WORD = re.compile(r"\w{2,}")
_PICTURE = re.compile(r"<(?:img|v:imagedata)\b", re.IGNORECASE)


def show(source: BinaryIO, kind: str, what: str) -> bytes | Preview:
    if kind == "msg":
        mails, count = [outlook.read(Compound(Window(source)))], 1
    else:
        mails, count = _internet_mails(source, kind)
    if what.startswith(LAYOUT):
        return _layout(mails, int(what.removeprefix(LAYOUT)))
    if what == ALL_ATTACHED:
        return _all_attached(mails)
    if what.startswith(ATTACHED):
        return _attached(mails, int(what.removeprefix(ATTACHED)))
    if kind == "mhtml":
        mails = [_saved_page(mails[0])]
    notes = [MORE.format(most=MOST_MESSAGES, count=grouped(count))] * (count > MOST_MESSAGES)
    views = _Views()
    return Preview("messages", notes, messages=[views.of(mail) for mail in mails])


def _internet_mails(source: BinaryIO, kind: str) -> tuple[list[Mail], int]:
    """Returns at most MOST_MESSAGES mails of the file, and how many it holds: any if `kind` is mbox, otherwise one.
    Raises CannotShow if it exceeds LARGEST_MESSAGE bytes.
    """
    data = source.read(LARGEST_MESSAGE + 1)
    if len(data) > LARGEST_MESSAGE:
        raise CannotShow("too_large")
    if kind == "mbox":
        boxed, count = mailbox.mails_of(internet_mail.with_line_feeds(data), MOST_MESSAGES)
        return [internet_mail.read(raw) for raw in boxed], count
    return [internet_mail.read(mailbox.without_line_of_a_box(data))], 1


def _saved_page(mail: Mail) -> Mail:
    """Returns a web page that was saved as a mail: title, address, day; its pictures are no attachments."""
    headers = dict(mail.headers)
    address = next((section.location for section in mail.sections if section.location), "")
    values = [("Page", headers.get("Objet", "")), ("Adresse", address), ("Date", headers.get("Date", ""))]
    return Mail([(name, value) for name, value in values if value], mail.sections, notes=mail.notes)


def _layout(mails: list[Mail], number: int) -> bytes:
    mail = next(islice(_each(mails), number - 1, None), None) if number > 0 else None
    if mail is None or not _has_layout(mail):
        raise CannotShow("absent")
    return safe_html.page_of(mail)


def _attached(mails: list[Mail], number: int) -> bytes:
    """Returns the name of an attached file on one line of JSON, then its bytes. number: from 1, of all mails. Raises
    CannotShow: `absent`, or `too_large` beyond LARGEST_ATTACHED bytes.
    """
    files = (file for mail in _each(mails) for file in mail.attached)
    file = next(islice(files, number - 1, None), None) if number > 0 else None
    if file is None:
        raise CannotShow("absent")
    data = file.read()
    if len(data) > LARGEST_ATTACHED:
        raise CannotShow("too_large")
    return json.dumps(safe_name(file.name)).encode() + b"\n" + data


def _all_attached(mails: list[Mail]) -> bytes:
    """Returns [name, size in bytes] of the first MOST_SEARCHED files on one line of JSON, then their bytes, those left
    out that exceed LARGEST_ATTACHED bytes together.
    """
    files = islice((file for mail in _each(mails) for file in mail.attached), MOST_SEARCHED)
    named, contents, left = [], [], LARGEST_ATTACHED
    for file in files:
        data = file.read()
        if len(data) <= left:
            named.append([safe_name(file.name), len(data)])
            contents.append(data)
            left -= len(data)
    return b"\n".join([json.dumps(named).encode(), b"".join(contents)])


def _each(mails: list[Mail]) -> Iterator[Mail]:
    """Yields every mail and those inside it, in the order in which they are numbered."""
    for mail in mails:
        yield mail
        yield from _each(mail.mails)


def _has_layout(mail: Mail) -> bool:
    return any(section.html.strip() for section in mail.sections)


class _Views:
    """Makes the views of the mails of one file, which share what may be shown of it."""

    def __init__(self) -> None:
        self._left = MOST_SIGNS_OF_ALL
        self._count = 0
        self._files = 0

    def of(self, mail: Mail) -> MailView:
        self._count += 1
        number, first_attached = self._count, self._files + 1
        self._files += len(mail.attached)
        text = self.text(mail)
        most = min(MOST_SIGNS, self._left)
        self._left -= min(len(text), most)
        notes = list(mail.notes)
        if len(text) > most:
            notes.append(CUT)
        if not text.strip() and not notes:
            notes += _reason_for_no_words(mail)
        attached = [safe_name(file.name) for file in mail.attached]
        return {
            "number": number,
            "has_layout": _has_layout(mail),
            "headers": [list(header) for header in mail.headers],
            "text": text[:most],
            "notes": notes,
            "attached": attached[:MOST_ATTACHED],
            "first_attached": first_attached,
            "more_attached": max(0, len(attached) - MOST_ATTACHED),
            "messages": [self.of(inner) for inner in mail.mails],
        }

    def text(self, mail: Mail) -> str:
        texts = [text for section in mail.sections if (text := _words_of(mail, section)).strip()]
        return "\n\n".join(texts) if len(texts) > 1 else "".join(texts)


def _words_of(mail: Mail, section: Section) -> str:
    """Returns the plain form of a section, or the HTML form in words where the plain one leaves out what it says («
    your reader shows no HTML »): the mail then notes it.
    """
    if not section.html:
        return section.plain.replace("\r\n", "\n")
    html = words_of(_EMBEDDED.sub("", section.html))
    vocabulary = {word.lower() for word in _WORD.findall(html)}
    same = {word.lower() for word in _WORD.findall(section.plain)} & vocabulary
    marked = has_struck(html) or has_unseen(html)
    if section.plain.strip() and not marked and len(same) >= SAME_WORDS * len(vocabulary):
        return section.plain.replace("\r\n", "\n")
    if section.plain.strip() and not marked:
        mail.note(OTHER_FORM)
    if has_unseen(html):
        mail.note(UNSEEN_ON_SCREEN)
    return html


def _reason_for_no_words(mail: Mail) -> list[str]:
    if any(_PICTURE.search(section.html) for section in mail.sections):
        return [ONLY_PICTURES]
    if mail.attached:
        return [ONLY_ATTACHED.format(count=many(len(mail.attached), "pièce jointe", "pièces jointes"))]
    return [] if mail.mails else [NO_WORDS]


if __name__ == "__main__":
    run(show)
