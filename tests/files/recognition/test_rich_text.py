"""Rich text: whole, without objects of other programs, under its own name or that of Word."""

from __future__ import annotations

import io

import pytest

from portfolio.files.recognition.recognise import recognise
from portfolio.rules.file_kinds import ObjectsInRichText, Recognised, TornFile, TypeMismatch, UnacceptableFile
from tests.support import specimens as made

HELD = made.RICH_TEXT[:-1] + rb"{\object\objemb{\*\objdata 0105}}}"


def recognised(content: bytes, name: str) -> Recognised:
    return recognise(io.BytesIO(content), name, len(content))


def test_it_is_received_under_the_name_that_word_gives_it_and_as_text_under_that_of_a_text() -> None:
    assert recognised(made.RICH_TEXT, "lettre.rtf").warnings == ()
    assert recognised(made.RICH_TEXT, "lettre.doc").warnings == ("other_extension",)
    assert recognised(made.RICH_TEXT, "lettre.txt").kind == "txt"
    assert recognised(made.RICH_TEXT[:-1] + rb"{\pict\bin3 \0\1\2}}", "lettre.rtf").kind == "rtf"


@pytest.mark.parametrize(
    "content,name,refusal",
    [
        (HELD, "lettre.rtf", ObjectsInRichText),
        (HELD, "lettre.doc", ObjectsInRichText),
        (made.RICH_TEXT[:-1], "lettre.rtf", TornFile),
        (made.RICH_TEXT, "lettre.pdf", TypeMismatch),
    ],
)
def test_it_is_refused_with_an_object_without_its_end_or_under_another_name(
    content: bytes, name: str, refusal: type[UnacceptableFile]
) -> None:
    with pytest.raises(refusal):
        recognised(content, name)
