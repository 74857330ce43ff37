"""An equation field, of which Word saves the instruction alone, reads as an equation."""

from __future__ import annotations

import pytest

from portfolio.files.previews.renderers.documents.equation_fields import equation_words
from tests.files.previews.documents.reading import paragraph, text, word
from tests.files.previews.documents.test_before_2007 import old_word, rich
from tests.files.previews.documents.test_word_fields import field


@pytest.mark.parametrize(
    "instruction,words",
    [
        (r"EQ \f(1;2)", "1/2"),
        (r"EQ \f(1,2)", "1/2"),
        (r"EQ \f(12,5 + 3;100)", "(12,5 + 3)/100"),
        (r"EQ \r(3;x)", "racine cubique de x"),
        (r"EQ \r(n;x)", "racine n-ième de x"),
        (r"EQ \r(;b + 1)", "√(b + 1)"),
        (r"EQ \r(2)", "√2"),
        (r"EQ C\s\up8(2) + C\s\do4(n)", "C^2 + C_n"),
        (r"EQ \b\bc\{(\f(a;b))", "{a/b}"),
        (r"EQ \b(x)", "(x)"),
        (r"EQ \b\lc\|\rc\|(x)", "|x|"),
        (r"EQ \a\al\co2\vs3\hs3(1;2;3;4)", "[1 ; 2 | 3 ; 4]"),
        (r"EQ \i\su(1;5;n)", "Σ de 1 à 5 (n)"),
        (r"EQ \i(a;b;3x+1)", "∫ de a à b (3x+1)"),
        (r"EQ \i\pr(k)", "Π k"),
        (r"EQ \x\to\bo(Total)", "Total"),
        (r"EQ \l(A;B;C)", "A ; B ; C"),
        (r"EQ Prime = f(x, y) \f(\f(1;2);\r(;3))", "Prime = f(x, y) (1/2)/√3"),
        (r"EQ 3\;4 \(a\)", "3;4 (a)"),
        (r'EQ \* jc2 \* "Font:MS Mincho" \* hps10 \o\ad(\s\up 9(とう),東)', "東 (とう)"),
        (r"EQ \f(1", "1"),
        ("EQ " + r"\f(" * 60 + "x", None),
        ("EQ \\", ""),
        ("EQ", ""),
    ],
)
def test_an_equation_is_written_on_one_line(instruction: str, words: str | None) -> None:
    assert words is None or equation_words(instruction) == words


def test_it_stands_at_its_place_in_every_format_of_word() -> None:
    shown = ["Taux : <field:1/2|équation>."]
    assert text(word(paragraph("Taux : ", field(r"EQ \f(1;2)", None), ".")), "docx") == shown
    written = r"Taux : {\field{\*\fldinst { EQ \\f(1;2)}}{\fldrslt }}.\par"
    assert text(rich(written), "rtf") == shown
    instruction = "Taux : \x13 EQ \\f(1;2) \x15.\r"
    assert text(old_word(instruction, (len(instruction), 0, 0, 0, 0, 0, 0, 0)), "doc") == shown


def test_a_result_that_was_saved_is_what_is_shown() -> None:
    assert text(word(paragraph(field(r"EQ \f(1;2)", "½"))), "docx") == ["½"]
