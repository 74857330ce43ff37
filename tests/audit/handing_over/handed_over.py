"""A folder that was handed over, read and verified by somebody who has nothing of this service; and changed."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner, Result
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

import commands


class Given:
    """A folder read by somebody who has `description.json` and no programme of this service."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.description = json.loads((root / "description.json").read_text())

    def lines(self, path: str) -> Iterator[dict[str, Any]]:
        with (self.root / path).open() as lines:
            yield from map(json.loads, lines)

    def rows(self, collection: str) -> list[dict[str, Any]]:
        return list(self.lines(self.description["collections"][collection]["path"]))

    def fields(self, collection: str) -> set[str]:
        return {field["name"] for field in self.description["collections"][collection]["fields"]}

    def links(self) -> list[dict[str, Any]]:
        (path,) = [path for path, told in self.description["proofs"].items() if told["called"].startswith("les mail")]
        return list(self.lines(path))

    def digests(self) -> dict[str, str]:
        return {entry["path"]: entry["sha256"] for entry in self.description["manifest"]}

    def measured(self) -> dict[str, str]:
        files = [path for path in self.root.rglob("*") if path.is_file()]
        names = {path.relative_to(self.root).as_posix(): path for path in files}
        del names["description.json"], names["description.json.sig"]
        return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in names.items()}


def run(*arguments: object) -> Result:
    return CliRunner().invoke(commands.cli, ["hand-over", *map(str, arguments)])


def verified(given: Given, *more: object) -> subprocess.CompletedProcess[str]:
    """The verifier of the folder, alone: without this project, its libraries or its environment."""
    asked = [sys.executable, "-I", str(given.root / "verifier.py"), str(given.root), *map(str, more)]
    return subprocess.run(asked, env={}, capture_output=True, text=True, check=False)


def apart(folder: Path) -> Path:
    """The public key, as the operator gives it by another way."""
    shown = CliRunner().invoke(commands.cli, ["hand-over-key"])
    assert shown.exit_code == 0, shown.output
    pem, _, fingerprint = shown.output.partition("Empreinte : ")
    kept = folder / "published.pem"
    kept.write_text(pem)
    raw = load_pem_public_key(pem.encode())
    assert isinstance(raw, Ed25519PublicKey)
    assert hashlib.sha256(raw.public_bytes_raw()).hexdigest() == fingerprint.strip()
    return kept


def one_byte_changed(given: Given, path: str, where: bytes, instead: bytes) -> None:
    held = (given.root / path).read_bytes()
    assert where in held and len(where) == len(instead)
    (given.root / path).write_bytes(held.replace(where, instead, 1))


def manifest_again(given: Given) -> None:
    """As somebody would who holds the folder, and the service's key no more than anybody."""
    for entry in given.description["manifest"]:
        entry["sha256"] = given.measured()[entry["path"]]
    (given.root / "description.json").write_text(json.dumps(given.description))
