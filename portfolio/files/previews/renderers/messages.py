"""Renders messages: sender, recipients, date, subject, words, names of attachments. HTML becomes words."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from typing import Any, BinaryIO

from portfolio.files.previews.preview_spec import CUT, MOST_SIGNS, WORDS_ONLY, Preview
from portfolio.files.previews.renderers.texts import decoded, words, words_of
from portfolio.files.previews.sandbox import CannotShow, run
from portfolio.files.recognition.bounded_reader import Window
from portfolio.files.recognition.names import safe_name
from portfolio.files.recognition.ole import Compound, OleEntry

LARGEST_MESSAGE = 64 << 20  # attached photos come with it
MOST_MESSAGES = 20
LONGEST_HEADER = 2000
MOST_ATTACHED = 50
HEADERS = {"From": "De", "To": "À", "Cc": "Copie", "Date": "Date", "Subject": "Objet"}
_NEXT_MESSAGE = re.compile(rb"(?:\A|\n)From [^\n]*\n")


def show(source: BinaryIO, kind: str, _what: str) -> Preview:
    if kind == "msg":
        return Preview("messages", [], messages=[_outlook(Compound(Window(source)))])
    data = source.read(LARGEST_MESSAGE + 1)
    if len(data) > LARGEST_MESSAGE:
        raise CannotShow("too_large")
    if kind == "mhtml":
        return words(_text(message_from_bytes(data, policy=default)), [WORDS_ONLY])
    raw = [message for message in _NEXT_MESSAGE.split(data, MOST_MESSAGES + 1) if message.strip()]
    messages = [_message(message_from_bytes(message, policy=default)) for message in raw[:MOST_MESSAGES]]
    return Preview("messages", [CUT] * (len(raw) > MOST_MESSAGES), messages=messages)


def _message(message: EmailMessage) -> dict[str, Any]:
    headers = [[label, _header(message, name)] for name, label in HEADERS.items() if message[name]]
    attached = [safe_name(part.get_filename("") or "message joint") for part in message.iter_attachments()]
    return {"headers": headers, "text": _text(message)[:MOST_SIGNS], "attached": attached[:MOST_ATTACHED]}


def _header(message: EmailMessage, name: str) -> str:
    sent = getattr(message[name], "datetime", None)  # of a date that can be read
    return str(message[name])[:LONGEST_HEADER] if sent is None else f"{sent:%d/%m/%Y %H:%M %z}".strip()


def _text(message: EmailMessage) -> str:
    body = message.get_body(("plain", "html"))
    if body is None:
        return ""
    try:
        text = body.get_content()
    except LookupError:  # a charset nobody knows
        text = decoded(bytes(body.get_payload(decode=True) or b""))
    return words_of(text) if body.get_content_subtype() == "html" else text


# --- Outlook ([MS-OXMSG]) ---------------------------------------------------------------------------

_FROM, _TO, _CC, _SUBJECT, _BODY, _FILE_NAME, _SHORT_NAME = "0C1A", "0E04", "0E03", "0037", "1000", "3707", "3704"


def _outlook(message: Compound) -> dict[str, Any]:
    top = message.top()
    tags = {"De": _FROM, "À": _TO, "Copie": _CC, "Objet": _SUBJECT}
    headers = [[label, text] for label, tag in tags.items() if (text := _property(message, top, tag, LONGEST_HEADER))]
    attached: list[str] = []
    for name, entry in sorted(top.items()):
        if name.startswith("__attach") and len(attached) < MOST_ATTACHED:
            inside = message.under(entry)
            attached.append(
                safe_name(_property(message, inside, _FILE_NAME, 500) or _property(message, inside, _SHORT_NAME, 500))
            )
    return {"headers": headers, "text": _property(message, top, _BODY, MOST_SIGNS), "attached": attached}


def _property(message: Compound, entries: dict[str, OleEntry], tag: str, longest: int) -> str:
    for form, encoding in (("001F", "utf-16-le"), ("001E", "cp1252")):
        entry = entries.get(f"__substg1.0_{tag}{form}")
        if entry is not None:
            return message.read(entry, 2 * longest).decode(encoding, "replace").rstrip("\0")
    return ""


if __name__ == "__main__":
    run(show)
