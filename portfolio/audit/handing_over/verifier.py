"""Vérifie un dossier de restitution, sans réseau ni logiciel à installer : Python 3.10 ou plus récent suffit.

    python3 verifier.py                          dans le dossier
    python3 verifier.py DOSSIER --cles FICHIER --ancrages FICHIER-OU-DOSSIER

Relit chaque fichier et compare son empreinte au manifeste, compte les lignes, suit chaque chaîne maillon par maillon,
retrouve dans le journal l'empreinte de chaque fiche, remise et fichier, mène les têtes aux racines ancrées. Avec les
clés, recalcule chaque sceau. Code de sortie : 0 si tout concorde, 1 sinon.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import hmac
import json
import re
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

FORMAT = "portfolio-e5/restitution/1"
DESCRIPTION = "description.json"
GENESIS = "0" * 64
LEFT_BY_SYSTEMS = {".DS_Store", "Thumbs.db", "desktop.ini"}
OUTSIDE = re.compile(r"ancrage ([0-9-]{10}) ([0-9a-f]{64}) ([0-9a-f]{64})")
Row = dict[str, Any]
Keys = dict[str, bytes]


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while chunk := file.read(1024 * 1024):
            digest.update(chunk)
    return digest.hexdigest()


def lines(root: Path, path: str) -> Iterator[Row]:
    with (root / path).open("rb") as file:
        for line in file:
            yield json.loads(line)


def links(root: Path) -> Iterator[Row]:
    yield from lines(root, "preuves/journal.jsonl")


def rows(root: Path, description: Row, collection: str) -> Iterator[Row]:
    yield from lines(root, description["collections"][collection]["path"])


def canonical(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


# --- le dossier ---------------------------------------------------------------------------------------


def check_manifest(root: Path, description: Row) -> Iterator[str]:
    there = {path.relative_to(root).as_posix() for path in root.rglob("*") if path.is_file()}
    there = {path for path in there if path.rpartition("/")[2] not in LEFT_BY_SYSTEMS} - {DESCRIPTION}
    for entry in description["manifest"]:
        path = entry["path"]
        if path not in there:
            yield f"{path} : absent"
        elif (root / path).stat().st_size != entry["size"] or digest_of(root / path) != entry["sha256"]:
            yield f"{path} : modifié"
    for path in sorted(there - {entry["path"] for entry in description["manifest"]}):
        yield f"{path} : ajouté, la description ne le connaît pas"


def check_counts(root: Path, description: Row) -> Iterator[str]:
    index = description["files"]["index"]
    counted = {known["path"]: known["count"] for known in description["collections"].values()}
    counted |= {path: known["count"] for path, known in description["proofs"].items()} | {index["path"]: index["count"]}
    for path, count in counted.items():
        there = sum(1 for _ in lines(root, path))
        if there != count:
            yield f"{path} : {there} lignes, au lieu de {count}"


def check_contents(root: Path, description: Row) -> Iterator[str]:
    recorded = {
        (link["name"], link["subject"]["id"], link["data"]["sha256"])
        for link in links(root)
        if "sha256" in link["data"]
    }
    digests = {entry["path"]: entry["sha256"] for entry in description["manifest"]}
    for file in lines(root, description["files"]["index"]["path"]):
        if digests.get(f"fichiers/{file['sha256']}") != file["sha256"]:
            yield f"fichiers/{file['sha256']} : absent ou modifié"
        if not any((name, file["id"], file["sha256"]) in recorded for name in ("file_verified", "paper_deposited")):
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


def root_over(path: Row) -> str:
    head = f"{path['chain']} {path['seq']}:{path['mac']}"
    node, index = hashlib.sha256(b"\x00" + bytes.fromhex(path["salt"]) + head.encode()).digest(), path["index"]
    for sibling in map(bytes.fromhex, path["siblings"]):
        pair = sibling + node if index % 2 else node + sibling
        node, index = hashlib.sha256(b"\x01" + pair).digest(), index // 2
    return node.hex()


# --- les sceaux, avec les clés ----------------------------------------------------------------------------


def check_macs(root: Path, keys: Keys) -> Iterator[str]:
    for link in links(root):
        where, key = f"{link['chain']} maillon {link['seq']}", keys.get(link["key_id"])
        if key is None:
            yield f"{where} : scellé par une clé qui n'est pas dans le fichier des clés ({link['key_id']})"
            continue
        body = {name: value for name, value in link.items() if name != "mac"}
        if hmac.new(key, canonical(body), hashlib.sha256).hexdigest() != link["mac"]:
            yield f"{where} : son contenu n'a pas son sceau"


def check_seals(root: Path, description: Row, keys: Keys) -> Iterator[str]:
    last: dict[str, dict[str, tuple[int, str, str]]] = {}
    removed = set[str]()
    own = ({"key_id": link["key_id"], **seal} for link in links(root) for seal in link.get("seals") or ())
    for seal in chain(own, lines(root, "preuves/sceaux.jsonl")):
        if seal.get("removed"):
            removed.add(seal["of"])
        groups = last.setdefault(seal["of"], {})
        for group, mac in seal["groups"].items():
            if group not in groups or groups[group][0] <= seal["revision"]:
                groups[group] = seal["revision"], mac, seal["key_id"]
    for collection, known in description["collections"].items():
        for row in rows(root, description, collection) if known["sealed"] else ():
            name = f"{collection}:{row['id']}"
            if name in removed:
                yield f"{name} : supprimé par un maillon, et là pourtant"
            for group, fields in known["sealed"].items():
                if group in last.get(name, {}):
                    _, mac, key_id = last[name][group]
                    if key_id not in keys or seal_of(name, group, row, fields, keys[key_id]) != mac:
                        yield f"{name} : « {group} » n'est pas ce qui fut scellé"


def seal_of(name: str, group: str, row: Row, fields: list[str], key: bytes) -> str:
    values = {field: row[field] for field in fields if row.get(field) not in (None, [], {})}
    text = json.dumps([name, group, values], sort_keys=True, ensure_ascii=False)
    return hmac.new(key, b"seal " + text.encode(), hashlib.sha256).hexdigest()[:32]


# --- tout ------------------------------------------------------------------------------------------------


def check(root: Path, keys: Keys, outside: dict[str, str]) -> Iterator[str]:
    try:
        description = json.loads((root / DESCRIPTION).read_text("utf-8"))
        if description["format"] != FORMAT:
            yield f"{DESCRIPTION} : version inconnue de ce programme ({description['format']})"
            return
        yield from check_manifest(root, description)
        yield from check_counts(root, description)
        yield from check_contents(root, description)
        yield from check_chains(root)
        yield from check_anchors(root, outside)
        if keys:
            yield from check_macs(root, keys)
            yield from check_seals(root, description, keys)
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
    parser.add_argument("--cles", type=Path, help="le fichier de clés remis à part")
    parser.add_argument("--ancrages", type=Path, help="les ancrages gardés hors du service")
    asked = parser.parse_args(arguments)
    held = json.loads(asked.cles.read_text("utf-8"))["keys"] if asked.cles else {}
    keys = {name: base64.b64decode(key) for name, key in held.items()}
    outside = read_outside(asked.ancrages)
    faults = list(check(asked.dossier, keys, outside))
    for fault in faults:
        sys.stdout.write(f"{fault}\n")
    if faults:
        sys.stdout.write(f"Anomalies : {len(faults)}.\n")
        return 1
    sys.stdout.write("Tout concorde.\n")
    sys.stdout.write(f"Empreinte de {DESCRIPTION}, à comparer : {digest_of(asked.dossier / DESCRIPTION)}\n")
    if not keys:
        sys.stdout.write("Sans les clés (--cles), les sceaux n'ont pas été recalculés.\n")
    if not outside:
        sys.stdout.write("Sans ancrages gardés dehors (--ancrages), les racines n'ont été comparées à rien.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
