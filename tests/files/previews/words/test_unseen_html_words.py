"""Words of a page or a mail that a browser does not show, or white on white, or tiny, are shown and marked."""

from __future__ import annotations

import time
from email.message import EmailMessage

import pytest

from portfolio.files.previews.hidden_in_view import SEARCHED, codes_in
from portfolio.files.previews.preview_spec import UNSEEN_ON_SCREEN
from portfolio.files.previews.renderers.messages import OTHER_FORM
from portfolio.files.previews.renderers.words.html_words import words_of
from tests.files.previews.drawn import outline

WHITE, TINY, HIDDEN = "texte blanc", "caractères minuscules", "masqué"


@pytest.mark.parametrize(
    "html,words",
    [
        ("<p>Vu <span style='color:#fff'>blanc</span> fin", f"Vu [{WHITE} : blanc] fin"),
        ("<p>Vu <span style='color: WHITE !important'>blanc</span>", f"Vu [{WHITE} : blanc]"),
        ("<p>Vu <span style='color:rgb(255, 255, 254)'>blanc</span>", f"Vu [{WHITE} : blanc]"),
        ("<p>Vu <font color='#FFFFFF'>blanc</font> <font color=white>net</font>",
         f"Vu [{WHITE} : blanc] [{WHITE} : net]"),
        ("<div style='color:#fff'>blanc <b style='color:#000'>noir</b></div>", f"[{WHITE} : blanc] noir"),
        ("<div style='background:#fff;color:white'>blanc</div>", f"[{WHITE} : blanc]"),
        ("<p>Vu <span style='font-size:1px'>petit</span>", f"Vu [{TINY} : petit]"),
        ("<p>Vu <span style='font-size:0'>rien</span> <span style='font:1pt Arial'>peu</span>",
         f"Vu [{TINY} : rien] [{TINY} : peu]"),
        ("<td style='font-size:0'><span style='font-size:12px'>vu</span></td>", "vu"),
        ("<p style='font-size:.8em'>vu</p><p style='font:0.9rem/1 a'>vu</p><p style='font-size:90%'>vu</p>",
         "vu\nvu\nvu"),
        ("<p style='opacity:0'>caché</p>vu", f"[{HIDDEN} : caché]\nvu"),
        ("<p style='opacity:0.9;max-height:0.5em'>vu</p>", "vu"),
        ("<div style='max-height:0px;overflow:hidden'>caché</div>vu", f"[{HIDDEN} : caché]\nvu"),
        ("<div style='position:absolute;left:-9999px'>caché</div>vu", f"[{HIDDEN} : caché]\nvu"),
        ("<div style='display:none;display:block'>vu</div>", "vu"),
        ("<style>.pre{display:none} #x, p.y {visibility:hidden}</style>"
         "<p class='a Pre'>un<p id=x>deux<p class=y>trois<p>vu",
         f"[{HIDDEN} : un]\n[{HIDDEN} : deux]\n[{HIDDEN} : trois]\nvu"),
        ("<style>/* .v{display:none} */ b{color:#fff}</style><p class=v>vu <b>blanc</b></p>",
         f"vu [{WHITE} : blanc]"),
    ],
)  # fmt: skip
def test_what_a_page_does_not_show_is_marked(html: str, words: str) -> None:
    assert words_of(html) == words


@pytest.mark.parametrize(
    "html",
    [
        "<td bgcolor='#1f3864'><font color='#ffffff'>clair</font></td>",
        "<td background='fond.png'><font color='#ffffff'>clair</font></td>",
        "<table style='background:#1f3864'><tr><td style='color:#fff'>clair</td></tr></table>",
        "<body style='background-image:url(a.png)'><p style='color:white'>clair</p></body>",
        "<a style='color:#fff;background-color: rgb(31,56,100)'>clair</a>",
        "<style>.bleu{background:#1f3864}</style><div class=bleu><p style='color:#fff'>clair</p></div>",
        "<style>table td{background:#1f3864}</style><table><td style='color:#fff'>clair</table>",
        "<style>@media screen{.x{background:#1f3864}}</style><p class=x style='color:#fff'>clair</p>",
        "<style>@media print{.x{display:none}}</style><p class=x>clair</p>",
        "<p style='color:#ffffcc'>clair</p>",
        "<p style='color:var(--blanc)'>clair</p>",
    ],
)
def test_white_words_on_a_colour_are_seen(html: str) -> None:
    assert words_of(html) == "clair"


def test_a_white_ground_on_a_colour_is_paper_again() -> None:
    html = "<table bgcolor='#1f3864'><td bgcolor='#fff'><font color=white>blanc</font></td></table>"
    assert words_of(html) == f"[{WHITE} : blanc]"


def test_lines_of_a_text_that_is_laid_out_by_its_signs_stay_lines() -> None:
    html = "<p>Vu\nici</p><pre>Prime : 30\n  Frais : 5\r\n\nTotal</pre></pre><p>fin\nsuite</p>"
    assert words_of(html) == "Vu ici\nPrime : 30\nFrais : 5\nTotal\nfin suite"


def test_signs_that_say_nothing_are_not_marked() -> None:
    assert words_of("<p>Vu<span style='font-size:1px;color:#fff'>&nbsp;&zwnj; - </span></p>") == "Vu"


def test_a_mail_says_that_it_hides_words_and_shows_the_form_that_does() -> None:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@b.example", "Offre"
    mail.set_content("Votre prime est de 30 euros, hors frais.")
    mail.add_alternative(
        "<p>Votre prime est de 30 euros<span style='color:#fff;font-size:1px'>, hors frais</span>.</p>", subtype="html"
    )
    seen = outline(mail.as_bytes(), "eml")
    assert codes_in(seen) == {"hidden_text"} and {"eml", "msg", "html"} <= SEARCHED
    [view] = seen.messages
    assert view["text"] == f"Votre prime est de 30 euros[{WHITE} : , hors frais]."
    assert view["notes"] == [UNSEEN_ON_SCREEN]
    assert OTHER_FORM not in view["notes"]
    page = outline("<p>Vu <span style='display:none'>caché</span></p>".encode(), "html")
    assert UNSEEN_ON_SCREEN in page.notes
    assert codes_in(page) == {"hidden_text"}
    assert UNSEEN_ON_SCREEN not in outline(b"<p>Vu</p>", "html").notes


@pytest.mark.parametrize(
    "html",
    [
        "<div style='color:#fff'>" * 50_000 + "mot",
        "<style>" + ".a{color:#fff}" * 100_000 + "</style><p class=a>mot</p>",
        "<style>" + "{" * 500_000 + "</style>mot",
        "<style>" + "/*" * 300_000 + "</style>mot",
        "".join(f"<p style='color:#{n:06x}'>mot</p>" for n in range(40_000)),
        "<p style='" + "a:b;" * 400_000 + "'>mot</p>",
        f"<p class='{'a ' * 400_000}'>mot</p>",
    ],
)
def test_styles_of_any_length_are_read_in_time(html: str) -> None:
    started = time.process_time()
    assert "mot" in words_of(html)
    assert time.process_time() - started < 3
