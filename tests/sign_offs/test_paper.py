"""A tutor who signs on paper: the statement to print, the scan, and the answers copied by the teacher who follows."""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path

import pdfua
import pytest

from portfolio.audit import reconcile
from portfolio.documents import Attestation, Candidacy, PaperScan, Placement
from portfolio.enrolment import enrol
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.files.scans import LARGEST_SCAN, NotAScan, ScanTooLarge
from portfolio.rules.file_kinds import UnacceptableFile
from portfolio.sign_offs.answering import paper, receipts
from portfolio.sign_offs.answering.status import sign_offs
from portfolio.store.connections import Connections
from portfolio.submission.export import export
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import activities, answers_on
from tests.sign_offs.test_receipts import text_of
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.signing import edit
from tests.support.worlds.world import PDF, World


def placement() -> Placement:
    return Placement.objects.get()


def scan(world: World, data: bytes = PDF, name: str = "signé.pdf") -> PaperScan:
    return paper.deposit_scan(world.actor(world.follower), placement(), data, name, world.clock())


def test_the_statement_to_print_says_what_waits_and_leaves_room_to_sign(
    world: World, clock: Clock, tmp_path: Path
) -> None:
    made = activities(world, 2)
    for person in (world.candidate, world.follower, world.tutor):
        printed = paper.statement(world.actor(person), placement(), clock())
    words = text_of(printed)
    for said in ("Relance des impayés", "Lettre 1", "Assurances du Rhône", "Oui, c'est réel", "Signature et cachet"):
        assert said in words
    assert "J'atteste" in words.replace("\r\n", " ")
    assert answers_on(made)[0].shown_digest[:12] in words
    path = tmp_path / "attestation.pdf"
    path.write_bytes(printed)
    assert [finding.message for finding in pdfua.validate(path).findings] == []


def test_nothing_is_printed_where_nothing_waits_nor_for_strangers(world: World, clock: Clock) -> None:
    world.placement  # noqa: B018 - made before it is read
    with pytest.raises(paper.NothingToPrint):
        paper.statement(world.actor(world.candidate), placement(), clock())
    stranger = world.new_teacher(world.new_school("0750654D"))
    with pytest.raises(NotFound):
        paper.statement(world.actor(stranger), placement(), clock())


def test_what_was_signed_on_paper_counts_and_is_marked_as_such(world: World, store: Connections, clock: Clock) -> None:
    made = activities(world, 2)
    kept = scan(world)
    follower = world.actor(world.follower)
    said = [*answers_on(made[:1]), *answers_on(made[1:], "partly", comment="Avec moi.")]
    signed = paper.relay(follower, placement(), kept.id, said, "Dominique Martin", None, clock())
    assert {(one.channel, one.person, one.relayed_by, one.scan) for one in signed} == {
        ("paper", world.tutor.id, world.follower.id, kept.id)
    }
    assert Attestation.objects(state="requested").count() == 0
    assert [one.tutor.status for one in sign_offs(world.candidacy.id).activities] == ["confirmed", "partly"]
    found = receipts.receipt(follower, signed[0].act)
    assert "papier signé, numérisé et saisi par un professeur" in text_of(receipts.pdf(found)).replace("\r\n", " ")
    deliver(clock)
    (receipt,) = [message for message in files(store) if message["Subject"] == "Reçu de votre confirmation"]
    assert receipt["To"] == world.tutor.email


def test_answers_on_paper_need_the_scan_the_period_and_what_still_stands(world: World, clock: Clock) -> None:
    made = activities(world, 1)
    follower = world.actor(world.follower)
    with pytest.raises(Invalid):
        paper.relay(follower, placement(), placement().id, answers_on(made), "D. Martin", None, clock())
    kept, said = scan(world), answers_on(made)
    classroom = world.new_activity("classe")
    with pytest.raises(Invalid):
        paper.relay(follower, placement(), kept.id, answers_on([classroom]), "D. Martin", None, clock())
    edit(world, world.new_piece(made[0], title="Ajoutée"))
    with pytest.raises(paper.NotNow):
        paper.relay(follower, placement(), kept.id, said, "D. Martin", None, clock())


def test_only_the_teacher_who_follows_deposits_and_never_about_themselves(world: World, clock: Clock) -> None:
    activities(world, 1)
    for person in (world.candidate, world.tutor, world.second_teacher):
        with pytest.raises(Forbidden):
            paper.deposit_scan(world.actor(person), placement(), PDF, "signé.pdf", clock())
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.set_followers(world.actor(world.office), candidacy, [world.second_teacher.id], clock())
    with pytest.raises(Forbidden):
        scan(world)


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"Bonjour", "note.txt", NotAScan),
        (b"MZ\x90\x00" + b"\0" * 200, "signé.pdf", UnacceptableFile),
        (b"%PDF-1.4\n" + b"\0" * LARGEST_SCAN, "signé.pdf", ScanTooLarge),
    ],
    ids=["text", "program", "too large"],
)
def test_what_is_not_a_scan_is_refused(world: World, data: bytes, name: str, refusal: type[Exception]) -> None:
    activities(world, 1)
    with pytest.raises(refusal):
        scan(world, data, name)
    assert PaperScan.objects.count() == 0


def test_the_same_scan_twice_is_one_and_the_tidying_leaves_it(
    world: World, store: Connections, bucket: None, clock: Clock
) -> None:
    activities(world, 1)
    assert scan(world).id == scan(world).id
    kept = PaperScan.objects.get()
    clock.advance(days=40)
    assert not [one for one in reconcile.reconcile(clock(), cure=True) if one.key == kept.key]
    assert store.storage.head(kept.key) == len(PDF)
    link = paper.scan_link(world.actor(world.candidate), kept, clock())
    assert kept.key in link


def test_the_archive_of_the_portfolio_holds_the_scan_and_says_how_each_answer_came(world: World) -> None:
    (activity,) = activities(world, 1)
    follower, kept = world.actor(world.follower), scan(world)
    paper.relay(follower, placement(), kept.id, answers_on([activity]), "Dominique Martin", None, world.clock())
    taken = export(world.actor(world.candidate), world.portfolio, world.clock())
    archive = zipfile.ZipFile(io.BytesIO(b"".join(taken.chunks)))
    (one,) = json.loads(archive.read("donnees/attestations.json"))
    assert (one["way"], one["copied_by_teacher"]) == ("papier signé, numérisé et saisi par un professeur", True)
    assert one["pieces"][0]["title"] == "Lettre 0"
    assert archive.read("attestations/01 - signé.pdf") == PDF
    assert not {"network", "device", "opened_at"} & one.keys()
