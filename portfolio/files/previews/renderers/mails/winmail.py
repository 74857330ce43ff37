"""Unwraps « winmail.dat »: body and files that Outlook puts into one part of its own ([MS-OXTNEF])."""

from __future__ import annotations

import gc
import logging
import signal
import struct
from collections.abc import Iterator
from contextlib import contextmanager

from tnefparse import TNEF
from tnefparse.properties import MAPI_ATTACH_CONTENT_ID, MAPI_ATTACH_LONG_FILENAME, MAPI_ATTACH_MIME_TAG
from tnefparse.tnef import TNEFAttachment

from portfolio.files.previews.renderers.mails import outlook_rtf
from portfolio.files.previews.renderers.mails.charsets import html_of, text_of
from portfolio.files.previews.renderers.mails.mail import CUT_HERE, Attachment, Mail, Section

NAME = "winmail.dat"
LARGEST = 32 << 20  # bytes
MOST_OBJECTS = 2_000  # the reader copies what follows each
MOST_COPIED = 2 << 30  # bytes, by those copies
LONGEST_S = 1.0
AGAIN_AFTER_S = 0.05
DEEPEST = 3
UNREADABLE = f"Une partie propre à Outlook ({NAME}) ne se laisse pas lire : le texte ou des fichiers peuvent manquer."
_HEAD, _OBJECT_HEAD, _CHECKSUM = 6, 9, 2

logging.getLogger("tnefparse").setLevel(logging.CRITICAL)  # what it would say of a hostile file is for nobody


class Unreadable(ValueError):
    """The part is torn, too large or no TNEF."""


class _TooLong(BaseException):
    """No Exception: the reader catches those, and goes on."""


def read(data: bytes) -> Mail:
    """Returns what is wrapped, as a mail without headers. data: LARGEST bytes at most. Raises Unreadable."""
    _refuse_costly(data)
    try:
        with _within(LONGEST_S):
            mail = _mail(TNEF(data, do_checksum=False), 0)
    except (Exception, _TooLong) as error:  # the reader has no exceptions of its own
        raise Unreadable from error
    if not (mail.sections or mail.attached or mail.mails) and not any(_objects(data)):
        raise Unreadable
    return mail


@contextmanager
def _within(seconds: float) -> Iterator[None]:
    """Raises _TooLong after so many seconds of the processor: a count in the file is a number of turns of the reader,
    whether or not anything follows. Of the main thread alone.
    """

    over = False

    def give_up(_number: int, _frame: object) -> None:
        if not over:
            raise _TooLong

    collects = gc.isenabled()
    gc.disable()  # raised while Python collects garbage, it would be swallowed
    before = signal.signal(signal.SIGVTALRM, give_up)
    # Again and again: raised while an object goes, it is swallowed too, and the reader goes on.
    signal.setitimer(signal.ITIMER_VIRTUAL, seconds, AGAIN_AFTER_S)
    try:
        try:
            yield
        finally:
            over = True
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        signal.signal(signal.SIGVTALRM, before)
        if collects:
            gc.enable()


def _refuse_costly(data: bytes) -> None:
    """Counts the objects, and the bytes that the reader would copy for them. Raises Unreadable beyond MOST_OBJECTS or
    MOST_COPIED.
    """
    copied = objects = 0
    for start in _objects(data):
        objects, copied = objects + 1, copied + len(data) - start
        if objects > MOST_OBJECTS or copied > MOST_COPIED:
            raise Unreadable


def _objects(data: bytes) -> Iterator[int]:
    """Yields the offset in bytes at which each object begins."""
    start = _HEAD
    while start + _OBJECT_HEAD + _CHECKSUM < len(data):
        yield start
        (length,) = struct.unpack_from("<I", data, start + 5)
        start += _OBJECT_HEAD + length + _CHECKSUM


def _mail(wrapped: TNEF, depth: int) -> Mail:
    mail = Mail()
    section = _body(wrapped)
    if section.plain or section.html:
        mail.sections.append(section)
    for file in wrapped.attachments:
        inner = getattr(file, "embed", None)
        if inner is None:
            mail.attached.append(_attachment(file))
        elif depth < DEEPEST:
            mail.mails.append(_mail(inner, depth + 1))
        else:
            mail.note(CUT_HERE)
    return mail


def _body(wrapped: TNEF) -> Section:
    plain, html = _text(wrapped.body, wrapped.codepage), _text(wrapped.htmlbody, of_html=True)
    if not html and wrapped._rtfbody:  # `rtfbody` needs one more package for what outlook_rtf reads
        words, html = outlook_rtf.plain_and_html(outlook_rtf.unpacked(wrapped._rtfbody))
        plain = plain if plain.strip() or html else words
    return Section(plain, html)


def _text(value: str | bytes | list[str | bytes] | None, codepage: str | None = None, of_html: bool = False) -> str:
    """Returns a property, or the first of its values, without the zeros that end it."""
    first = (value[0] if isinstance(value, list) else value) or b""
    text = first if isinstance(first, str) else (html_of if of_html else text_of)(first, codepage or "")
    return text.rstrip("\0")


def _attachment(file: TNEFAttachment) -> Attachment:
    properties = {attribute.name: attribute.data for attribute in file.mapi_attrs}
    data = file.data
    return Attachment(
        _text(properties.get(MAPI_ATTACH_LONG_FILENAME) or file._name, file.codepage) or "sans nom",
        _text(properties.get(MAPI_ATTACH_MIME_TAG)),
        lambda: bytes(data),
        _text(properties.get(MAPI_ATTACH_CONTENT_ID)).strip("<>"),
    )
