"""Uploads that go straight to the store: few links, exact, and ended where they hold too much."""

from __future__ import annotations

import pytest

from portfolio.audit.reconciling import unfinished_uploads
from portfolio.documents import Evidence, EvidenceFile, Link
from portfolio.evidence import deposit, upload_ending, upload_limits, uploads
from portfolio.store.connections import Connections, storage
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.acts.overfilling import SetUp, keeps_every_sending, links, put, sent_again
from tests.support.acts.sending import begin, finish, send, stored
from tests.support.worlds.world import PDF, World


def is_on_its_way(file: EvidenceFile) -> bool:
    return file.key in {upload.key for upload in storage().list_uploads()}


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

    assert [one.what for one in unfinished_uploads.overfull_uploads(world.clock(), cure=False)] == ["overfull"]
    (told,) = unfinished_uploads.overfull_uploads(world.clock(), cure=True)

    assert (told.file, told.cured) == (file.id, True) and (told.size or 0) > len(PDF)
    assert stored(file).reason_code == "sent_too_much"
    assert (is_on_its_way(file), is_on_its_way(honest)) == (False, True)
    assert finish(world, honest).state == "verified"
    (ended,) = Link.objects(name="file_quarantined")
    assert ended.by == "system"
    assert list(unfinished_uploads.overfull_uploads(world.clock(), cure=True)) == []


@pytest.mark.usefixtures("straight")
def test_an_overfull_upload_that_cannot_be_ended_does_not_keep_the_others(world: World, store: Connections) -> None:
    first, second = overfull(world), overfull(world)
    store.database.evidence.delete_one({"_id": stored(first).evidence})  # as an elimination at this moment leaves it
    told = {one.file: one.cured for one in unfinished_uploads.overfull_uploads(world.clock(), cure=True)}
    assert told == {first.id: False, second.id: True}


@pytest.mark.usefixtures("straight")
def test_an_overfull_upload_of_a_submitted_portfolio_is_emptied_all_the_same(world: World) -> None:
    world.new_piece()
    file = overfull(world)
    world.submit()
    assert [one.cured for one in unfinished_uploads.overfull_uploads(world.clock(), cure=True)] == [True]
    assert (is_on_its_way(file), stored(file).state) == (False, "pending")


@pytest.mark.usefixtures("straight")
def test_who_filled_the_store_by_links_is_relayed_for_a_day(world: World, clock: Clock) -> None:
    overfull(world)
    list(unfinished_uploads.overfull_uploads(clock(), cure=True))
    assert begin(world, world.new_piece(), 10).way == "relayed"
    clock.advance(days=1)
    assert begin(world, world.new_piece(), 10).way == "presigned"


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
