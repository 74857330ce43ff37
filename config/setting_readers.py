"""Readers of the text of an environment variable.

Each returns the value, or raises ValueError with the French words that complete « NAME (…) ».
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from urllib.parse import SplitResult, urlsplit

from config.transport import LOOPBACK

LEAST_SECRET = 32  # characters
FARTHEST = timedelta(days=36_500)


def split(text: str) -> SplitResult:
    try:
        return urlsplit(text)
    except ValueError:
        raise ValueError("n'est pas une adresse") from None


def site(text: str) -> SplitResult:
    """Returns the parts of an address made of a scheme, a host and perhaps a port, and of nothing else. Raises
    ValueError.
    """
    address = split(text)
    try:
        sound = address.port != 0 and address.hostname and "@" not in address.netloc
    except ValueError:  # a port that is no number, or above 65535
        sound = False
    if not sound or address.path not in ("", "/") or address.query or address.fragment:
        raise ValueError("doit s'arrêter au nom du site : https://exemple.fr ou https://exemple.fr:8443")
    return address


def mongodb_uri(text: str) -> str:
    address = split(text)
    if address.scheme not in ("mongodb", "mongodb+srv") or not address.netloc.rpartition("@")[2]:
        raise ValueError("doit avoir la forme mongodb://utilisateur:mot-de-passe@hôte/base?replicaSet=…")
    if re.search(r'[/\\. "$*<>:|?]', address.path.removeprefix("/")):
        raise ValueError("le nom de la base contient un caractère interdit")
    return text


def endpoint(text: str) -> str:
    address = site(text)
    if address.scheme not in ("http", "https"):
        raise ValueError("doit commencer par http:// ou https://")
    return f"{address.scheme}://{address.netloc.lower()}"


def http_url(text: str) -> str:
    address = split(text)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ValueError("doit commencer par http:// ou https://")
    return text


def public_url(text: str) -> str:
    address = site(text)
    if address.scheme != "https" and not (address.scheme == "http" and address.hostname in LOOPBACK):
        raise ValueError("doit commencer par https://, sauf sur la machine elle-même (localhost)")
    return f"{address.scheme}://{address.netloc.lower()}"


def smtp_url(text: str) -> str:
    address = split(text)
    if address.scheme not in ("smtp", "smtps") or not address.hostname:
        raise ValueError("doit avoir la forme smtp://utilisateur:mot-de-passe@hôte:587 ou smtps://…:465")
    return text


def clamd_url(text: str) -> str:
    address = split(text)
    try:
        over_tcp = address.scheme == "tcp" and address.hostname and address.port and address.path in ("", "/")
    except ValueError:  # a port that is no number
        over_tcp = None
    if not over_tcp and not (address.scheme == "unix" and address.path.startswith("/") and not address.netloc):
        raise ValueError("doit avoir la forme tcp://hôte:3310 ou unix:///run/clamav/clamd.ctl")
    return text


def file(text: str) -> Path:
    if not Path(text).is_file():
        raise ValueError("n'est pas un fichier lisible")
    return Path(text)


def mail_address(text: str) -> str:
    if not re.fullmatch(r"[^@\s<>,]+@[^@\s<>,]+", text):
        raise ValueError("doit être une adresse de courriel")
    return text


def contact(text: str) -> str:
    """Returns the text, a contact of security.txt: mailto:, https:// or tel: (RFC 9116, 2.5.3). Raises ValueError."""
    if not re.fullmatch(r"(mailto:[^@\s]+@[^@\s]+|https://[^/\s]+\S*|tel:\+[0-9-]+)", text):
        raise ValueError("doit avoir la forme mailto:adresse@exemple.fr, https://… ou tel:+33-…")
    return text


def bucket(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", text):
        raise ValueError("doit avoir de 3 à 63 lettres minuscules, chiffres, points ou tirets")
    return text


def secret(text: str) -> str:
    if len(text) < LEAST_SECRET:
        raise ValueError(f"doit avoir au moins {LEAST_SECRET} caractères")
    return text


def keys(text: str) -> tuple[str, ...]:
    """Returns the keys of « new,old », each of LEAST_SECRET characters or more: the first one signs, all of them
    verify, so that a key is replaced while people are at work. Raises ValueError.
    """
    keys = tuple(key.strip() for key in text.split(","))
    if any(len(key) < LEAST_SECRET for key in keys):
        raise ValueError(f"doit avoir au moins {LEAST_SECRET} caractères ; « nouvelle,ancienne », chacune")
    return keys


def at_least(least: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,15}", text) or int(text) < least:
            raise ValueError(f"doit être un nombre entier d'au moins {least}")
        return int(text)

    return read


def port(text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,5}", text) or not 0 < int(text) < 65536:
        raise ValueError("doit être un numéro de port, de 1 à 65535")
    return int(text)


def read_shift(text: str) -> timedelta:
    """Returns the duration of « +197d », « -12h », « +30m » or « -90s » (days, hours, minutes, seconds), FARTHEST at
    most. Raises ValueError.
    """
    found = re.fullmatch(r"([+-])([0-9]{1,10})([dhms])", text)
    if not found:
        raise ValueError("doit avoir la forme +197d, -12h, +30m ou +90s")
    seconds = int(found[1] + found[2]) * {"d": 86_400, "h": 3_600, "m": 60, "s": 1}[found[3]]
    if abs(seconds) > FARTHEST.total_seconds():
        raise ValueError(f"ne peut dépasser {FARTHEST.days} jours")
    return timedelta(seconds=seconds)


def one_of(*words: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text not in words:
            raise ValueError("doit valoir " + " ou ".join(words))
        return text

    return read
