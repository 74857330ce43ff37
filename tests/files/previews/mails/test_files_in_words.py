"""Files that old programs wrote into the words of a mail (uuencode) are attached and opened."""

from __future__ import annotations

import binascii
import json
import time

import pytest

from portfolio.files.previews.renderers.mails import uuencoded as uuencoded_files
from tests.files.previews.drawn import rendered
from tests.files.previews.mails.test_wrapped_mails import shown
from tests.support import specimens as made


def uuencoded(name: str, data: bytes, *, end: bytes = b"`\nend\n") -> bytes:
    lines = b"".join(binascii.b2a_uu(data[at : at + 45], backtick=True) for at in range(0, len(data), 45))
    return b"begin 644 " + name.encode() + b"\n" + lines + end


def written(body: bytes) -> bytes:
    return b"From: a@b.example\r\nSubject: Suivi\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n" + body


def test_files_written_into_the_words_are_attached_and_opened() -> None:
    picture = made.picture("PNG")
    data = written(
        b"Voici le constat.\n\n"
        + uuencoded("constat n 1.png", picture)
        + b"\nCordialement\n"
        + uuencoded("b.txt", b"Mot")
    )
    for mail in (data, data.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), data.replace(b"`\nend", b" \nend")):
        view = shown(mail)
        assert view["attached"] == ["constat n 1.png", "b.txt"]
        assert [line for line in view["text"].splitlines() if line.strip()] == [
            "Voici le constat.",
            "[fichier joint ici : constat n 1.png]",
            "Cordialement",
            "[fichier joint ici : b.txt]",
        ]
        assert view["notes"] == []
        name, _, content = rendered(mail, "eml", "attached-1").partition(b"\n")
        assert (json.loads(name), content) == ("constat n 1.png", picture)


def test_a_file_at_the_very_beginning_of_the_words_is_found() -> None:
    assert shown(written(uuencoded("notes.txt", b"Bonjour")))["attached"] == ["notes.txt"]


def test_a_name_that_never_ends_costs_nothing() -> None:
    begun = time.process_time()
    words, files, torn = uuencoded_files.split("begin 644 a" + " " * 3_000_000)
    assert (files, torn) == ([], False)
    assert time.process_time() - begun < 1


def test_a_file_that_breaks_off_in_the_words_says_so() -> None:
    view = shown(written(b"Voici.\n" + uuencoded("a.pdf", b"%PDF-1.7\n" * 40, end=b"") + b"Cordialement\n"))
    assert view["text"].split() == ["Voici.", "[fichier", "joint", "ici", ":", "a.pdf]", "Cordialement"]
    assert (view["attached"], view["notes"]) == (["a.pdf"], [uuencoded_files.CUT_FILE])


@pytest.mark.parametrize(
    "words", ["begin 644 reasons to claim\nOn commence\nend", "begin 644 a.txt", "On begin 644 a\n#36]T\nend"]
)
def test_words_that_only_resemble_such_a_file_stay_words(words: str) -> None:
    view = shown(written(words.encode()))
    assert (view["attached"], view["text"].splitlines()) == ([], words.splitlines())
