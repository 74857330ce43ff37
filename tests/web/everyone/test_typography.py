"""A line is not broken where French forbids it, and what people typed is left as they typed it."""

from __future__ import annotations

import pytest
from flask import Flask, render_template_string
from markupsafe import Markup

from web.typography import spaced


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("« Oui » ?", "«~Oui~»~?"),
        ("Fiche n° 12 : à signer ; lisez !", "Fiche n°~12~: à signer~; lisez~!"),
        ("https://exemple.fr :8000 à 14:02", "https://exemple.fr :8000 à 14:02"),
        ("Rien à changer.", "Rien à changer."),
    ],
)
def test_words_that_stay_together(written: str, read: str) -> None:
    assert spaced(written) == read.replace("~", "\u00a0")


def test_markup_stays_markup() -> None:
    assert isinstance(spaced(Markup("<b>« Oui »</b>")), Markup)


def test_the_template_s_own_words_are_spaced_and_what_was_typed_is_not(app: Flask) -> None:
    with app.test_request_context():
        page = render_template_string("<p>« {{ title }} » :</p>", title="Lettre « type » : relance")
    assert page == "<p>«\u00a0Lettre « type » : relance\u00a0»\u00a0:</p>"
