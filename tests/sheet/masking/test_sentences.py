"""A sentence that may tell a mark is hidden whole, in every spelling; a number that is surely none stays readable."""

from __future__ import annotations

import time
import unicodedata
from decimal import Decimal

import pytest

from portfolio.sheet.masking.sentences import HIDDEN, without_passages

CODES = ("C1", "C42", "C45", "K3", "P1", "P3", "P14", "E5", "U5")
WORDS = (
    *("zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze", "douze"),
    *("treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf", "vingt"),
)
MARKS = [Decimal(halves) / 2 for halves in range(41)]


def _spellings(mark: Decimal) -> list[str]:
    whole, half = int(mark), mark % 1 != 0
    words = WORDS[whole] + (" et demi" if half else "")
    figures = f"{mark:.1f}".replace(".", ",") if half else str(whole)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in figures)
    written = [f"{mark:.2f} sur 20", f"{figures}/20", f"{figures}pts", f"{figures} points", f"note{figures}", wide]
    written += [f"{mark * 2:.0f}/40", f"{mark * 10:.0f} sur 200", f"{mark * 5:.1f} %", f"{words} sur vingt"]
    return [*written, words, words.upper(), words.replace(" ", "\n"), unicodedata.normalize("NFD", words)]


def test_every_spelling_of_every_mark_hides_its_sentence() -> None:
    for mark in MARKS:
        for spelling in _spellings(mark):
            for sentence in (spelling, f"Note : {spelling}.", f"Nous proposons {spelling}, sans réserve."):
                assert without_passages(sentence, CODES) == HIDDEN, sentence


@pytest.mark.parametrize(
    "written",
    [
        *("１４／２０", "⑭", "١٤", "¹⁴", "14¹", "14½", "XIV", "Ⅻ", "1O/20", "qua\u00adtorze", "14\u200b", "014"),
        *("dixsept", "dix‑sept et demi", "quatorzesurvingt", "14sur20", "de14", "note_14", "14 pts 50", "14. 50"),
        *("vingt-neuf sur quarante", "Note sur quarante : vingt-neuf", "7,25/10", "58/80", "Nous proposons 29 points"),
        *("la moyenne", "Note maximale.", "un demi point", "Il mérite 14, jours et nuits.", "Note : 14 éléments"),
        *("Soixante-quinze pour cent de réussite", "quatre-vingt-dix pour cent", "soixante-dix %", "Le maximum !"),
        *("Un petit douze", "Entre 13 et 15.", "14.5/20", "14/5/20", "le 14/20", "Quatorz", "14 points de notre part"),
    ],
)
def test_no_disguise_of_a_mark_stays_readable(written: str) -> None:
    assert without_passages(written, CODES) == HIDDEN


@pytest.mark.parametrize(
    "written",
    [
        "Les 9 éléments de C42, du 12/01/2027, en 150 mots",
        "48 jours de stage du 5 au 13 février 2026, puis 14 jours en agence.",
        "Trois jours et demi, deux autres outils, 2e stage, remise n° 3.",
        "Joignable au 01 23 45 67 89, à 14 h 30, salle B12, 14 rue de la Paix.",
        "C42 et C1 sont acquises : voir P3 et P14.",
        "Règlement 2016/679, article 6 ; annexe II D ; épreuve E5, session 2027.",
        "Deux points forts et un point à revoir, l'un et l'autre.",
        "Un bronze, une seizième, septembre, dixième, vingtaine, quatre-vingt-dix mots, 1 500 mots",
        "PV du 12/04/2027",
        "Le maximum de sinistres a été traité, quatre-vingt-dix mots au maximum.",
    ],
)
def test_a_number_that_is_surely_no_mark_stays_readable(written: str) -> None:
    assert without_passages(written, CODES) == written


def test_the_sentences_around_stay_and_those_hidden_in_a_row_are_hidden_once() -> None:
    written = "Portfolio sérieux. Nous proposons 14,5 sur 20. C'est quatorze\net demi.\nLe RGPD est à revoir."
    assert without_passages(written, CODES) == f"Portfolio sérieux. {HIDDEN}\nLe RGPD est à revoir."


def test_what_is_named_by_a_letter_and_a_number_elsewhere_alone_is_no_code() -> None:
    assert without_passages("Voir N14.", CODES) == HIDDEN


def test_time_grows_with_the_length_alone() -> None:
    started = time.perf_counter()
    for unit in (
        "1,",
        "9",
        "dix ",
        "un ",
        "9 ",
        "100 ",
        "quatorze et ",
        "i",
        "\n",
        " ",
        "A. ",
        "trente-",
        "« ",
        "a.\n- ",
    ):
        without_passages(unit * (8_000 // len(unit)), CODES)
    assert time.perf_counter() - started < 5
