"""A piece that begins with a photo, and the words of a file."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from portfolio.documents import Evidence, EvidenceFile, EvidenceVersion
from portfolio.errors import NotFound, Stale
from portfolio.evidence import deposit, piece_fields, quick_deposit
from portfolio.rules.texts.catalogue import UNSORTED
from portfolio.sign_offs.answering import content
from portfolio.store.digests import files_of
from tests.support.worlds.world import World

LOCAL = datetime(2027, 1, 12, 10, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("IMG_4711.HEIC", "Photo du 12/01/2027 à 10 h 02"),
        ("C:\\photos\\tableau de suivi.xlsx", "tableau de suivi"),
        ("sans extension", "sans extension"),
        ("   ", "fichier"),
    ],
)
def test_a_photo_is_known_by_its_moment_and_a_file_by_its_name(name: str, title: str) -> None:
    assert quick_deposit.provisional_title(name, LOCAL) == title


def test_what_was_just_captured_waits_to_be_sorted(world: World) -> None:
    by = world.actor(world.candidate)
    piece = quick_deposit.begin_with(by, world.portfolio, "IMG_1.jpg", world.clock())
    assert (piece.type_code, piece.state, piece.title) == (UNSORTED, "draft", "Photo du 12/01/2027 à 10 h 00")
    assert "le type de preuve" in piece_fields.missing_of(piece, [])
    sorted_ = deposit.amend_piece(by, piece, {"type_code": "REF1"}, world.clock())
    assert "le type de preuve" not in piece_fields.missing_of(sorted_, [])


def test_a_file_is_described_later_and_a_ready_piece_keeps_what_it_was(world: World) -> None:
    by, piece = world.actor(world.candidate), world.new_piece()
    file = world.upload(piece)
    ready = Evidence.objects.get(pk=piece.id)
    seen = content.content_for(by, world.activity, "tutor").digest
    described = quick_deposit.describe(by, file, " Lettre de relance, une page ", world.clock())
    assert described.alternative == "Lettre de relance, une page"
    after = Evidence.objects.get(pk=piece.id)
    assert (after.state, after.revision) == ("ready", ready.revision + 1)
    assert EvidenceVersion.objects(evidence=piece.id, revision=ready.revision).count() == 1
    assert content.content_for(by, world.activity, "tutor").digest != seen
    assert files_of([after])[after.id][0].alternative == "Lettre de relance, une page"


def test_a_description_is_the_owner_s_and_at_the_revision_they_saw(world: World) -> None:
    file = world.upload(world.new_piece())
    stranger = World(world.clock)
    stranger.count = 700
    for shared in ("administrator", "academy"):
        stranger.__dict__[shared] = getattr(world, shared)
    stranger.__dict__["school"] = stranger.new_school("0691644M")
    with pytest.raises(NotFound):
        quick_deposit.describe(stranger.actor(stranger.candidate), file, "x", world.clock())
    before = EvidenceFile.objects.get(pk=file.id)
    quick_deposit.describe(world.actor(world.candidate), file, "une", world.clock())
    with pytest.raises(Stale):
        quick_deposit.describe(world.actor(world.candidate), before, "deux", world.clock())
