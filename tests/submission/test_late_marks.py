"""What was deposited after the deadline is marked wherever it is shown: by the API, on papers, on the sheet."""

from __future__ import annotations

import io
import json
import re
import zipfile
from collections.abc import Callable
from datetime import timedelta

import openpyxl
import pypdfium2
import pytest
from flask.testing import FlaskClient

from portfolio.audit.verify_records import verify_stored
from portfolio.commission import assess
from portfolio.documents import Attestation, Candidacy, Evidence, EvidenceFile
from portfolio.enrolment import enrol
from portfolio.sheet import forms
from portfolio.sheet.workspace import evidence
from portfolio.sign_offs.answering import paper, receipts
from portfolio.submission import submit
from portfolio.submission.export import export
from tests.conftest import Clock
from tests.submission.test_deadline import DEADLINE
from tests.support.filling import shown
from tests.support.worlds.commissions import APPRECIATION, appraise, assessment_of, convened, drafted, fill_and_seal
from tests.support.worlds.signing import ask
from tests.support.worlds.world import World

Clients = Callable[..., FlaskClient]
HOUR = timedelta(hours=1)
LATE = "déposée après la date limite, le 07/05/2027 à 19 h 00"


@pytest.fixture
def pieces(world: World, clock: Clock) -> tuple[Evidence, Evidence, Evidence]:
    """One in time, one that got a file late, one that is late; it is the next day."""
    early, grown = world.new_piece(title="À temps"), world.new_piece(title="Complétée")
    clock.now = DEADLINE + HOUR
    world.upload(grown)
    late = world.new_piece(title="Tardive")
    clock.now = DEADLINE + timedelta(days=1)
    return early, grown, late


def words_of(pdf: bytes) -> str:
    """The words on the pages, however the lines break."""
    return " ".join(" ".join(each.get_textpage().get_text_range() for each in pypdfium2.PdfDocument(pdf)).split())


def by_title(items: list[dict[str, object]]) -> dict[object, object]:
    return {item["title"]: item["late_since"] for item in items}


def test_the_api_says_since_when_a_piece_or_a_file_is_late(
    world: World, pieces: tuple[Evidence, ...], client_for: Clients
) -> None:
    since = (DEADLINE + HOUR).isoformat()
    for reader in (world.candidate, world.follower):
        listed = by_title(client_for(reader).get("/api/v1/evidence").json["items"])
        assert listed == {"À temps": None, "Complétée": since, "Tardive": since}
    client = client_for(world.candidate)
    alone = [client.get(f"/api/v1/evidence/{piece.id}").json for piece in pieces]
    assert by_title(alone) == {"À temps": None, "Complétée": since, "Tardive": since}
    assert [file["late_since"] for piece in alone for file in piece["files"]] == [since]
    file = EvidenceFile.objects.get()
    assert client.get(f"/api/v1/files/{file.id}").json["file"]["late_since"] == since
    for reader, seat, told in ((world.follower, "teacher", since), (world.tutor, "tutor", None)):
        about = client_for(reader).get(f"/api/v1/activities/{world.activity.id}/shown?seat={seat}").json
        assert [piece["late_since"] for piece in about["pieces"]] == [None, told, told]
    assert set(by_title(client_for(world.tutor).get("/api/v1/evidence").json["items"]).values()) == {None}


def test_before_the_deadline_nothing_is_late(world: World, client_for: Clients, clock: Clock) -> None:
    clock.now = DEADLINE
    piece = world.new_piece()
    world.upload(piece)
    told = client_for(world.candidate).get(f"/api/v1/evidence/{piece.id}").json
    assert (told["late_since"], [file["late_since"] for file in told["files"]]) == (None, [None])


def test_a_piece_that_got_a_file_late_is_marked_in_the_lists_of_pages(
    world: World, pieces: tuple[Evidence, ...], client_for: Clients
) -> None:
    mark = "déposée après la date limite"
    assert shown(client_for(world.candidate), f"/portfolio/{world.candidacy.id}/preuves").count(mark) == 2
    assert shown(client_for(world.candidate), f"/portfolio/activite/{world.activity.id}").count(mark) == 2
    assert shown(client_for(world.follower), f"/classe/candidats/{world.candidacy.id}").count(mark) == 2
    grown = f"/classe/preuves/{pieces[1].id}"
    assert mark in shown(client_for(world.follower), grown)


def test_what_a_tutor_signs_and_keeps_tells_no_lateness(world: World, pieces: tuple[Evidence, ...]) -> None:
    ask(world)
    printed = paper.statement(world.actor(world.follower), world.placement, world.clock())
    assert "date limite" not in words_of(printed)
    world.sign_off()
    answer = Attestation.objects.get(person=world.tutor.id, state="confirmed")
    made = receipts.receipt(world.actor(world.tutor), answer.act)
    (activity,) = made.content["about"][0]["activities"]
    assert not any("late_since" in piece for piece in activity["pieces"])
    assert "date limite" not in words_of(receipts.pdf(made))


