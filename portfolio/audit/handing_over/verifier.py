"""Vérifie un dossier de restitution, sans réseau ni logiciel à installer : Python 3.10 ou plus récent suffit.

    python3 verifier.py                          dans le dossier
    python3 verifier.py DOSSIER --cle-publique FICHIER --ancrages FICHIER-OU-DOSSIER

Vérifie la signature de la description (Ed25519, RFC 8032), relit chaque fichier et compare son empreinte au manifeste,
compte les lignes, suit chaque chaîne maillon par maillon, retrouve dans le journal l'empreinte de chaque fiche, remise
et fichier, mène les têtes aux racines ancrées. Code de sortie : 0 si tout concorde, 1 sinon.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

FORMAT = "portfolio-e5/restitution/2"
DESCRIPTION = "description.json"
SIGNATURE = "description.json.sig"
PUBLIC_KEY = "cle-publique.pem"
GENESIS = "0" * 64
LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
SEALING = ("file_verified", "file_reused", "paper_deposited")  # actes du journal qui notent une empreinte
OUTSIDE = re.compile(r"ancrage ([0-9-]{10}) ([0-9a-f]{64}) ([0-9a-f]{64})")
JsonRow = dict[str, Any]
Point = tuple[int, int, int, int]  # coordonnées étendues (X, Y, Z, T) : x = X/Z, y = Y/Z, xy = T/Z


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


def lines(root: Path, path: str) -> Iterator[JsonRow]:
    with (root / path).open("rb") as file:
        for line in file:
            yield json.loads(line)


def links(root: Path) -> Iterator[JsonRow]:
    yield from lines(root, "preuves/journal.jsonl")


def rows(root: Path, description: JsonRow, collection: str) -> Iterator[JsonRow]:
    yield from lines(root, description["collections"][collection]["path"])


# --- le dossier ---------------------------------------------------------------------------------------


def check_manifest(root: Path, description: JsonRow) -> Iterator[str]:
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    there = {path for path in there if path.rpartition("/")[2] not in LEFT_BY_SYSTEMS} - {DESCRIPTION, SIGNATURE}
    for entry in description["manifest"]:
        path = entry["path"]
        if path not in there:
            yield f"{path} : absent"
        elif (root / path).stat().st_size != entry["size"] or digest_of(root / path) != entry["sha256"]:
            yield f"{path} : modifié"
    for path in sorted(there - {entry["path"] for entry in description["manifest"]}):
        yield f"{path} : ajouté, la description ne le connaît pas"


def check_counts(root: Path, description: JsonRow) -> Iterator[str]:
    index = description["files"]["index"]
    counted = {known["path"]: known["count"] for known in description["collections"].values()}
    counted |= {path: known["count"] for path, known in description["proofs"].items()} | {index["path"]: index["count"]}
    for path, count in counted.items():
        there = sum(1 for _ in lines(root, path))
        if there != count:
            yield f"{path} : {there} lignes, au lieu de {count}"


def check_contents(root: Path, description: JsonRow) -> Iterator[str]:
    recorded = {
        (link["name"], link["subject"]["id"], link["data"]["sha256"])
        for link in links(root)
        if "sha256" in link["data"]
    }
    digests = {entry["path"]: entry["sha256"] for entry in description["manifest"]}
    for file in lines(root, description["files"]["index"]["path"]):
        if digests.get(f"fichiers/{file['sha256']}") != file["sha256"]:
            yield f"fichiers/{file['sha256']} : absent ou modifié"
        if not any((name, file["id"], file["sha256"]) in recorded for name in SEALING):
            yield f"fichier {file['id']} : le journal ne connaît pas cette empreinte"
    sealed = {
        (link["name"], str(link["data"]["number"]), link["data"]["digest"])
        for link in links(root)
        if link["name"] in ("sheet_drawn_up", "portfolio_submitted")
    }
    for collection, name, word in (
        ("sheets", "sheet_drawn_up", "fiche"),
        ("submissions", "portfolio_submitted", "remise"),
    ):
        for row in rows(root, description, collection):
            if hashlib.sha256(row["content"].encode()).hexdigest() != row["digest"]:
                yield f"{word} {row['number']} : le contenu n'a pas l'empreinte notée"
            if (name, str(row["number"]), row["digest"]) not in sealed:
                yield f"{word} {row['number']} : son empreinte n'est pas celle du journal"


# --- les chaînes ----------------------------------------------------------------------------------------


def check_chains(root: Path) -> Iterator[str]:
    ends: dict[str, tuple[int, str]] = {}
    for link in links(root):
        seq, mac = ends.get(link["chain"], (0, GENESIS))
        if link["seq"] != seq + 1:
            yield f"{link['chain']} : maillon {seq + 1} absent"
        elif link["prev"] != mac:
            yield f"{link['chain']} : le maillon {link['seq']} ne suit pas celui qui le précède"
        ends[link["chain"]] = link["seq"], link["mac"]
    heads = {head["chain"]: (head["seq"], head["mac"]) for head in lines(root, "preuves/tetes.jsonl")}
    for name in sorted({*ends, *heads}):
        if ends.get(name) != heads.get(name):
            yield f"{name} : la fin n'est pas celle qu'annonce la tête"


def check_anchors(root: Path, outside: dict[str, str]) -> Iterator[str]:
    roots, before = dict[str, str](), None
    for anchor in lines(root, "preuves/ancrages.jsonl"):
        roots[anchor["day"]] = anchor["root"]
        if before is not None and anchor["previous"] != before:
            yield f"ancrage {anchor['day']} : celui d'avant est absent"
        before = anchor["root"]
    paths = list(lines(root, "preuves/chemins.jsonl"))
    wanted = {(path["chain"], path["seq"]) for path in paths}
    each = ((link["chain"], link["seq"], link["mac"]) for link in links(root))
    macs = {(name, seq): mac for name, seq, mac in each if (name, seq) in wanted}
    for path in paths:
        where = f"{path['chain']} maillon {path['seq']}"
        if root_over(path) != roots.get(path["day"]):
            yield f"{where} : son chemin ne mène pas à la racine du {path['day']}"
        if macs.get((path["chain"], path["seq"])) != path["mac"]:
            yield f"{where} : ce n'est pas celui de l'ancrage du {path['day']}"
    for day, kept in outside.items():
        if day in roots and roots[day] != kept:
            yield f"ancrage {day} : ce n'est pas celui qui fut gardé hors du service"


def root_over(path: JsonRow) -> str:
    head = f"{path['chain']} {path['seq']}:{path['mac']}"
    node, index = hashlib.sha256(b"\x00" + bytes.fromhex(path["salt"]) + head.encode()).digest(), path["index"]
    for sibling in map(bytes.fromhex, path["siblings"]):
        pair = sibling + node if index % 2 else node + sibling
        node, index = hashlib.sha256(b"\x01" + pair).digest(), index // 2
    return node.hex()


# --- la signature : Ed25519 (RFC 8032, 5.1.7), de quoi la vérifier seulement ------------------------------

PRIME = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
CURVE = -121665 * pow(121666, -1, PRIME) % PRIME
ROOT_OF_MINUS_ONE = pow(2, (PRIME - 1) // 4, PRIME)
NEUTRAL: Point = (0, 1, 1, 0)
PEM_HEAD = bytes.fromhex("302a300506032b6570032100")  # ce qui précède, en DER, les 32 octets d'une clé Ed25519


def check_signature(root: Path, key: bytes) -> Iterator[str]:
    if public_key(root / PUBLIC_KEY) != key:
        yield f"{PUBLIC_KEY} : ce n'est pas la clé publique reçue à part"
    if not is_signed(key, (root / DESCRIPTION).read_bytes(), (root / SIGNATURE).read_bytes()):
        yield f"{DESCRIPTION} : sa signature n'est pas celle de cette clé"


# Les 32 octets d'une clé publique Ed25519 en PEM ; ValueError si c'en est une autre.
def public_key(path: Path) -> bytes:
    inside = "".join(line for line in path.read_text("ascii").splitlines() if not line.startswith("-----"))
    der = base64.b64decode(inside, validate=True)
    if len(der) != len(PEM_HEAD) + 32 or not der.startswith(PEM_HEAD):
        raise ValueError(f"{path} : pas une clé publique Ed25519 en PEM")
    return der[len(PEM_HEAD) :]


def is_signed(key: bytes, message: bytes, signature: bytes) -> bool:
    if len(key) != 32 or len(signature) != 64:
        return False
    signer, commitment = point(key), point(signature[:32])
    response = int.from_bytes(signature[32:], "little")
    if signer is None or commitment is None or response >= ORDER:
        return False
    challenge = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % ORDER
    return same(times(response, generator()), plus(commitment, times(challenge, signer)))


def generator() -> Point:
    base = point((4 * pow(5, -1, PRIME) % PRIME).to_bytes(32, "little"))
    assert base is not None
    return base


# Le point, ou None si ces 32 octets n'en sont pas un.
def point(encoded: bytes) -> Point | None:
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= PRIME:
        return None
    square = (y * y - 1) * pow(CURVE * y * y + 1, -1, PRIME) % PRIME
    x = pow(square, (PRIME + 3) // 8, PRIME)
    if (x * x - square) % PRIME:
        x = x * ROOT_OF_MINUS_ONE % PRIME
    if (x * x - square) % PRIME or (x == 0 and sign):
        return None
    x = PRIME - x if x & 1 != sign else x
    return x, y, 1, x * y % PRIME


def plus(first: Point, second: Point) -> Point:
    a = (first[1] - first[0]) * (second[1] - second[0]) % PRIME
    b = (first[1] + first[0]) * (second[1] + second[0]) % PRIME
    c, d = 2 * first[3] * second[3] * CURVE % PRIME, 2 * first[2] * second[2] % PRIME
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % PRIME, g * h % PRIME, f * g % PRIME, e * h % PRIME


def times(number: int, base: Point) -> Point:
    total = NEUTRAL
    while number:
        total = plus(total, base) if number & 1 else total
        base, number = plus(base, base), number >> 1
    return total


def same(first: Point, second: Point) -> bool:
    return not (
        (first[0] * second[2] - second[0] * first[2]) % PRIME or (first[1] * second[2] - second[1] * first[2]) % PRIME
    )


# --- tout ------------------------------------------------------------------------------------------------


def check(root: Path, apart: Path | None, outside: dict[str, str]) -> Iterator[str]:
    try:
        description = json.loads((root / DESCRIPTION).read_text("utf-8"))
        if description["format"] != FORMAT:
            yield f"{DESCRIPTION} : version inconnue de ce programme ({description['format']})"
            return
        yield from check_signature(root, public_key(apart or root / PUBLIC_KEY))
        yield from check_manifest(root, description)
        yield from check_counts(root, description)
        yield from check_contents(root, description)
        yield from check_chains(root)
        yield from check_anchors(root, outside)
        yield from (f"déclaré par l'exploitant : {fault}" for fault in description["seals"]["faults"])
    except (KeyError, TypeError, ValueError, OSError) as error:
        yield f"dossier illisible ou incomplet : {type(error).__name__} {error}"


def read_outside(path: Path | None) -> dict[str, str]:
    if path is None:
        return {}
    files = sorted(path.glob("*.txt")) if path.is_dir() else [path]
    kept = (OUTSIDE.fullmatch(line.strip()) for file in files for line in file.read_text("utf-8").splitlines())
    return {match[1]: match[2] for match in kept if match}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description="Vérifie un dossier de restitution.")
    parser.add_argument("dossier", nargs="?", type=Path, default=Path(__file__).resolve().parent)
    parser.add_argument("--cle-publique", type=Path, help="la clé publique reçue par une autre voie que le dossier")
    parser.add_argument("--ancrages", type=Path, help="les ancrages gardés hors du service")
    asked = parser.parse_args(arguments)
    outside = read_outside(asked.ancrages)
    faults = list(check(asked.dossier, asked.cle_publique, outside))
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    if faults:
        sys.stdout.write(f"Anomalies : {len(faults)}.\n")
        return 1
    sys.stdout.write("Tout concorde.\n")
    key = hashlib.sha256(public_key(asked.dossier / PUBLIC_KEY)).hexdigest()
    if asked.cle_publique is None:
        sys.stdout.write(f"Empreinte de la clé qui a signé, à comparer à celle reçue par une autre voie : {key}\n")
        sys.stdout.write("Tant qu'elle n'est pas comparée, rien ne dit qui a signé.\n")
    if not outside:
        sys.stdout.write("Sans ancrages gardés dehors (--ancrages), les racines n'ont été comparées à rien.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
