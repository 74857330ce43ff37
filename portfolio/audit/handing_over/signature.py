"""Signs what is handed over: whoever holds it verifies it by a public key, and can make no seal of this service.

The private key is derived of the chain key that seals today: there is no other secret to keep, and it changes with it
(docs/decisions/0036-hand-overs-are-signed.md).
"""

from __future__ import annotations

import hashlib

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portfolio.store.connections import current

PURPOSE = b"portfolio-e5 hand-over signature"
SEED_BYTES = 32


def sign(content: bytes) -> bytes:
    """Returns the signature of a content (Ed25519, RFC 8032): 64 bytes."""
    return _private_key().sign(content)


def public_key() -> bytes:
    """Returns the public key that verifies the signatures of `sign`, in PEM."""
    return _private_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def fingerprint() -> str:
    """Returns the SHA-256 of the 32 bytes of the public key, in hexadecimal, to compare by eye."""
    return hashlib.sha256(_private_key().public_key().public_bytes_raw()).hexdigest()


def _private_key() -> Ed25519PrivateKey:
    sealing = next(iter(current().chain_keys.values()))
    seed = HKDF(algorithm=SHA256(), length=SEED_BYTES, salt=None, info=PURPOSE).derive(sealing)
    return Ed25519PrivateKey.from_private_bytes(seed)
