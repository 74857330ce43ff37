"""Who handed a folder over is proved by a public key that came apart, and nothing in the folder can make a seal."""

from __future__ import annotations

import hashlib
import json
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from portfolio.audit.handing_over import verifier
from tests.audit.handing_over.handed_over import Given, apart, manifest_again, one_byte_changed, verified

pytestmark = pytest.mark.usefixtures("bucket")

# Private key, message and signature of RFC 8032, 7.1, tests 1 to 3.
RFC_8032 = (
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
        "d25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
        "387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
        "4a7c15e9716ed28dc027beceea1ec40a",
    ),
)


def test_any_programme_of_cryptography_verifies_the_signature(given: Given, tmp_path: Path) -> None:
    signed = ["-in", given.root / "description.json", "-sigfile", given.root / "description.json.sig"]
    asked = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", apart(tmp_path), "-rawin", *signed]
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 0
    given.description["service"] = "un autre"
    (given.root / "description.json").write_text(json.dumps(given.description))
    assert subprocess.run(asked, capture_output=True, check=False).returncode == 1


def test_whoever_signs_the_folder_again_is_found_by_the_key_that_came_apart(given: Given, tmp_path: Path) -> None:
    published, forger = apart(tmp_path), Ed25519PrivateKey.generate()
    one_byte_changed(given, "donnees/evidence.jsonl", b"Lettre", b"Lettra")
    pem = forger.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    (given.root / "cle-publique.pem").write_bytes(pem)
    manifest_again(given)
    (given.root / "description.json.sig").write_bytes(forger.sign((given.root / "description.json").read_bytes()))
    alone, compared = verified(given), verified(given, "--cle-publique", published)
    assert alone.returncode == 0 and "rien ne dit qui a signé" in alone.stdout
    assert hashlib.sha256(forger.public_key().public_bytes_raw()).hexdigest() in alone.stdout
    assert compared.returncode == 1
    assert "ce n'est pas la clé publique reçue à part" in compared.stdout
    assert "sa signature n'est pas celle de cette clé" in compared.stdout


def test_the_verifier_believes_the_signatures_that_ed25519_does_and_no_other() -> None:
    for secret, message, signature in RFC_8032:
        signer = Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
        public, signed = signer.public_key().public_bytes_raw(), bytes.fromhex(signature)
        assert signer.sign(bytes.fromhex(message)) == signed  # the table is the RFC's
        assert verifier.is_signed(public, bytes.fromhex(message), signed)
        assert not verifier.is_signed(public, bytes.fromhex(message) + b"?", signed)
        for place in (0, 31, 32, 63):
            assert not verifier.is_signed(public, bytes.fromhex(message), flipped(signed, place))
            assert not verifier.is_signed(flipped(public, place % 32), bytes.fromhex(message), signed)
        longer = int.from_bytes(signed[32:], "little") + verifier.ORDER  # the same number once more round: refused
        assert not verifier.is_signed(public, bytes.fromhex(message), signed[:32] + longer.to_bytes(32, "little"))
        assert not verifier.is_signed(public, bytes.fromhex(message), signed[:63])


def flipped(held: bytes, place: int) -> bytes:
    return held[:place] + bytes([held[place] ^ 1]) + held[place + 1 :]
