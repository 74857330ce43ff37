"""Writes and reads the sealed manifest of a backup: what it does not name is not part of the backup."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO

from portfolio.audit.snapshot import Dump
from portfolio.errors import NotNow
from portfolio.store.canonical_json import canonical
from portfolio.store.connections import current

FORMAT = "portfolio-e5/backup/1"
MANIFEST = "MANIFEST.json"


class TornBackup(NotNow):
    """The backup is damaged. what: the file that is missing, truncated or altered."""

    code = "torn_backup"
    detail = "Cette sauvegarde est incomplète ou altérée ({what}) : elle ne peut pas être restaurée."


class OtherChainKey(NotNow):
    code = "other_chain_key"
    detail = (
        "Cette sauvegarde est scellée par une autre clé ({key_id}) : redonnez à CHAIN_KEY la valeur qu'elle avait, "
        "sans laquelle les chaînes ne peuvent pas être vérifiées."
    )


@dataclass(frozen=True)
class Manifest:
    """A manifest. folder: of the documents. cluster_time: of MongoDB (seconds, counter), the moment of all of them.

    objects, size: number of named objects, and their bytes. lost: ids of verified files whose object was already
    missing or altered in the store: a backup cannot recover them, and must not fail for them.
    """

    folder: str
    taken_at: str
    cluster_time: list[int]
    migrations: list[str]
    collections: dict[str, Dump]
    objects: int
    size: int
    lost: list[str]


def write_manifest(folder: Path, manifest: Manifest) -> None:
    """Writes the manifest into the folder, atomically, sealed with the newest chain key. Raises OSError."""
    key_id, key = next(iter(current().chain_keys.items()))
    content = {"format": FORMAT, "key_id": key_id, **asdict(manifest)}
    draft = folder / f"{MANIFEST}.draft"
    with draft.open("w") as target:
        json.dump({**content, "seal": _seal(content, key)}, target, indent=1)
        flush_to_disk(target)
    for named in (folder / "objects", *folder.glob("objects/*")):
        flush_folder(named)
    draft.replace(folder / MANIFEST)
    flush_folder(folder)


def read_manifest(folder: Path) -> Manifest:
    """Returns the manifest of a backup. Raises TornBackup if it is missing, malformed or not sealed with its key;
    OtherChainKey if that key is not in the settings.
    """
    try:
        content = json.loads((folder / MANIFEST).read_text())
        seal = content.pop("seal")
        key = current().chain_keys.get(content["key_id"])
    except (OSError, ValueError, KeyError, AttributeError) as error:
        raise TornBackup(what=MANIFEST) from error
    if key is None:
        raise OtherChainKey(key_id=content["key_id"])
    if not hmac.compare_digest(_seal(content, key), str(seal)) or content.pop("format") != FORMAT:
        raise TornBackup(what=MANIFEST)
    del content["key_id"]
    dumps = {name: Dump(**dump) for name, dump in content.pop("collections").items()}
    return Manifest(**content, collections=dumps)


def _seal(content: dict[str, object], key: bytes) -> str:
    return hmac.new(key, b"backup\n" + canonical(content), hashlib.sha256).hexdigest()


def flush_to_disk(target: IO[str] | IO[bytes]) -> None:
    target.flush()
    os.fsync(target.fileno())


def flush_folder(folder: Path) -> None:
    if folder.is_dir():
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