def test_the_receipt_of_who_follows_marks_what_was_late_when_they_signed(
    world: World, pieces: tuple[Evidence, ...]
) -> None:
    ask(world)
    world.sign_off()
    answer = Attestation.objects.get(person=world.follower.id, state="confirmed")
    made = receipts.receipt(world.actor(world.follower), answer.act)
    (activity,) = made.content["about"][0]["activities"]
    since = (DEADLINE + HOUR).isoformat()
    assert [piece.get("late_since") for piece in activity["pieces"]] == [None, since, since]
    assert words_of(receipts.pdf(made)).count(LATE) == 2
    later = {"decision_reference": "D-1", "effect": "Tiers temps", "deadline": DEADLINE + timedelta(days=9)}
    enrol.adapt(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), later, world.clock())
    assert receipts.pdf(receipts.receipt(world.actor(world.follower), answer.act)) == receipts.pdf(made)


def test_the_mark_on_an_answer_is_sealed_with_it(world: World, pieces: tuple[Evidence, ...]) -> None:
    ask(world)
    world.sign_off()
    assert list(verify_stored(world.candidacy.id)) == []
    Attestation.objects(person=world.follower.id, state="confirmed").update(unset__pieces__2__late_since=1)
    assert len(list(verify_stored(world.candidacy.id))) == 1


def test_the_sheet_marks_a_retained_piece_that_was_late(world: World, pieces: tuple[Evidence, ...]) -> None:
    world.sign_off()
    submit.submit_late(world.actor(world.office), world.portfolio, "Hospitalisation", world.clock())
    commission = convened(world)
    for member in (world.follower, world.tutor):
        fill_and_seal(world, commission, member)
    for piece in pieces:
        assess.retain(world.actor(world.follower), assessment_of(commission), piece.id, True, world.clock())
    appraise(world, world.follower, commission, appreciation=APPRECIATION, proposed_mark="14,5")
    sheet = drafted(world, commission)
    content = json.loads(sheet.content)
    since = (DEADLINE + HOUR).isoformat()
    marked = {piece["title"]: piece.get("late_since") for piece in content["portfolio"]["pieces"]}
    assert marked == {"À temps": None, "Complétée": since, "Tardive": since}
    by = world.actor(world.follower)
    assert words_of(forms.pdf(by, sheet)).count(LATE) == 2
    book = openpyxl.load_workbook(io.BytesIO(forms.xlsx(by, sheet)))
    rows = [row for page in book.worksheets if page.sheet_state == "visible" for row in page.iter_rows()]
    cells = [str(cell.value) for row in rows for cell in row if cell.value]
    assert sum(LATE in cell for cell in cells) == 2


def test_a_deadline_that_moves_after_the_submission_calls_nobody_late_on_the_sheet(
    world: World, pieces: tuple[Evidence, ...]
) -> None:
    world.sign_off()
    submit.submit_late(world.actor(world.office), world.portfolio, "Hospitalisation", world.clock())
    commission = convened(world)
    for member in (world.follower, world.tutor):
        fill_and_seal(world, commission, member)
    for piece in pieces:
        assess.retain(world.actor(world.follower), assessment_of(commission), piece.id, True, world.clock())
    appraise(world, world.follower, commission, appreciation=APPRECIATION, proposed_mark="14,5")

    def read() -> list[object]:
        seen = evidence(assessment_of(commission), ())
        assert seen is not None
        return [piece.late_since for activity in seen.activities for piece in activity.pieces if piece.late_since]

    assert len(read()) == 2
    moved = {"decision_reference": "D-1", "effect": "Délai", "deadline": DEADLINE + timedelta(days=9)}
    enrol.adapt(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), moved, world.clock())
    assert read() == []
    content = drafted(world, commission).content
    assert "late_since" not in content and "après la date limite" not in content


def test_the_archive_says_what_was_late(world: World, pieces: tuple[Evidence, ...]) -> None:
    whole = b"".join(export(world.actor(world.candidate), world.portfolio, world.clock()).chunks)
    archive = zipfile.ZipFile(io.BytesIO(whole))
    told = json.loads(archive.read("donnees/preuves.json"))
    late = {piece["content"]["title"]: piece["late_since"] for piece in told}
    since = (DEADLINE + HOUR).isoformat()
    assert late == {"À temps": None, "Complétée": since, "Tardive": since}
    assert [file["late_since"] for piece in told for file in piece["files"]] == [since]
    assert re.search(r"late_since +: quand", archive.read("LISEZMOI.txt").decode())
