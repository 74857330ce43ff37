"""A mail as it looked: its own colours and pictures; nothing that runs, loads or leads elsewhere."""

from __future__ import annotations

import base64
import io
import re
import resource
from email.message import EmailMessage

import pytest
from PIL import Image

from portfolio.files.previews.renderers.mails import safe_html
from portfolio.files.previews.sandbox import CannotShow
from tests.files.previews.drawn import outline, rendered
from tests.support import specimens as made


def mail_of(html: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["Subject"] = "a@b.example", "Offre"
    mail.set_content(html, subtype="html")
    return mail


def page_of(mail: EmailMessage, number: int = 1) -> str:
    return rendered(mail.as_bytes(), "eml", f"layout-{number}").decode()


def body_of(html: str) -> str:
    return page_of(mail_of(html)).partition("</p>")[2].partition("</body>")[0].strip()


def test_text_tables_and_colours_stay() -> None:
    table = '<table border="1"><tbody><tr><td style="color:red%s" bgcolor="#eee">Prime</td></tr></tbody></table>'
    assert body_of(table % ";position:fixed") == table % ""


@pytest.mark.parametrize(
    "hostile",
    [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "<svg onload=alert(1)><use href='//x.example'/></svg>",
        "<iframe src='https://x.example'></iframe><object data='x'></object><embed src='x'>",
        "<form action='https://x.example'><input name=a><button>ok</button></form>",
        "<meta http-equiv=refresh content='0;url=https://x.example'><base href='https://x.example'>",
        "<link rel=stylesheet href='https://x.example/a.css'><style>@import 'https://x.example'</style>",
        "<p style=\"background:url(https://x.example/p.gif);color:r\\65 d\">a</p>",
        "<p style='font-family:url(//x.example)'>a</p>",
        "<img src='https://x.example/p.gif'><img srcset='https://x.example/p.gif'>",
        "<table background='https://x.example/p.gif'><tr><td>a</table>",
        "<img src='data:image/svg+xml,<svg onload=alert(1)>'>",
        "<a href='javascript:alert(1)'>a</a>",
        '<img alt="<script>alert(1)</script>" src="a"><a href="https://&quot;><script>alert(1)</script>">b</a>',
    ],
)  # fmt: skip
def test_nothing_of_a_mail_runs_or_loads(hostile: str) -> None:
    body = body_of(f"<p>Avant</p>{hostile}<p>Après</p>")
    assert body.startswith("<p>Avant</p>") and body.endswith("<p>Après</p>")
    tags = re.findall(r"<[^>]*>", body)
    assert not [tag for tag in tags if re.search(r"script|\bon\w+=|src|href|url|form|style sheet|meta|base", tag)]


def test_a_picture_that_is_elsewhere_is_words_and_is_counted() -> None:
    page = page_of(mail_of('<img src="https://x.example/p.gif" alt="Devis"><img src="cid:absente">'))
    assert "[image non chargée : Devis][image non chargée]" in page
    assert "2 images du message ne peuvent être montrées." in page and safe_html.LEFT_OUT in page


def test_a_picture_of_the_mail_is_drawn_again_in_its_place() -> None:
    mail = mail_of('<p>Voici</p><img src="cid:constat@b.example" alt="Constat">')
    mail.add_related(made.picture("JPEG"), "image", "jpeg", cid="<constat@b.example>")
    (source,) = re.findall(r'src="data:image/webp;base64,([^"]*)"', page_of(mail))
    assert Image.open(io.BytesIO(base64.b64decode(source))).size == (160, 120)
    embedded = base64.b64encode(made.picture("PNG")).decode()
    assert 'src="data:image/webp;base64,' in body_of(f'<img src="data:image/png;base64,{embedded}">')


def test_a_link_is_text_with_its_address() -> None:
    html = '<a href="https://x.example/a?b=1&amp;c=2">Mon <b>espace</b></a>, <a href="https://x.example">https://x.example</a>'
    page = page_of(mail_of(html))
    assert "<u>Mon <b>espace</b></u> <small>(https://x.example/a?b=1&amp;c=2)</small>, <u>https://x.example</u>" in page
    assert safe_html.LINKS in page


def test_only_html_mails_have_a_layout_and_those_inside_have_theirs() -> None:
    plain = EmailMessage()
    plain["From"], plain["Subject"] = "a@b.example", "TR"
    plain.set_content("Voir ci-joint.")
    plain.add_attachment(mail_of("<p>Dedans</p>"))
    (view,) = outline(plain.as_bytes(), "eml").messages
    assert (view["number"], view["has_layout"]) == (1, False)
    assert (view["messages"][0]["number"], view["messages"][0]["has_layout"]) == (2, True)
    assert "<p>Dedans</p>" in page_of(plain, 2)
    for number in (0, 1, 3):
        with pytest.raises(CannotShow):
            page_of(plain, number)


@pytest.mark.parametrize("hostile", ["<div>" * 200_000, "<b>" * 200_000, "<td><a href=x>" * 100, "<p>a" * 500_000])
def test_a_layout_made_to_take_time_is_drawn_or_given_up_soon(hostile: str) -> None:
    before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
    page_of(mail_of(hostile))
    assert resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before < 5
