"""Beyond this machine nothing travels in clear, and no certificate is believed unchecked (ASVS 12.3)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

LOOPBACK = {"localhost", "127.0.0.1", "::1"}
UNCHECKED = {"tlsinsecure", "tlsallowinvalidcertificates", "tlsallowinvalidhostnames"}
IN_CLEAR = "doit {how} : au-delà de la machine elle-même, rien ne circule en clair"


def in_clear(values: Mapping[str, Any]) -> dict[str, str]:
    """Returns {name of the variable: what is wrong with it, in French} for addresses of engines that would be spoken to
    in clear, or unchecked, beyond this machine. values: settings as read, by name in lower case; an absent one has no
    fault.
    """
    found = {
        "MONGODB_URI": _mongodb(values.get("mongodb_uri") or ""),
        "S3_ENDPOINT_URL": _https(values.get("s3_endpoint_url") or ""),
        "S3_PUBLIC_ENDPOINT_URL": _https(values.get("s3_public_endpoint_url") or ""),
    }
    return {name: problem for name, problem in found.items() if problem}


def _mongodb(uri: str) -> str | None:
    address = urlsplit(uri)
    options = {name.lower(): value.lower() for name, value in parse_qsl(address.query)}
    if any(options.get(name) == "true" for name in UNCHECKED):
        return "ne doit pas se passer de vérifier les certificats (tlsInsecure, tlsAllowInvalid…)"
    default = "true" if address.scheme == "mongodb+srv" else "false"
    encrypted = options.get("tls", options.get("ssl", default)) == "true"
    hosts = address.netloc.rpartition("@")[2].split(",") if uri else []
    return None if encrypted or all(map(_is_here, hosts)) else IN_CLEAR.format(how="demander tls=true")


def _is_here(host: str) -> bool:
    """Returns True if this host is the machine itself. host: as a list of MongoDB servers writes it, with its port, or
    a socket's path.
    """
    name = unquote(host)
    return name.startswith("/") or urlsplit(f"//{name}").hostname in LOOPBACK


def _https(url: str) -> str | None:
    address = urlsplit(url)
    here = not url or address.hostname in LOOPBACK
    return None if here or address.scheme == "https" else IN_CLEAR.format(how="commencer par https://")
