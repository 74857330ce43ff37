"""Uploads that do not end, and bytes that nothing needs: found, and cured when asked."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from portfolio.audit.reconciling import unfinished_uploads
from portfolio.audit.verify_chains import verify
from portfolio.documents import Evidence, EvidenceFile
from portfolio.evidence import downloads, upload_ending
from portfolio.ids import new_token
from portfolio.store.connections import Connections, storage
from portfolio.store.objects.refusals import ObjectGone
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.both_stores import DAY, found, kinds, stands
from tests.support.clock import now
from tests.support.worlds.world import PDF, World

pytestmark = pytest.mark.usefixtures("bucket")
MONTH = timedelta(days=31)


def test_an_upload_that_no_file_names_is_aborted_and_one_that_goes_on_is_not(world: World, clock: Clock) -> None:
    file = world.send(world.new_piece())
    stray = new_token()
    upload = storage().start_multipart(stray, "application/pdf")
    at = now() + DAY
    EvidenceFile.objects(pk=file.id).update(set__expires_at=at + DAY)

    assert kinds(found(at)) == [("abandoned", stray)]
    assert kinds(found(at, cure=True)) == [("abandoned", stray)]
    assert [one.upload_id for one in storage().list_uploads()] == [file.upload_id] != [upload]
    clock.now = at
    finished = upload_ending.finish(world.actor(world.candidate), EvidenceFile.objects.get(pk=file.id), at)
    assert finished.state == "verified"


def test_an_upload_just_begun_is_not_abandoned_yet(store: Connections) -> None:
    store.storage.start_multipart(new_token(), "application/pdf")
    assert found(now(), cure=True) == []
    assert len(list(store.storage.list_uploads())) == 1


def test_a_file_past_its_time_leaves_its_piece_which_is_ready_again(world: World, later: datetime) -> None:
    piece = world.new_piece()
    file = world.send(piece)
    assert Evidence.objects.get(pk=piece.id).state == "draft"

    assert ("expired", file.key) in kinds(found(later))
    assert EvidenceFile.objects.get(pk=file.id).removed_at is None
    found(later, cure=True)

    assert EvidenceFile.objects.get(pk=file.id).removed_at == later
    assert Evidence.objects.get(pk=piece.id).state == "ready"
    assert list(storage().list_uploads()) == []
    assert list(verify()) == []
    assert found(later, cure=True) == []


def test_a_submitted_portfolio_does_not_change_until_it_is_open_again(world: World, later: datetime) -> None:
    world.new_piece()
    world.sign_off()
    file = world.send(world.new_piece(title="Brouillon", competences=[]))
    world.submit()
    before = world.portfolio.revision

    assert kinds(found(later, cure=True)) == [("abandoned", file.key)]
    assert found(later, cure=True) == []
    assert world.portfolio.revision == before
    submit.reopen(world.actor(world.follower), world.portfolio, "À compléter", world.clock())

    assert kinds(found(later, cure=True)) == [("expired", file.key)]
    assert EvidenceFile.objects.get(pk=file.id).removed_at == later


def test_a_file_that_its_owner_removed_first_is_not_claimed(world: World, later: datetime) -> None:
    file = world.send(world.new_piece())
    expired = unfinished_uploads.expired_files(later, cure=True)
    seen = EvidenceFile.objects(pk=file.id).as_pymongo().first()
    upload_ending.remove(world.actor(world.candidate), EvidenceFile.objects.get(pk=file.id), world.clock())

    assert unfinished_uploads._removed(seen, later) is False
    assert list(expired) == []
    assert EvidenceFile.objects.get(pk=file.id).removed_at == world.clock()


def never_ready(world: World) -> Any:
    return world.new_piece(title="Jamais finie", competences=[])


def test_a_removed_file_that_nothing_frozen_names_goes_in_two_steps(
    world: World, clock: Clock, later: datetime
) -> None:
    piece = never_ready(world)
    file = world.upload(piece)
    clock.now = later
    upload_ending.remove(world.actor(world.candidate), file, later)

    assert found(later + timedelta(days=29), cure=True) == []
    spent = later + MONTH
    assert kinds(found(spent, cure=True)) == [("spent", file.key)]
    assert stands(file), "somebody may be reading it"
    assert kinds(found(spent + DAY, cure=True)) == [("discarded", file.key)]
    assert storage().head(file.key) is None

    kept = EvidenceFile.objects.get(pk=file.id)
    assert (kept.name, kept.sha256, kept.discarded_at) == ("lettre.pdf", file.sha256, spent)
    assert found(spent + 2 * DAY, cure=True, deep=True) == []
    assert list(verify()) == []
    with pytest.raises(ObjectGone):
        downloads.download_link(world.actor(world.candidate), kept, spent)


def test_a_refused_file_loses_its_bytes_and_keeps_its_reason(world: World, later: datetime) -> None:
    file = world.upload(world.new_piece(), b"MZ" + bytes(200), "calcul.exe")
    assert file.state == "quarantined"

    assert kinds(found(later, cure=True)) == [("spent", file.key)]
    assert storage().head(file.key) == 202
    found(later + DAY, cure=True)

    kept = EvidenceFile.objects.get(pk=file.id)
    assert storage().head(file.key) is None
    assert (kept.state, kept.reason) == ("quarantined", file.reason)
    assert found(later + 2 * DAY, cure=True) == []


def test_an_object_joined_after_its_file_was_removed_goes(world: World, later: datetime) -> None:
    file = world.send(world.new_piece())
    upload_ending.remove(world.actor(world.candidate), EvidenceFile.objects.get(pk=file.id), world.clock())
    storage().put(file.key, PDF, "application/pdf")
    found(later, cure=True)
    assert storage().head(file.key) is None
