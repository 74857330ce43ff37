"""How things are counted in French, everywhere the same way."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from portfolio.counting import agrees, many
from portfolio.errors import TooMany, Unavailable

ROOT = Path(__file__).parents[2]
TEMPLATES = sorted((ROOT / "web").glob("*/templates/*.html"))
OURS = ("portfolio", "api", "web", "commands.py", "worker.py")
HANDS = {
    # {{ "s" if n > 1 }}, {% if n > 1 %}s{% endif %}, f"{'s' if n > 1 else ''}", piece(s)
    "an ending by itself": r"""(["'])(s|x|es|nt|ent)\1 if |%}(s|x|es|nt|ent)\{%|[a-zé]\((s|x|es|nt)\)(?!\w*[=:])""",
    "a number before a word that does not agree with it": (
        r"\{\{ ?(?!many|words|f\.)[a-z_.\[\]]+(\|length| ?[-+] ?\d|)? ?\}\} "
        r"(jour|preuve|fichier|candidat|activité|minute|heure|point|brouillon|fiche|laissé|confirmé|signé|réservé)[a-zé]*"
    ),
}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("preuve",), ["0 preuve", "1 preuve", "2 preuves", "35 preuves"]),
        (("prête",), ["0 prête", "1 prête", "2 prêtes", "35 prêtes"]),
        (
            ("preuve prête", "preuves prêtes"),
            ["0 preuve prête", "1 preuve prête", "2 preuves prêtes", "35 preuves prêtes"],
        ),
        (("à demander", "à demander"), ["0 à demander", "1 à demander", "2 à demander", "35 à demander"]),
        (("journal", "journaux"), ["0 journal", "1 journal", "2 journaux", "35 journaux"]),
    ],
)
def test_nothing_and_one_are_singular(app: Flask, words: tuple[str, ...], said: list[str]) -> None:
    template = app.jinja_env.from_string("{{ many(n, *words) }}")
    for number, told in zip((0, 1, 2, 35), said, strict=True):
        assert many(number, *words) == told == template.render(n=number, words=words)


@pytest.mark.parametrize("one", ["preuve prête", "à demander", "mois", "journal", "tuyau", "travail", "choix", ""])
def test_a_plural_that_is_not_an_s_is_said(one: str) -> None:
    with pytest.raises(ValueError, match="give the plural"):
        many(1, one)


def test_words_alone_agree_too() -> None:
    assert [agrees(n, "La demande est", "Les demandes sont") for n in (0, 1, 2)] == [
        "La demande est",
        "La demande est",
        "Les demandes sont",
    ]


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(1, "1 seconde."), (2, "2 secondes."), (60, "1 minute."), (3541, "1 heure."), (7200, "2 heures.")],
)
def test_a_wait_is_told_in_words_that_agree(seconds: int, said: str) -> None:
    for refusal in (TooMany(retry_after=seconds), Unavailable(retry_after=seconds)):
        assert refusal.message.endswith(f"dans {said}")


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_no_template_makes_a_plural_by_hand(path: Path) -> None:
    found = {why: said[0] for why, hand in HANDS.items() if (said := re.search(hand, path.read_text()))}
    assert not found, "use many() or agrees()"


def test_no_module_makes_a_plural_by_hand() -> None:
    files = [one for name in OURS for one in ((ROOT / name).rglob("*.py") if (ROOT / name).is_dir() else [ROOT / name])]
    by_hand = re.compile(HANDS["an ending by itself"])
    assert len(files) > 300
    assert [str(one.relative_to(ROOT)) for one in files if any(map(by_hand.search, _texts(one)))] == []


def _texts(path: Path) -> Iterator[str]:
    """What is said, with the code of what is put into it: no comment, no docstring."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.JoinedStr | ast.IfExp):
            yield ast.unparse(node)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and " " in node.value:
            yield node.value if "\n\n" not in node.value else ""


@pytest.mark.parametrize("number", [0, 2])
def test_whatever_a_template_counts_has_its_plural(app: Flask, number: int) -> None:
    counted = 0
    for path in TEMPLATES:
        for call in app.jinja_env.parse(path.read_text()).find_all(nodes.Call):
            if isinstance(call.node, nodes.Name) and call.node.name == "many":
                words = [one.value for one in call.args[1:] if isinstance(one, nodes.Const)]
                assert len(words) == len(call.args) - 1, path.name
                assert many(number, *words).startswith(f"{number} ")
                counted += 1
    assert counted > 60
