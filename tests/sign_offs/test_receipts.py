"""The receipt of a sign-off: it says what was signed, whatever happened since, and its paper is an archive."""

from __future__ import annotations

import json
from pathlib import Path

import pdfua
import pikepdf
import pypdfium2
import pytest
from bson import ObjectId

from portfolio.documents import Activity, Attestation
from portfolio.errors import NotFound
from portfolio.evidence import deposit
from portfolio.sign_offs.answering import answers, receipts
from portfolio.sign_offs.asking import requests
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import activities, answers_on
from tests.support.worlds.signing import answer, fresh
from tests.support.worlds.world import World


def text_of(pdf: bytes) -> str:
    document = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in document)


def test_a_receipt_says_what_was_shown_even_after_the_activity_changed(world: World, clock: Clock) -> None:
    made = activities(world, 2)
    tutor = world.actor(world.tutor)
    said = [*answers_on(made[:1]), *answers_on(made[1:], "partly", comment="Fait à deux, avec « Léa » #[strong] $x$.")]
    answers.answer_many(tutor, said, "Dominique Martin", "Directrice d'agence", clock())
    deposit.amend_activity(
        world.actor(world.candidate), fresh(made[0]), {"title": "Un autre titre"}, clock.advance(days=1)
    )
    found = receipts.receipt(tutor, Attestation.objects.first().act)
    (about,) = found.content["about"]
    assert [one["title"] for one in about["activities"]] == ["Relance des impayés"] * 2
    assert about["candidate"] == world.candidacy.display_name
    assert about["placement"]["company_name"] == "Assurances du Rhône"
    assert about["statement"]["text"].startswith("J'atteste")
    printed = text_of(receipts.pdf(found))
    for words in ("Directrice d'agence", "12/01/2027 à 10 h 00", "connexion à son compte", "Oui, c'est réel"):
        assert words in printed
    assert "avec « Léa » #[strong] $x$." in printed
    assert Attestation.objects.first().shown_digest in printed.replace("\n", "").replace("\r", "")


def test_the_paper_is_an_archive_its_data_attached_and_made_the_same_twice(
    world: World, clock: Clock, tmp_path: Path
) -> None:
    answer(world, world.tutor, "tutor")
    found = receipts.receipt(world.actor(world.tutor), Attestation.objects.get().act)
    pdf = receipts.pdf(found)
    assert pdf == receipts.pdf(found)
    path = tmp_path / found.file_name
    path.write_bytes(pdf)
    assert [finding.message for finding in pdfua.validate(path).findings] == []
    with pikepdf.open(path) as document:
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"], metadata["pdfuaid:part"]) == ("3", "A", "1")
        assert json.loads(document.attachments["recu.json"].get_file().read_bytes()) == found.content


def test_only_whoever_reads_every_answer_reads_the_receipt(world: World, clock: Clock) -> None:
    answer(world, world.tutor, "tutor")
    act = Attestation.objects.get().act
    for person in (world.candidate, world.follower, world.tutor):
        assert receipts.receipt(world.actor(person), act).act == act
    stranger = world.new_teacher(world.new_school("0750654D"))
    for by, which in ((stranger, act), (world.tutor, ObjectId())):
        with pytest.raises(NotFound):
            receipts.receipt(world.actor(by), which)


def test_what_is_asked_and_not_answered_yet_has_no_receipt(world: World, clock: Clock) -> None:
    requests.request_many(world.actor(world.candidate), activities(world, 1), "tutor", None, clock())
    waiting = Attestation.objects.get()
    with pytest.raises(NotFound):
        receipts.receipt(world.actor(world.tutor), waiting.act)


def test_a_tutor_finds_the_receipts_of_all_their_acts_the_latest_first(world: World, clock: Clock) -> None:
    made = activities(world, 3)
    tutor = world.actor(world.tutor)
    answers.answer_many(tutor, answers_on(made[:2]), None, None, clock())
    answers.answer_many(tutor, answers_on(made[2:]), None, None, clock.advance(days=1))
    answer(world, world.follower, "teacher", activity=Activity.objects.first())
    found = receipts.acts_of(tutor)
    assert [one.answered_at for one in found] == [clock(), world.later(days=-1)]
