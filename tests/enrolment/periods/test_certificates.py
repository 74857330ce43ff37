"""The certificate of a period as a file: who deposits, opens and replaces it, and what the school has seen of it."""

from __future__ import annotations

import io
import zipfile
from datetime import timedelta
from hashlib import sha256

import pytest

from portfolio.audit import reconcile
from portfolio.audit.reconciling import missing_objects
from portfolio.boards import office_board
from portfolio.documents import CertificateFile, Link, Person, Placement, SignIn
from portfolio.enrolment import placements, training
from portfolio.enrolment.certificates import deposits
from portfolio.errors import Forbidden, NotFound, Stale
from portfolio.files.opening import LINK_LASTS_S
from portfolio.files.previews import show
from portfolio.files.scans import LARGEST_SCAN, NotAScan, ScanTooLarge
from portfolio.policy.relations import Actor
from portfolio.rules.file_kinds import UnacceptableFile
from portfolio.store.connections import Connections, storage
from portfolio.store.objects.refusals import ObjectGone
from portfolio.submission.export import export
from tests.conftest import Clock
from tests.support import specimens
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, shown
from tests.support.mails.mailbox import deliver, rows
from tests.support.worlds import commissions
from tests.support.worlds.world import PDF, World

OTHER = specimens.pdf()


def placed(world: World) -> Placement:
    return Placement.objects.get(pk=world.placement.id)


def deposited(world: World, person: Person, data: bytes = PDF) -> CertificateFile:
    return deposits.deposit(world.actor(person), placed(world), data, "certificat.pdf", world.clock())


def ended(world: World) -> Placement:
    Placement.objects(pk=world.placement.id).update(starts_on="2026-01-05", ends_on="2026-02-13", days=30)
    return placed(world)


def lacks(world: World) -> tuple[str, ...]:
    return training.training_of(world.candidacy, [placed(world)], world.clock().date()).lacks


def test_candidate_tutor_follower_and_office_deposit_it_and_the_last_one_counts(world: World) -> None:
    people = (world.candidate, world.tutor, world.follower, world.office)
    for number, person in enumerate(people):
        file = deposited(world, person, specimens.pdf_of_pages(number + 1))
        assert placed(world).certificate_file == file.id
        assert (file.deposited_by, file.deposited_name, file.kind) == (person.id, person.name, "pdf")
    assert CertificateFile.objects(discarded_at=None).count() == 1
    assert Link.objects(name="certificate_deposited").count() == len(people)
    for person in (world.second_teacher, world.jury_member, world.inspector):
        with pytest.raises((Forbidden, NotFound)):
            deposited(world, person)
    with pytest.raises((Forbidden, NotFound)):
        deposited(world, world.new_teacher(world.new_school("0750654D")))


def test_the_link_of_a_mail_is_enough_for_the_tutor(world: World) -> None:
    by = Actor(Person.objects.get(pk=placed(world).tutor), SignIn(way="link"))
    file = deposits.deposit(by, placed(world), PDF, "certificat.pdf", world.clock())
    assert file.key in deposits.link(by, file, world.clock())


