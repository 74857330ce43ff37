"""Gets time stamps from an external authority (RFC 3161): the date of a root cannot be invented afterwards."""

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
    """Returns the answer of the time-stamping authority on this message, to store unchanged; None without TSA_URL or
    without a valid answer, which is logged.
    """
    url = current().settings.tsa_url
    if url is None:
        return None
    asked = TimestampRequestBuilder().data(message).hash_algorithm(HashAlgorithm.SHA256).nonce(nonce=True)
    query = asked.cert_request(cert_request=True).build()
    request = Request(url, query.as_bytes(), {"Content-Type": "application/timestamp-query"})  # noqa: S310  # http(s): `Settings`
    try:
        with urlopen(request, timeout=TIMEOUT_S) as answer:  # noqa: S310
            stamp: bytes = answer.read(LARGEST_ANSWER)
        response = decode_timestamp_response(stamp)
        granted = PKIStatus(response.status) in GRANTED and response.tst_info.nonce == query.nonce
        if not granted or response.tst_info.message_imprint.message != hashlib.sha256(message).digest():
            raise NotStamped
    except (OSError, HTTPException, ValueError, NotStamped) as failure:
        log.warning("time_stamp_missing", kind=type(failure).__name__)
        return None
    return stamp


def checked(answer: bytes, message: bytes, authority: Path) -> datetime:
    """Returns when the authority stamped the message. authority: a file of PEM certificates with roots. Raises
    NotStamped if the answer is not a valid one on this message, OSError.
    """
    certificates = x509.load_pem_x509_certificates(authority.read_bytes())
    builder = VerifierBuilder()
    for certificate in certificates:
        if certificate.issuer == certificate.subject:
            builder = builder.add_root_certificate(certificate)
        else:
            builder = builder.add_intermediate_certificate(certificate)
    try:
        response = decode_timestamp_response(_as_granted(answer))
        builder.build().verify_message(response, message)
    except (IndexError, ValueError, VerificationError) as failure:
        raise NotStamped from failure
    return response.tst_info.gen_time


def _as_granted(answer: bytes) -> bytes:
    """Returns the answer with « granted » in place of « granted with modifications », which the library rejects.

    The authority signed only the token, whose imprint and day are compared with ours.
    """
    status = _content(answer, _content(answer, 0))
    granted_with_mods, granted = b"\x02\x01\x01", b"\x02\x01\x00"  # INTEGER, in DER
    if not answer.startswith(granted_with_mods, status):
        return answer
    return answer[:status] + granted + answer[status + len(granted) :]


def _content(der: bytes, offset: int) -> int:
    """Returns the offset of the content of the DER element at this offset."""
    length = der[offset + 1]
    return offset + 2 + (length & 0x7F if length & 0x80 else 0)
