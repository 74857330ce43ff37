"""Checks passwords (CNIL, délibération 2022-100) and hashes them (argon2id, RFC 9106).

No second factor is assumed, so 80 bits are required. The example of the CNIL, 12 characters over 99 symbols, gives
79.55, so the threshold is 79. That counts lengths only: a word, a year and two signs are long enough and still easy to
guess, which `portfolio.identity.guessing.estimate` measures.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Iterable

from argon2 import PasswordHasher, profiles
from argon2.exceptions import VerificationError

from portfolio.identifiers import name_key
from portfolio.identity.guessing.common_words import common_words
from portfolio.identity.guessing.estimate import guess

# 64 MiB, 3 passes, 4 lanes: the second option that RFC 9106 recommends.
PARAMETERS = profiles.RFC_9106_LOW_MEMORY

MIN_BITS = 79
MAX_LENGTH = 256
_MIN_PERSONAL = 4
# By `guessing`: between composed passwords (41 at most among those of the tests) and random ones or unrelated words (51
# and more).
MIN_GUESSES_BITS = 48

# Symbols per class as the CNIL counts them, 37 specials included.
_CLASSES = ((26, r"[a-z]"), (26, r"[A-Z]"), (10, r"[0-9]"), (37, r"[^a-zA-Z0-9]"))
_RESTS_ON = {
    "word": "un mot, un nom ou un lieu que l'on essaie en premier",
    "personal": "un mot qui vient de vous (nom, adresse, établissement, date de naissance)",
    "year": "une année",
    "date": "une date",
    "keys": "des touches voisines du clavier",
    "sequence": "une suite (abcd, 1234)",
    "copy": "une répétition",
}


def check(password: str, personal: Iterable[str] = (), own_words: Iterable[str] = ()) -> list[str]:
    """Returns French sentences that say what to change; empty if the password is acceptable.

    personal: names, e-mail address… of its owner; their parts of 4 characters or more are rejected.
    own_words: other words that an acquaintance tries first (school, town, birth date): they add no bits.
    """
    password = _normalised(password)
    personal = list(personal)
    if len(password) > MAX_LENGTH:
        return [f"Ce mot de passe dépasse {MAX_LENGTH} caractères : raccourcissez-le."]
    problems = []
    if _bits(len(password), _alphabet(password)) < MIN_BITS:
        problems.append(
            "Ce mot de passe est trop court. Choisissez au moins 12 caractères mêlant minuscules, majuscules, "
            "chiffres et signes, ou 14 caractères sans signe, ou une phrase de 7 mots."
        )
    else:
        guessed = guess(password, [*personal, *own_words])
        if guessed.bits < MIN_GUESSES_BITS:
            problems.append(_too_easy(guessed.kinds))
    problems += [
        f"Ce mot de passe contient « {part} », qui vient de votre nom, de votre adresse ou de vos informations "
        "personnelles : retirez-le."
        for part in _personal_parts(password, personal)
    ]
    return problems


def _too_easy(kinds: Iterable[str]) -> str:
    """Returns the French refusal of a guessable password. It names the kinds of parts, never a part itself: another
    person may read the screen.
    """
    rests_on = " et ".join([_RESTS_ON[kind] for kind in kinds][:3]) or "peu de caractères différents"
    return (
        f"Ce mot de passe est trop facile à deviner : il repose sur {rests_on}. Prenez plutôt quatre mots rares sans "
        "lien entre eux et des chiffres, une phrase de 7 mots qui n'est à personne, ou 14 caractères tirés au hasard."
    )


def make_ready() -> None:
    """Reads the lists of words, so that the first choice of a password does not wait for them."""
    common_words()


def hash(password: str) -> str:
    """Returns an argon2id hash in PHC text form. The caller has passed the password through `check`."""
    return PasswordHasher.from_parameters(PARAMETERS).hash(_octets(_normalised(password)))


def verify(stored: str, password: str) -> bool:
    """Returns True if the password matches the argon2 hash `stored`. A text that is no such hash never matches; nor
    does a password over MAX_LENGTH characters.
    """
    password = _normalised(password)
    if len(password) > MAX_LENGTH:
        return False
    try:
        return PasswordHasher().verify(stored, _octets(password))
    except (VerificationError, ValueError):  # ValueError: no argon2 hash, or not even ASCII
        return False


def dummy_verify(password: str) -> bool:
    """Returns False after about the time that `verify` takes: an unknown address must not answer faster."""
    password = _normalised(password)
    if len(password) <= MAX_LENGTH:
        PasswordHasher.from_parameters(PARAMETERS).hash(_octets(password))
    return False


def needs_rehash(stored: str) -> bool:
    """Returns True if the argon2 hash `stored` was not made under the current parameters."""
    return PasswordHasher.from_parameters(PARAMETERS).check_needs_rehash(stored)


def _normalised(password: str) -> str:
    """Returns the NFKC form: the same keys give the same password on every system (é, non-breaking space)."""
    return unicodedata.normalize("NFKC", password)


def _octets(password: str) -> bytes:
    """Returns the password in UTF-8, including half a surrogate pair, which JSON can carry."""
    return password.encode("utf-8", "surrogatepass")


def _alphabet(password: str) -> int:
    """Returns the number of symbols an attacker must try per character, from the classes that the password uses."""
    return sum(size for size, pattern in _CLASSES if re.search(pattern, password))


def _bits(length: int, alphabet: int) -> float:
    return length * math.log2(alphabet) if alphabet else 0.0


def _personal_parts(password: str, personal: Iterable[str]) -> list[str]:
    folded = name_key(password)
    parts = {part for text in personal for part in name_key(text).split() if len(part) >= _MIN_PERSONAL}
    return sorted(part for part in parts if part in folded)
