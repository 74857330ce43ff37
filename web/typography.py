"""French spacing: what a line must not be broken at (Lexique des règles typographiques: « », : ; ! ?).

Templates are written with plain spaces; their own text, and nothing that people typed, gets no-break ones.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from jinja2.ext import Extension
from jinja2.lexer import Token, TokenStream

_BREAKABLE = re.compile(r"(?<=«) |(?<=n°) | (?=»)|(?<=\S) (?=[:;!?](?:\s|<|$))")
NO_BREAK = "\u00a0"


def spaced(text: str) -> str:
    """Returns the French text with its no-break spaces (« », n°, : ; ! ?); safe markup stays safe."""
    return text.__class__(_BREAKABLE.sub(NO_BREAK, text))


class FrenchSpacing(Extension):
    def filter_stream(self, stream: TokenStream) -> Iterable[Token]:
        return _spaced(stream)


def _spaced(stream: TokenStream) -> Iterator[Token]:
    for token in stream:
        yield Token(token.lineno, token.type, spaced(token.value)) if token.type == "data" else token
