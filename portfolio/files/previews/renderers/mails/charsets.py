"""Decodes the text of a mail by the charset that it names, if that is one and its bytes agree; else by its bytes."""

from __future__ import annotations

import codecs
import re

from portfolio.files.previews.renderers.texts import decoded

# What programs call Latin-1 holds the signs of Windows-1252, as browsers know (WHATWG Encoding, 4.2).
_AS_BROWSERS = {
    "iso8859-1": "cp1252",
    "ascii": "utf-8",
    "iso8859-9": "cp1254",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
}
_NOT_OF_MAILS = {"idna", "punycode", "unicode-escape", "unicode_escape", "raw-unicode-escape", "undefined"}
_META = re.compile(rb"""<meta[^>]{0,200}?charset\s{0,9}=\s{0,9}["']?\s{0,9}([\w.:-]{1,40})""", re.IGNORECASE)
_META_WITHIN = 4096  # bytes; browsers look into 1,024, mail programs write longer heads


def text_of(data: bytes, charset: str = "") -> str:
    """Returns the text, by its charset if that is known and its bytes agree, else by its bytes. charset: as declared,
    perhaps empty, unknown or wrong.
    """
    encoding = _known(charset)
    if encoding:
        try:
            return data.decode(encoding)
        except (UnicodeError, LookupError):  # the latter: an encoding of bytes into bytes
            pass
    return decoded(data)


def html_of(data: bytes, charset: str = "") -> str:
    """Returns an HTML text. charset: as the header declares it, perhaps empty or wrong; it goes before the one that the
    text itself names.
    """
    if not _known(charset) and (named := _META.search(data, 0, _META_WITHIN)):
        charset = named[1].decode("ascii", "replace")
        charset = "" if charset.lower().startswith("utf-16") else charset  # it was read as bytes that ASCII shares
    return text_of(data, charset)


def _known(charset: str) -> str:
    written = charset.strip().strip("\"'").lower()
    for spelled in (written, written.replace("cp-", "cp"), written.removeprefix("x-")):
        try:
            name = codecs.lookup(spelled).name
        except (LookupError, ValueError):
            continue
        return "" if name in _NOT_OF_MAILS else _AS_BROWSERS.get(name, name)
    return ""
