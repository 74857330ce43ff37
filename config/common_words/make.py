"""Makes `french.txt` from published lists: see README.md beside it.

python config/common_words/make.py FOLDER, where FOLDER holds the two npm packages, unpacked.
"""

from __future__ import annotations

import json
import math
import sys
import unicodedata
from collections.abc import Iterable
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SHORTEST, LONGEST = 3, 24
MIN_INHABITANTS = 2000
# Lists that say nothing of how common each name is: as if one were drawn from so many.
FIRST_NAMES, SURNAMES = 1000, 3000


def main(folder: Path) -> None:
    words = folder / "language-fr" / "src"
    towns = folder / "decoupage-administratif" / "data"
    best: dict[str, int] = {}
    for name in ("commonWords", "wikipedia"):
        keep(best, enumerate(_read(words / f"{name}.json"), 1))
    # The package's two lists of names bear each other's name.
    keep(best, ((FIRST_NAMES, name) for name in _read(words / "lastnames.json")))
    keep(best, ((SURNAMES, name) for name in _read(words / "firstnames.json")))
    keep(best, enumerate(_by_inhabitants(_read(towns / "communes.json")), 1))
    for name in ("departements", "regions"):
        keep(best, enumerate((one["nom"] for one in _read(towns / f"{name}.json")), 1))
    of_here = (HERE / "of_here.txt").read_text().splitlines()
    keep(best, enumerate((line for line in of_here if line and not line.startswith("#")), 1))
    (HERE / "french.txt").write_text(_written(best))


def keep(best: dict[str, int], ranked: Iterable[tuple[int, str]]) -> None:
    """Adds to `best` ({word: its best rank}) each text of `ranked` (rank, text), whole and part by part, folded; leaves
    out numbers, and words that are too short or too long.
    """
    for rank, text in ranked:
        parts = "".join(c if c.isalnum() else " " for c in folded(text)).split()
        for word in {"".join(parts), *parts}:
            if SHORTEST <= len(word) <= LONGEST and not word.isdigit():
                best[word] = min(best.get(word, rank), rank)


def folded(text: str) -> str:
    """Returns the text without case or accents, with ligatures in two letters."""
    spelt = text.casefold().replace("œ", "oe").replace("æ", "ae")
    return "".join(c for c in unicodedata.normalize("NFD", spelt) if not unicodedata.category(c).startswith("M"))


def _by_inhabitants(communes: list[dict[str, Any]]) -> list[str]:
    """Returns the names of the communes of MIN_INHABITANTS or more, the largest first."""
    big = [one for one in communes if one.get("population", 0) >= MIN_INHABITANTS]
    return [one["nom"] for one in sorted(big, key=lambda one: -one["population"])]


def _written(best: dict[str, int]) -> str:
    by_bits: dict[int, list[str]] = {}
    for word, rank in best.items():
        by_bits.setdefault(math.ceil(math.log2(rank)) if rank > 1 else 1, []).append(word)
    lines = [
        "# Words by how soon they are tried: those below « = 9 » within 2^9 tries. Made by make.py: see README.md."
    ]
    for bits in sorted(by_bits):
        lines += [f"= {bits}", *sorted(by_bits[bits])]
    return "\n".join(lines) + "\n"


def _read(path: Path) -> Any:
    return json.loads(path.read_text())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
