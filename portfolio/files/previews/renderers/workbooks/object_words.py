"""Says in French what stands on a sheet beside its cells."""

from __future__ import annotations

import re

_QUOTED = re.compile(r"'([^'!,]+)'!")  # the name of a sheet
_MOST_SOURCES, _LONGEST_TITLE, _LONGEST_TEXT = 6, 200, 2_000
_KINDS = {
    "bar": "en barres", "line": "en courbes", "pie": "en secteurs", "doughnut": "en anneau", "area": "en aires",
    "scatter": "en nuage de points", "radar": "en radar", "bubble": "en bulles", "stock": "boursier",
    "surface": "de surface", "circle": "en secteurs", "ring": "en anneau",
}  # fmt: skip


def chart_words(kinds: list[str], title: str, area: str, sources: list[str]) -> str:
    """Returns the French sentence that stands for a chart. kinds: elements such as `bar3DChart`, or classes of ODF such
    as `chart:bar`. area: of cells that it covers, "" if unknown. sources: areas that it draws, of which _MOST_SOURCES
    are named.
    """
    words = [_KINDS.get(kind.rpartition(":")[2].removesuffix("Chart").removesuffix("3D"), "") for kind in kinds]
    named = " et ".join(dict.fromkeys(word for word in words if word))
    return _sentence(f"Graphique {named}".strip(), title, area, ", ".join(sources[:_MOST_SOURCES]))


def pivot_words(name: str, area: str, source: str) -> str:
    return _sentence("Tableau croisé dynamique", name, area, source)


def picture_words(area: str) -> str:
    return _sentence("Image", "", area, "")


def box_words(text: str, area: str, what: str = "Texte dans une forme") -> str:
    """Returns the French sentence that says the words of a text box or of another shape; what: of something else."""
    words = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    cut = "…" if len(words) > _LONGEST_TEXT else ""
    return f"{_sentence(what, '', area, '')[:-1]} : « {words[:_LONGEST_TEXT]}{cut} »."


def _sentence(what: str, name: str, area: str, source: str) -> str:
    titled = f" « {name.strip()[:_LONGEST_TITLE]} »" if name.strip() else ""
    where = f", en {area.replace('$', '')}" if area else ""
    source = _QUOTED.sub(r"\1!", source).replace("$", "")
    drawn_from = f", à partir de {source}" if source else ""
    return f"{what}{titled}{where}{drawn_from}."
