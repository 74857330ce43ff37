"""Makes and reads the codes: twelve signs that nobody takes for one another, stored as keyed digests alone."""

from __future__ import annotations

import hashlib
import hmac
import unicodedata

from portfolio.ids import new_token
from portfolio.store.connections import current

# No sign that looks like another (0 and O, 1 and I, 2 and Z, 5 and S, 8 and B), and no vowel, so that no word appears.
SIGNS = "CDFGHJKMNPQRTVWX34679"
LENGTH, GROUP = 12, 4  # 52 random bits


def new_code() -> str:
    """Returns a random code, « CDFG-HJKM-3479 »."""
    number = int.from_bytes(hashlib.sha256(new_token().encode()).digest())
    signs = []
    for _ in range(LENGTH):
        number, rank = divmod(number, len(SIGNS))
        signs.append(SIGNS[rank])
    return "-".join("".join(signs[start : start + GROUP]) for start in range(0, LENGTH, GROUP))


def as_typed(typed: str) -> str:
    """Returns what was typed in the one form that is digested: capitals and digits, whatever stands between them."""
    plain = unicodedata.normalize("NFKD", typed).upper()
    return "".join(sign for sign in plain if sign.isascii() and sign.isalnum())


def digests_of(typed: str) -> list[str]:
    """Returns the digest of a code under each key, newest first: whoever has the database alone cannot try codes."""
    keys = current().keys_for("entry code")
    return [hmac.new(key, as_typed(typed).encode(), hashlib.sha256).hexdigest() for key in keys]
