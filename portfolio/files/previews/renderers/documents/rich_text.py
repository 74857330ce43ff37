"""Reads rich text (RTF 1.9): groups, code pages of fonts and signs by number. Whoever extends it takes the words."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Generic, TypeVar

from portfolio.files.previews.renderers.words.symbol_fonts import PRIVATE, sign_of

MOST_TOKENS = 1_500_000  # a text of a thousand pages has some 500,000
_DEEPEST = 5_000
_TOKEN = re.compile(r"\\'([0-9a-fA-F]{2})|\\([a-zA-Z]{1,32})(-?\d{1,10})? ?|\\([^a-zA-Z])|([{}])|([^\\{}]+)|\\")
_DRAWN = 2  # charset of a font whose letters are drawings
_LONGEST_NAME = 100
_BESIDE_NAMES = ("panose", "falt", "fname", "fontemb", "fontfile")  # groups of a font, beside its name
_LINE_ENDS = str.maketrans("", "", "\r\n\0")
SIGNS = {
    "par": "\n", "line": "\n", "sect": "\n", "page": "\n", "row": "\n", "tab": "\t", "cell": "\t", "lquote": "‘",
    "rquote": "’", "ldblquote": "“", "rdblquote": "”", "bullet": "•", "endash": "–", "emdash": "—", "emspace": " ",
    "enspace": " ",
}  # fmt: skip
_SYMBOLS = {"~": "\u00a0", "_": "\u2011", "-": "", "\n": "\n", "\r": "\n", "\\": "\\", "{": "{", "}": "}"}
UNSEEN = frozenset(
    {
        "colortbl", "stylesheet", "info", "pict", "header", "footer", "headerl", "headerr", "headerf", "footerl",
        "footerr", "footerf", "object", "themedata", "datastore", "listtable", "listoverridetable", "mhtmltag",
        "fldinst", "bkmkstart", "bkmkend",
    }
)  # fmt: skip
_CHARSETS = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874",
    238: "cp1250", 255: "cp437",
}  # fmt: skip


@dataclass(frozen=True)
class RichGroup:
    """State that ends with its group. unseen: not words. fallback: signs after a sign by number that stand for it."""

    unseen: bool = False
    fonts: bool = False
    font: int = -1
    fallback: int = 1


G = TypeVar("G", bound=RichGroup)


class RichTextReader(Generic[G]):
    """Reads rich text. `now`: the state of the group; a subclass may add to it.

    A subclass takes words in `add`, and in `word` the control words that are its own.
    """

    def __init__(self, group: G) -> None:
        self.now = group
        self.optional = False  # after \\*: whoever does not know the next word passes over its group
        self.cut = False
        self._groups: list[G] = [group]
        self._page = "cp1252"
        self._fonts: dict[int, str] = {}
        self._symbols: dict[int, str] = {}  # fonts whose letters are drawings, by their names
        self._bytes = bytearray()
        self._to_skip = 0
        self._half = 0  # the first of two numbers that stand for one sign

    # --- for a subclass ---------------------------------------------------------------------------

    def add(self, text: str) -> None:
        """Receives words of the text, those of unseen groups too. Does nothing: a subclass overrides it."""

    def word(self, word: str, number: int | None) -> None:
        """Receives a control word, such as `par`, and its number (None without one). A subclass overrides it, and
        passes on here the words that it does not know: they hide their group, or are a sign.
        """
        if word in UNSEEN or self.optional:
            self.now = replace(self.now, unseen=True)
        elif word in SIGNS:
            self.add(SIGNS[word])

    def ended(self, inner: G) -> None:
        """Receives the state of a group that ends. Does nothing: a subclass overrides it."""

    @property
    def encoding(self) -> str:
        return self._fonts.get(self.now.font, self._page)

    @property
    def symbols(self) -> str:
        """Returns the name of the font, if its letters are drawings; "" for any other."""
        return "" if self.now.fonts else self._symbols.get(self.now.font, "")

    def full(self) -> bool:
        return False

    # --- reading ----------------------------------------------------------------------------------

    def read(self, text: str) -> None:
        """Reads rich text to its end, to MOST_TOKENS of its tokens or until `full`, which sets `cut`. text: each byte
        as the sign of its number (Latin-1).
        """
        at, tokens = 0, 0
        begins = False  # whether nothing of the group was read yet: elsewhere, a \\* means nothing
        while at < len(text) and (token := _TOKEN.match(text, at)):
            at = token.end()
            tokens += 1
            if tokens > MOST_TOKENS or tokens % 256 == 0 and self.full():
                self.cut = True
                break
            byte, word, number, symbol, brace, run = token.groups()
            if byte:
                self._add_byte(int(byte, 16))
                continue
            self._flush()
            if word:
                if word == "bin":
                    at += max(0, int(number or 0))
                self._control(word, int(number) if number else None)
            elif run:
                run = run.translate(_LINE_ENDS)
                begins = begins and not run.strip()
                self._run(run)
                continue
            elif brace == "{":
                self._begin()
                begins = True
                self.optional = False
                continue
            elif brace == "}":
                self._end()
            elif symbol == "*":
                self.optional = begins
                continue
            elif symbol:
                self._to_skip = max(0, self._to_skip - 1)
                self.add(_SYMBOLS.get(symbol, ""))
            self.optional = begins = False
        self._flush()

    def _begin(self) -> None:
        if len(self._groups) < _DEEPEST:
            self._groups.append(self.now)

    def _end(self) -> None:
        inner = self.now
        self.now = self._groups.pop() if len(self._groups) > 1 else self._groups[0]
        self._to_skip = 0
        self.ended(inner)

    def _control(self, word: str, number: int | None) -> None:
        now = self.now
        if word == "u" and number is not None:
            self._sign(number % 65536)
            self._to_skip = now.fallback
        elif word == "f":
            self.now = replace(now, font=number or 0)
        elif word == "uc":
            self.now = replace(now, fallback=min(max(number or 0, 0), 10))
        elif word == "fonttbl":
            self.now = replace(now, fonts=True, unseen=True)
        elif word == "fcharset" and now.fonts:
            self._fonts[now.font] = _CHARSETS.get(number or 0, "cp1252")
            if number == _DRAWN:
                self._symbols[now.font] = ""
        elif now.fonts and word in _BESIDE_NAMES:
            self.now = replace(now, fonts=False)
        elif word == "ansicpg":
            self._page = f"cp{number}"
        elif word == "mac":
            self._page = "mac_roman"
        else:
            self.word(word, number)

    def _sign(self, number: int) -> None:
        if 0xD800 <= number < 0xDC00:
            self._half = number
        elif 0xDC00 <= number < 0xE000:
            if self._half:
                self.add(chr(0x10000 + (self._half - 0xD800) * 0x400 + number - 0xDC00))
            self._half = 0
        else:
            self.add(sign_of(self.symbols, number) if self.symbols or number in PRIVATE else chr(number))

    def _run(self, run: str) -> None:
        skipped = min(self._to_skip, len(run))
        self._to_skip -= skipped
        self._bytes += run[skipped:].encode("latin-1", "replace")
        self._flush()
        if run:
            self.optional = False

    def _add_byte(self, byte: int) -> None:
        if self._to_skip:
            self._to_skip -= 1
        else:
            self._bytes.append(byte)

    def _flush(self) -> None:
        """Adds the text of the bytes kept so far and empties them: decoded together, a sign may take two. An unknown
        encoding is read as cp1252; what cannot be decoded becomes « � »."""
        if not self._bytes:
            return
        if self.now.fonts and self.now.font in self._symbols:
            self._symbols[self.now.font] += self._bytes.decode("latin-1").strip(" ;")[:_LONGEST_NAME]
        self.add(self._decoded(self._bytes))
        self._bytes.clear()

    def _decoded(self, written: bytearray) -> str:
        if font := self.symbols:
            return "".join(sign_of(font, PRIVATE[byte]) if byte > 0x20 else chr(byte) for byte in written)
        try:
            return written.decode(self.encoding, "replace")
        except LookupError:
            return written.decode("cp1252", "replace")
