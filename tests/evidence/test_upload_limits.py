"""What one candidate may take of the store: counted as the store holds it, and refused before any byte."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

import pytest
import urllib3

from portfolio.audit import reconcile
from portfolio.documents import Evidence, EvidenceFile, Link
from portfolio.evidence import deposit, upload_ending, upload_limits, uploads
from portfolio.store.connections import Connections, storage
from portfolio.store.outbox import deliver_due
from portfolio.submission import submit
from tests.conftest import Clock
from tests.evidence.test_uploads import begin, finish, send, stored
from tests.support.concurrency import together
from tests.support.queries import counted
from tests.support.worlds.world import PDF, World
from worker import HANDLERS

ROOM = 100_000
SetUp = Callable[..., None]


def links(world: World, file: EvidenceFile) -> dict[int, str]:
    return uploads.progress(world.actor(world.candidate), stored(file), world.clock()).links


def put(link: str, data: bytes) -> int:
    return urllib3.request("PUT", link, body=data, retries=False).status


def keeps_every_sending(size: int = 10) -> bool:
    """SeaweedFS does until the upload ends; Ceph and S3 keep the last."""
    upload = storage().start_multipart("probe", "text/plain")
    for _ in range(2):
        storage().put_part("probe", upload, 1, os.urandom(size))
    held = storage().held("probe", upload)
    storage().abort("probe", upload)
    return held.sendings > 1


def is_on_its_way(file: EvidenceFile) -> bool:
    return file.key in {upload.key for upload in storage().list_uploads()}


def sent_again(file: EvidenceFile, times: int) -> None:
    """Straight into the store, by a link that lives on."""
    link = storage().presign_part(file.key, file.upload_id, 1, file.declared_size, 60)
    for _ in range(times):
        assert put(link, os.urandom(file.declared_size)) == 200


# --- how many, how fast -----------------------------------------------------------------------------


def test_uploads_on_their_way_are_counted_over_the_whole_portfolio(world: World) -> None:
    files = [begin(world, world.new_piece(), 10) for _ in range(upload_limits.MOST_PENDING)]
    with pytest.raises(upload_limits.TooManyPending) as refusal:
        begin(world, piece := world.new_piece(), 10)
    assert "20 envois sont déjà en cours ou interrompus" in refusal.value.message
    assert EvidenceFile.objects(evidence=piece.id).count() == 0

    upload_ending.remove(world.actor(world.candidate), stored(files[0]), world.clock())
    assert begin(world, piece, 10)
    world.clock.advance(days=2)  # type: ignore[attr-defined]
    assert begin(world, piece, 10), "what is past its time is nobody's upload on its way"


def test_the_bytes_on_their_way_have_a_limit_below_the_room(world: World, set_up: SetUp) -> None:
    set_up(max_pending_bytes=ROOM)
    begin(world, world.new_piece(), ROOM - 10)
    with pytest.raises(upload_limits.PendingTooLarge) as refusal:
        begin(world, world.new_piece(), 11)
    assert "0 Mo" in refusal.value.message
    assert begin(world, world.new_piece(), 10)


def test_uploads_of_an_hour_are_counted_whatever_became_of_them(
    world: World, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload_limits, "MOST_AN_HOUR", 3)
    by, piece = world.actor(world.candidate), world.new_piece()
    for _ in range(3):
        upload_ending.remove(by, begin(world, piece, 10), clock())
        clock.advance(minutes=10)
    with pytest.raises(upload_limits.TooManyUploads) as refusal:
        begin(world, piece, 10)
    assert refusal.value.facts["retry_after"] == 30 * 60
    assert "3 envois ont été commencés en une heure" in refusal.value.message

    clock.advance(minutes=30)
    assert begin(world, piece, 10)
    with pytest.raises(upload_limits.TooManyUploads):
        begin(world, piece, 10)


def test_limits_hold_when_many_begin_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload_limits, "MOST_PENDING", 3)
    pieces = [world.new_piece() for _ in range(6)]
    outcomes: list[Any] = together(*(lambda piece=piece: begin(world, piece, 10) for piece in pieces))
    kinds = [type(one).__name__ for one in outcomes]
    assert (kinds.count("EvidenceFile"), kinds.count("TooManyPending")) == (3, 3)


def test_counting_costs_the_same_commands_whatever_there_is(world: World, store: Connections) -> None:
    piece = world.new_piece()
    begin(world, piece, 10)
    with counted(store.database) as alone:
        begin(world, piece, 10)
    for _ in range(5):
        world.upload(world.new_piece())
        begin(world, world.new_piece(), 10)
    with counted(store.database) as among_others:
        begin(world, piece, 10)
    assert alone == among_others


# --- what is held -----------------------------------------------------------------------------------


def test_sending_and_removing_again_and_again_does_not_fill_the_store(world: World, set_up: SetUp) -> None:
    """The bytes of a verified file stay a month once it is removed: they count as long."""
    size = 40_000
    data = PDF + bytes(size - len(PDF) - 6) + b"%%EOF\n"
    set_up(max_portfolio_bytes=ROOM)
    by, piece = world.actor(world.candidate), world.new_piece()
    for _ in range(5):
        upload_ending.remove(by, stored(world.upload(piece, data)), world.clock())
    with pytest.raises(upload_limits.KeptTakesRoom):
        begin(world, piece, size)
    assert [storage().head(file.key) for file in EvidenceFile.objects] == [size] * 5

    EvidenceFile.objects(size=size).update(discarded_at=world.clock())  # as the reconciler does, a month later
    assert begin(world, piece, size)


def test_a_refused_file_takes_room_until_it_is_removed(world: World, set_up: SetUp) -> None:
    size = 40_000
    set_up(max_portfolio_bytes=ROOM)
    refused = [world.upload(world.new_piece(), b"MZ" + os.urandom(size - 2), "calcul.exe") for _ in range(5)]
    assert {file.state for file in refused} == {"quarantined"}
    with pytest.raises(upload_limits.KeptTakesRoom):
        begin(world, world.new_piece(), size)

    upload_ending.remove(world.actor(world.candidate), stored(refused[0]), world.clock())
    deliver_due(HANDLERS, world.clock)
    assert storage().head(refused[0].key) is None
    assert begin(world, world.new_piece(), size)


def test_what_the_store_holds_counts_more_than_what_was_announced(world: World, set_up: SetUp) -> None:
    if not keeps_every_sending():
        pytest.skip("this store keeps the last sending of a part alone: no more can be held than was announced")
    set_up(max_portfolio_bytes=ROOM)
    file = begin(world, world.new_piece(), 10_000)
    sent_again(file, 6)
    with pytest.raises(upload_limits.NoRoom) as refusal:
        begin(world, world.new_piece(), ROOM - 60_000 + 1)
    assert "il reste 0 Mo" in refusal.value.message
    assert begin(world, world.new_piece(), ROOM - 60_000)


def test_a_part_relayed_again_and_again_is_refused_before_the_store_keeps_it(world: World) -> None:
    file = begin(world, world.new_piece(), len(PDF))
    most = 2 + upload_limits.SPARE_SENDINGS
    if keeps_every_sending():
        for _ in range(most):
            send(world, file, 1, PDF)
        with pytest.raises(upload_limits.SentTooOften):
            send(world, file, 1, PDF)
    else:
        for _ in range(most + 2):
            send(world, file, 1, PDF)
    assert storage().held(file.key, file.upload_id).sendings <= most
    assert finish(world, file).state == "verified", "what was sent is not lost for that"


# --- sent straight to the store ---------------------------------------------------------------------


@pytest.fixture
def straight(set_up: SetUp) -> None:
    set_up(upload_way="presigned")


@pytest.mark.usefixtures("straight")
def test_links_are_few_and_exact(world: World, set_up: SetUp) -> None:
    file = begin(world, world.new_piece(), 200 * 1024 * 1024)
    given = links(world, file)
    assert sorted(given) == list(range(1, uploads.MOST_PART_LINKS + 1))
    assert all("content-length" in link for link in given.values())
    assert put(given[1], bytes(10)) == 403


def overfull(world: World) -> EvidenceFile:
    """Much more than announced: sent again and again where each sending is kept, else a part longer than its place, as
    a store would take it that does not hold to the length that was signed."""
    file = begin(world, world.new_piece(), len(PDF))
    if keeps_every_sending():
        sent_again(file, 3 + upload_limits.SPARE_SENDINGS)
    else:
        storage().put_part(file.key, file.upload_id, 1, bytes(file.declared_size + 1))
    return file


@pytest.mark.usefixtures("straight")
def test_a_part_longer_than_announced_is_never_joined(world: World) -> None:
    """As of a store that does not hold to the length that was signed."""
    file = begin(world, world.new_piece(), len(PDF))
    storage().put_part(file.key, file.upload_id, 1, PDF + b"!")

    assert links(world, file) == {}
    refused = finish(world, file)

    assert (refused.state, refused.reason_code, refused.size) == ("quarantined", "sent_too_much", 0)
    assert "ils sont effacés" in (refused.reason or "")
    assert (storage().head(file.key), is_on_its_way(file)) == (None, False)
    assert finish(world, file).state == "quarantined"
    upload_ending.remove(world.actor(world.candidate), stored(file), world.clock())


@pytest.mark.usefixtures("straight")
def test_an_overfull_upload_is_ended_without_its_owner(world: World) -> None:
    file, honest = overfull(world), begin(world, world.new_piece(), len(PDF))
    assert put(links(world, honest)[1], PDF) == 200

    assert [one.what for one in reconcile.overfull_uploads(world.clock(), cure=False)] == ["overfull"]
    (told,) = reconcile.overfull_uploads(world.clock(), cure=True)

    assert (told.file, told.cured) == (file.id, True) and (told.size or 0) > len(PDF)
    assert stored(file).reason_code == "sent_too_much"
    assert (is_on_its_way(file), is_on_its_way(honest)) == (False, True)
    assert finish(world, honest).state == "verified"
    (ended,) = Link.objects(name="file_quarantined")
    assert ended.by == "system"
    assert list(reconcile.overfull_uploads(world.clock(), cure=True)) == []


@pytest.mark.usefixtures("straight")
def test_an_overfull_upload_that_cannot_be_ended_does_not_keep_the_others(world: World, store: Connections) -> None:
    first, second = overfull(world), overfull(world)
    store.database.evidence.delete_one({"_id": stored(first).evidence})  # as an elimination at this moment leaves it
    told = {one.file: one.cured for one in reconcile.overfull_uploads(world.clock(), cure=True)}
    assert told == {first.id: False, second.id: True}


@pytest.mark.usefixtures("straight")
def test_an_overfull_upload_of_a_submitted_portfolio_is_emptied_all_the_same(world: World) -> None:
    world.new_piece()
    file = overfull(world)
    world.submit()
    assert [one.cured for one in reconcile.overfull_uploads(world.clock(), cure=True)] == [True]
    assert (is_on_its_way(file), stored(file).state) == (False, "pending")


@pytest.mark.usefixtures("straight")
def test_who_filled_the_store_by_links_is_relayed_for_a_day(world: World, clock: Clock) -> None:
    overfull(world)
    list(reconcile.overfull_uploads(clock(), cure=True))
    assert begin(world, world.new_piece(), 10).way == "relayed"
    clock.advance(days=1)
    assert begin(world, world.new_piece(), 10).way == "presigned"


# --- by which way -----------------------------------------------------------------------------------


def test_the_settings_decide_the_way(world: World, set_up: SetUp) -> None:
    assert begin(world, world.new_piece(), 10).way == "relayed"
    set_up(upload_way="presigned")
    assert begin(world, world.new_piece(), 10).way == "presigned"
    assert begin(world, world.new_piece(), 10, relay=True).way == "relayed"


@pytest.mark.usefixtures("straight")
def test_an_upload_that_cannot_reach_the_store_goes_on_by_the_service(world: World) -> None:
    file = begin(world, world.new_piece(), len(PDF))
    with pytest.raises(uploads.Relayed):
        send(world, file, 1, PDF)

    by = world.actor(world.candidate)
    relayed = uploads.relay(by, stored(file), world.clock())
    assert uploads.relay(by, stored(file), world.clock()).revision == relayed.revision, "repeating it changes nothing"

    assert (relayed.way, links(world, file)) == ("relayed", {})
    send(world, stored(file), 1, PDF)
    assert finish(world, file).state == "verified"
    with pytest.raises(upload_ending.NotPending):
        uploads.relay(by, stored(file), world.clock())


@pytest.mark.usefixtures("straight")
def test_relaying_is_rationed_where_files_go_straight_to_the_store(world: World, clock: Clock, set_up: SetUp) -> None:
    set_up(upload_way="presigned", max_file_bytes=1000)
    for _ in range(2):
        begin(world, world.new_piece(), 1000, relay=True)
        clock.advance(minutes=20)
    file = begin(world, world.new_piece(), 1000)
    for asked in (
        lambda: begin(world, world.new_piece(), 1, relay=True),
        lambda: uploads.relay(world.actor(world.candidate), stored(file), clock()),
    ):
        with pytest.raises(upload_limits.RelaySpent) as refusal:
            asked()
        assert refusal.value.facts["retry_after"] == 20 * 60
    clock.advance(minutes=20)
    assert uploads.relay(world.actor(world.candidate), stored(file), clock()).way == "relayed"


@pytest.mark.usefixtures("straight")
def test_uploads_begun_an_hour_ago_are_not_all_relayed_at_once(world: World, clock: Clock, set_up: SetUp) -> None:
    set_up(upload_way="presigned", max_file_bytes=1000)
    files = [begin(world, world.new_piece(), 1000) for _ in range(3)]
    clock.advance(minutes=70)
    by = world.actor(world.candidate)
    for file in files[:2]:
        assert uploads.relay(by, stored(file), clock()).way == "relayed"
    with pytest.raises(upload_limits.RelaySpent) as refusal:
        uploads.relay(by, stored(files[2]), clock())
    assert refusal.value.facts["retry_after"] == 60 * 60
    assert "dans 1 heure" in refusal.value.message
    clock.advance(minutes=60)
    assert uploads.relay(by, stored(files[2]), clock()).way == "relayed"


@pytest.mark.usefixtures("straight")
def test_a_submitted_portfolio_is_not_relayed(world: World) -> None:
    world.new_piece()
    file = begin(world, world.new_piece(type_code="WP1"), len(PDF))
    submit.submit(world.actor(world.candidate), world.portfolio, True, world.clock())
    with pytest.raises(deposit.PortfolioSubmitted):
        uploads.relay(world.actor(world.candidate), stored(file), world.clock())
    assert Evidence.objects(pk=file.evidence).count() == 1
