"""Time stamps of an authority that is not ours (RFC 3161): that a root existed then cannot be made up afterwards."""

from __future__ import annotations

import hashlib
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import structlog
from cryptography import x509
from rfc3161_client import (
    HashAlgorithm,
    PKIStatus,
    TimestampRequestBuilder,
    VerificationError,
    VerifierBuilder,
    decode_timestamp_response,
)

from portfolio.store.connections import current

TIMEOUT_S = 10
LARGEST_ANSWER = 65_536
GRANTED = (PKIStatus.GRANTED, PKIStatus.GRANTED_WITH_MODS)  # RFC 3161, 2.4.2: both bear a token
log = structlog.get_logger()


class NotStamped(Exception):
    """The answer is not a time stamp of this message by this authority."""


def ask(message: bytes) -> bytes | None:
    """The authority's answer, to be kept as it came; None without TSA_URL, or where it did not answer as it should."""
    url = current().settings.tsa_url
    if url is None:
        return None
    asked = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
    query = asked.cert_request(cert_request=True).build()
    request = Request(url, query.as_bytes(), {"Content-Type": "application/timestamp-query"})  # noqa: S310  # http(s): `Settings`
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            said: bytes = answer.read(LARGEST_ANSWER)
        found = decode_timestamp_response(said)
        granted = PKIStatus(found.status) in GRANTED and found.tst_info.nonce == query.nonce
        if not granted or found.tst_info.message_imprint.message != hashlib.sha256(message).digest():
            raise NotStamped
    except (OSError, HTTPException, ValueError, NotStamped) as failure:
        log.warning("time_stamp_missing", kind=type(failure).__name__)
        return None
    return said


def checked(answer: bytes, message: bytes, authority: Path) -> datetime:
    """When the authority saw the message. authority: its certificates in PEM, roots among them. Raises NotStamped."""
    certificates = x509.load_pem_x509_certificates(authority.read_bytes())
    builder = VerifierBuilder()
    for one in certificates:
        if one.issuer == one.subject:
            builder = builder.add_root_certificate(one)
        else:
            builder = builder.add_intermediate_certificate(one)
    try:
        found = decode_timestamp_response(_as_granted(answer))
        builder.build().verify_message(found, message)
    except (IndexError, ValueError, VerificationError) as failure:
        raise NotStamped from failure
    return found.tst_info.gen_time


def _as_granted(answer: bytes) -> bytes:
    """The answer with « granted » for « granted with modifications »: the library verifies no other, and what the
    authority signed is the token alone, whose imprint and day are held against ours."""
    status = _content(answer, _content(answer, 0))
    granted_with_mods, granted = b"\x02\x01\x01", b"\x02\x01\x00"  # INTEGER, in DER
    if not answer.startswith(granted_with_mods, status):
        return answer
    return answer[:status] + granted + answer[status + len(granted) :]


def _content(der: bytes, offset: int) -> int:
    """Where the content of the element at this offset begins."""
    length = der[offset + 1]
    return offset + 2 + (length & 0x7F if length & 0x80 else 0)
