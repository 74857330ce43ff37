"""Vérifie un portfolio exporté, sans réseau ni logiciel à installer : Python 3.10 ou plus récent suffit.

    python3 verifier.py                      dans le dossier décompressé
    python3 verifier.py portfolio-….zip      sur l'archive elle-même

Ce programme relit chaque fichier et compare son empreinte SHA-256 à celle du manifeste, retrouve l'empreinte de chaque
remise dans le journal, et suit le journal maillon par maillon. Code de sortie : 0 si tout concorde, 1 sinon.
"""

from __future__ import annotations

import hashlib
import json
import sys
import unicodedata
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

MANIFEST = "MANIFEST.json"
SCHEMA = "portfolio-e5/export/1"
GENESIS = "0" * 64
LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}


class Folder:
    """Le dossier décompressé. Certains systèmes y écrivent les accents des noms autrement."""

    def __init__(self, path: Path) -> None:
        files = [file for file in path.rglob("*") if file.is_file() and file.name not in LEFT_BY_SYSTEMS]
        self.files = {unicodedata.normalize("NFC", file.relative_to(path).as_posix()): file for file in files}

    def names(self) -> set[str]:
        return set(self.files)

    def open(self, name: str) -> IO[bytes]:
        return self.files[name].open("rb")


class Archive:
    def __init__(self, path: Path) -> None:
        self.archive = zipfile.ZipFile(path)

    def names(self) -> set[str]:
        return {name for name in self.archive.namelist() if not name.endswith("/")}

    def open(self, name: str) -> IO[bytes]:
        return self.archive.open(name)


OpenedExport = Folder | Archive


def measure(export: OpenedExport, name: str) -> tuple[int, str]:
    """(taille, empreinte) d'un fichier, lu morceau par morceau."""
    digest, size = hashlib.sha256(), 0
    with export.open(name) as file:
        while True:
            chunk = file.read(1024 * 1024)
            if not chunk:
                return size, digest.hexdigest()
            digest.update(chunk)
            size += len(chunk)


def read_json(export: OpenedExport, name: str) -> Any:
    with export.open(name) as file:
        return json.loads(file.read().decode("utf-8"))


def check_entries(export: OpenedExport, manifest: dict[str, Any]) -> Iterator[str]:
    there = export.names() - {MANIFEST}
    for entry in manifest["entries"]:
        path = entry["path"]
        if path not in there:
            yield f"{path} : absent"
            continue
        try:
            size, sha256 = measure(export, path)
        except (OSError, zipfile.BadZipFile) as error:
            yield f"{path} : illisible ({error})"
            continue
        if (size, sha256) != (entry["size"], entry["sha256"]):
            yield f"{path} : modifié (empreinte {sha256}, attendue {entry['sha256']})"
        elif entry.get("recorded_sha256", sha256) != sha256:
            yield f"{path} : déjà différent du fichier vérifié au dépôt quand l'archive a été faite"
    for path in sorted(there - {entry["path"] for entry in manifest["entries"]}):
        yield f"{path} : ajouté, le manifeste ne le connaît pas"
    for lost in manifest["absent"]:
        gone = lost.get("because", "absent") == "absent"
        why = "n'était plus dans le stockage" if gone else "n'était plus celui qui avait été vérifié, et a été retenu,"
        yield f"{lost['name']} : {why} quand l'archive a été faite"


def check_journal(manifest: dict[str, Any], links: list[dict[str, Any]]) -> Iterator[str]:
    seq, mac = 0, GENESIS
    for link in links:
        if link["seq"] != seq + 1:
            yield f"journal : maillon {seq + 1} absent"
        elif link["prev"] != mac:
            yield f"journal : le maillon {link['seq']} ne suit pas celui qui le précède"
        seq, mac = link["seq"], link["mac"]
    if manifest["journal"]["head"] != f"{seq}:{mac}":
        yield "journal : la fin n'est pas celle qu'annonce le manifeste"


def check_submissions(export: OpenedExport, manifest: dict[str, Any], links: list[dict[str, Any]]) -> Iterator[str]:
    recorded = {
        (link["data"]["number"], link["data"]["digest"]) for link in links if link["name"] == "portfolio_submitted"
    }
    heads = {f"{link['seq']}:{link['mac']}" for link in links} | {f"0:{GENESIS}"}
    known = {entry.get("recorded_sha256") for entry in manifest["entries"]}
    known |= {lost["sha256"] for lost in manifest["absent"]}
    for submission in manifest["submissions"]:
        number, path = submission["number"], submission["path"]
        if submission["chain_head"] not in heads:
            yield f"remise {number} : le journal ne passe pas par la tête notée à la remise"
        if path not in export.names():
            continue  # dit parmi les fichiers absents
        if (number, measure(export, path)[1]) not in recorded:
            yield f"remise {number} : son empreinte n'est pas celle du journal"
        for piece in read_json(export, path)["pieces"]:
            for file in piece["files"]:
                if file["sha256"] not in known:
                    yield f"remise {number} : le fichier « {file['name']} » n'est pas dans l'archive"


def check(export: OpenedExport) -> Iterator[str]:
    """Chaque anomalie, en une phrase."""
    try:
        manifest = read_json(export, MANIFEST)
        if manifest["schema"] != SCHEMA:
            yield f"{MANIFEST} : version inconnue de ce programme ({manifest['schema']})"
            return
        yield from check_entries(export, manifest)
        links = read_json(export, manifest["journal"]["path"])
        yield from check_journal(manifest, links)
        yield from check_submissions(export, manifest, links)
    except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as error:
        yield f"archive illisible ou incomplète : {type(error).__name__} {error}"


def main(arguments: list[str]) -> int:
    path = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        export: OpenedExport = Folder(path) if path.is_dir() else Archive(path)
    except (OSError, zipfile.BadZipFile) as error:
        sys.stdout.write(f"{path} : illisible ({error})\n")
        return 1
    faults = list(check(export))
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    if faults:
        sys.stdout.write(f"Anomalies : {len(faults)}.\n")
        return 1
    manifest = read_json(export, MANIFEST)
    sys.stdout.write(f"Tout concorde : {len(manifest['entries'])} fichiers vérifiés.\n")
    for submission in manifest["submissions"]:
        digests = f"empreinte {submission['digest']}, tête du journal {submission['chain_head']}"
        sys.stdout.write(f"Remise {submission['number']}, à comparer à son accusé : {digests}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