@pytest.mark.parametrize(
    ("data", "name", "refusal"),
    [
        (b"Bonjour", "note.txt", NotAScan),
        (b"MZ\x90\x00" + b"\0" * 200, "certificat.pdf", UnacceptableFile),
        (b"%PDF-1.4\n" + b"\0" * LARGEST_SCAN, "certificat.pdf", ScanTooLarge),
    ],
    ids=["text", "program", "too large"],
)
def test_what_is_neither_a_pdf_nor_a_picture_is_refused(
    world: World, bucket: None, data: bytes, name: str, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        deposits.deposit(world.actor(world.candidate), placed(world), data, name, world.clock())
    assert CertificateFile.objects.count() == 0 and list(storage().list_keys("certificate-")) == []


def test_nothing_is_deposited_for_a_period_that_was_cancelled(world: World) -> None:
    placements.cancel_placement(world.actor(world.office), placed(world), "N'a pas eu lieu", world.clock())
    with pytest.raises(placements.PlacementCancelled):
        deposited(world, world.candidate)


def test_the_same_bytes_twice_are_one_certificate(world: World) -> None:
    assert deposited(world, world.candidate).id == deposited(world, world.office).id
    assert CertificateFile.objects.count() == 1


def test_two_who_deposit_at_once_leave_the_bytes_of_the_first_alone(world: World, bucket: None) -> None:
    read = placed(world)
    first = deposited(world, world.candidate)
    with pytest.raises(Stale):
        deposits.deposit(world.actor(world.office), read, OTHER, "autre.pdf", world.clock())
    assert [one.key for one in storage().list_keys("certificate-")] == [first.key]


def test_what_another_one_replaces_is_gone_a_day_later_with_what_was_drawn_of_it(
    world: World, clock: Clock, bucket: None
) -> None:
    first = deposited(world, world.candidate)
    by = world.actor(world.candidate)
    assert show.thumbnail(by, first)
    second = deposited(world, world.office, OTHER)
    with pytest.raises(ObjectGone):
        deposits.link(by, CertificateFile.objects.get(pk=first.id), clock())
    deliver(clock)
    assert storage().head(first.key) is not None, "a backup under way may still name it"
    clock.advance(days=1, minutes=1)
    deliver(clock)
    assert [one.key for one in storage().list_keys("")] == [second.key]
    assert CertificateFile.objects.get(pk=first.id).discarded_at is not None
    assert list(reconcile.reconcile(clock() + timedelta(days=3), cure=True, deep=True)) == []


def test_the_reconciler_ends_what_a_worker_did_not_and_leaves_what_counts(
    world: World, clock: Clock, bucket: None
) -> None:
    first, second = deposited(world, world.candidate), deposited(world, world.office, OTHER)
    show.thumbnail(world.actor(world.candidate), second)
    later = clock() + timedelta(days=3)
    found = {(one.what, one.key) for one in reconcile.reconcile(later, cure=True, many=True)}
    assert found == {("discarded", first.key)}
    assert list(reconcile.reconcile(later, cure=True, deep=True)) == []
    storage().delete(second.key)
    (lost,) = missing_objects.phantoms(deep=False)
    assert lost.words == "certificat d'une période dont l'objet est absent"


def test_a_certificate_is_said_until_it_is_deposited_then_until_the_school_has_seen_it(world: World) -> None:
    ended(world)
    assert any("Certificat de stage à déposer" in lack for lack in lacks(world))
    file = deposited(world, world.candidate)
    assert any("Certificat de stage déposé, à voir par l'établissement" in lack for lack in lacks(world))
    training.see_certificate(world.actor(world.follower), placed(world), {"days": 30}, world.clock())
    seen = placed(world).certificate
    assert (seen.file, seen.seen_by, seen.seen_name, seen.seen_at) == (
        *(file.id, world.follower.id, world.follower.name),
        placed(world).certificate.seen_at,
    )
    assert not any("ertificat" in lack for lack in lacks(world))
    deposited(world, world.candidate, OTHER)
    assert any("déposé, à voir" in lack for lack in lacks(world)), "another file is to be seen again"


def test_who_notes_it_as_seen_saw_the_one_that_counts(world: World) -> None:
    read = placed(world)
    deposited(world, world.candidate)
    with pytest.raises(Stale):
        training.see_certificate(world.actor(world.office), read, {"days": 30}, world.clock())


def test_the_archive_of_the_candidate_holds_the_one_that_counts(world: World) -> None:
    deposited(world, world.candidate)
    deposited(world, world.office, OTHER)
    taken = export(world.actor(world.candidate), world.portfolio, world.clock())
    with zipfile.ZipFile(io.BytesIO(b"".join(taken.chunks))) as archive:
        (path,) = [name for name in archive.namelist() if name.startswith("certificats/")]
        assert archive.read(path) == OTHER


# --- pages and doors ------------------------------------------------------------------------------


def test_the_candidate_deposits_it_on_a_page_and_the_school_notes_it_as_seen(world: World, client_for: Clients) -> None:
    ended(world)
    candidate, follower = client_for(world.candidate), client_for(world.follower)
    page, form = f"/periodes/{world.placement.id}/certificat", f"file-{world.placement.id}"
    activities = f"/portfolio/{world.candidacy.id}/activites"
    assert page in candidate.get(activities, headers=HTML).text
    assert "Choisissez le fichier" in fill(candidate, page, form).text
    refused = fill(candidate, page, form, file=(io.BytesIO(b"rien"), "certificat.txt"))
    assert refused.status_code == 422 and "Un scan est un PDF" in refused.text
    assert fill(candidate, page, form, file=(io.BytesIO(PDF), "certificat.pdf")).status_code == 303
    file = CertificateFile.objects.get()
    assert f"/certificats/{file.id}/vue" in candidate.get(page, headers=HTML).text
    assert candidate.get(f"/certificats/{file.id}/vue", headers=HTML).status_code == 200
    assert candidate.get(f"/certificats/{file.id}/page/1", headers=HTML).mimetype == "image/webp"
    opened = fill(candidate, page, f"download-{file.id}")
    assert opened.status_code == 200 and opened.headers["Refresh"].startswith("0; url=http")
    period = f"/classe/periodes/{world.placement.id}"
    read = shown(follower, period)
    assert "Déposé le" in read and world.candidate.name in read
    assert fill(follower, period, f"certificate-{world.placement.id}", days="30").status_code == 303
    read = shown(candidate, page)
    assert "Certificat vu" in read and world.follower.name in read and "30 jours attestés" in read
    assert "Certificat vu" in shown(client_for(world.office), f"/etablissement/candidats/{world.candidacy.id}")
    assert client_for(world.inspector).get(page, headers=HTML).status_code == 404


def test_what_is_deposited_and_not_seen_stands_before_transmission(world: World, client_for: Clients) -> None:
    commissions.signed(world)
    ended(world)
    deposited(world, world.candidate)
    read = shown(client_for(world.office), f"/etablissement/{world.school.id}/fiches?session={world.session}")
    assert "Certificat de stage déposé, à voir" in read


def test_a_program_deposits_and_opens_it(world: World, client_for: Clients) -> None:
    candidate, period = client_for(world.candidate), f"/api/v1/placements/{world.placement.id}"
    digest = sha256(PDF).hexdigest()
    wrong = candidate.put(f"{period}/certificate-files/{'0' * 64}", data=PDF)
    assert wrong.status_code == 422
    sent = candidate.put(f"{period}/certificate-files/{digest}", data=PDF)
    assert sent.status_code == 200 and sent.json["sha256"] == digest
    assert client_for(world.office).get(f"/api/v1/certificate-files/{sent.json['id']}").json["sha256"] == digest
    link = candidate.post(f"/api/v1/certificate-files/{sent.json['id']}/link")
    assert link.json["expires_in"] == LINK_LASTS_S
    (told,) = candidate.get("/api/v1/placements").json["items"]
    assert told["certificate_file"] == sent.json["id"] and told["certificate"] is None


def test_the_board_of_the_office_says_which_are_to_be_seen_and_no_mail_leaves(
    world: World, store: Connections, client_for: Clients
) -> None:
    def on_the_board() -> list[str]:
        board = office_board.office_board(world.actor(world.office), world.school, world.clock())
        return [item.detail for item in board.owed if item.what == "certificate"]

    _ = world.placement
    assert on_the_board() == []
    before = len(rows(store))
    deposited(world, world.candidate)
    assert len(rows(store)) == before
    assert on_the_board() == [world.placement.company_name]
    assert f"/classe/periodes/{world.placement.id}#certificat" in shown(client_for(world.office), "/etablissement")
    training.see_certificate(world.actor(world.office), placed(world), {"days": 35}, world.clock())
    assert on_the_board() == []
