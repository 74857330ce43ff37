"""What is typed and not sent is kept within ceilings; where it cannot be, its author is told and keeps the rest."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import SignIn
from portfolio.evidence import drafts
from portfolio.policy.relations import Actor
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.concurrency import together
from tests.support.worlds.world import World


def keep(world: World, form: str, text: str = "à suivre", fields: int = 1) -> None:
    typed = {f"field-{number}": [text] for number in range(fields)}
    drafts.keep(world.actor(world.candidate), f"/portfolio/{form}", form, typed, world.clock())


def kept(world: World) -> list[str]:
    return [one.form for one in drafts.kept(world.actor(world.candidate), world.clock())]


def typed(world: World, form: str) -> Any:
    return drafts.of_page(world.actor(world.candidate), f"/portfolio/{form}", world.clock())[form]["field-0"]


def test_one_person_has_so_many_drafts_and_nothing_is_thrown_away_for_another(world: World) -> None:
    for number in range(drafts.MOST_DRAFTS):
        keep(world, f"form-{number}")
    with pytest.raises(drafts.TooManyDrafts) as refusal:
        keep(world, "one-more")
    assert "Enregistrez celui-ci avant de quitter la page" in refusal.value.message
    assert len(kept(world)) == drafts.MOST_DRAFTS and "one-more" not in kept(world)

    keep(world, "form-0", "corrigé")
    assert typed(world, "form-0") == ["corrigé"], "one that is kept goes on being kept"
    drafts.forget(world.actor(world.candidate), "form-1")
    keep(world, "one-more")


def test_the_bytes_of_one_person_have_a_limit_and_what_was_kept_before_stays(world: World, store: Connections) -> None:
    long = "a" * 19_000
    for number in range(5):
        keep(world, f"form-{number}", long, fields=20)
    keep(world, "short")
    for refused in (lambda: keep(world, "one-more", long, fields=20), lambda: keep(world, "short", long, fields=20)):
        with pytest.raises(drafts.TooManyDrafts):
            refused()
    assert typed(world, "short") == ["à suivre"]
    sizes = {"$group": {"_id": None, "held": {"$sum": {"$bsonSize": "$$ROOT"}}}}
    assert next(store.database.drafts.aggregate([sizes]))["held"] <= drafts.MOST_BYTES
    keep(world, "form-0", "plus court")


def test_one_draft_has_a_limit_of_its_own(world: World) -> None:
    with pytest.raises(drafts.DraftTooBig):
        keep(world, "too-long", "a" * 20_000, fields=21)
    assert kept(world) == []


def test_the_last_room_is_not_shared_by_many_tabs(world: World) -> None:
    for number in range(drafts.MOST_DRAFTS - 1):
        keep(world, f"form-{number}")
    together(*(lambda tab=tab: keep(world, f"tab-{tab}") for tab in range(8)))
    assert len(kept(world)) <= drafts.MOST_DRAFTS


def test_what_is_past_its_time_takes_no_room(world: World, clock: Clock) -> None:
    for number in range(drafts.MOST_DRAFTS):
        keep(world, f"form-{number}")
    clock.advance(days=59)
    assert len(kept(world)) == drafts.MOST_DRAFTS
    clock.advance(days=1)
    keep(world, "one-more")
    assert kept(world) == ["one-more"]


def test_a_draft_is_found_again_on_a_page_of_this_site_alone(world: World, clock: Clock) -> None:
    by = world.actor(world.candidate)
    for number, page in enumerate(["/portfolio", "//ailleurs.example", "javascript:alert(1)", "/\\\\ailleurs", ""]):
        drafts.keep(by, page, f"form-{number}", {"title": ["x"]}, clock())
    assert [one.page for one in drafts.kept(by, clock())] == ["/portfolio", "/", "/", "/", "/"]


def test_a_session_that_came_by_a_link_reads_replaces_and_crowds_out_nothing_of_its_owner_s(
    world: World, clock: Clock
) -> None:
    """How many of them there are would say that the tutor sits on a commission."""
    mine, by_a_link = world.actor(world.tutor), Actor(world.tutor, SignIn(way="link"))
    drafts.keep(mine, "/fiches/1", "void-1", {"reason": ["à moi"]}, clock())
    drafts.keep(by_a_link, "/fiches/1", "void-1", {"reason": ["planté"]}, clock())
    for number in range(drafts.MOST_DRAFTS - 1):
        drafts.keep(by_a_link, "/s/signer", f"f{number}", {"a": ["b"]}, clock())
    with pytest.raises(drafts.TooManyDrafts):
        drafts.keep(by_a_link, "/s/signer", "one more", {"a": ["b"]}, clock())
    assert drafts.of_page(mine, "/fiches/1", clock()) == {"void-1": {"reason": ["à moi"]}}
    assert [one.form for one in drafts.kept(mine, clock())] == ["void-1"]
    drafts.keep(mine, "/compte", "another", {"a": ["b"]}, clock())
    drafts.forget(by_a_link, "void-1")
    assert drafts.of_page(mine, "/fiches/1", clock()) != {}


def test_what_a_tutor_typed_by_a_link_is_found_again_with_the_password(world: World, clock: Clock) -> None:
    mine, by_a_link = world.actor(world.tutor), Actor(world.tutor, SignIn(way="code"))
    drafts.keep(by_a_link, "/s/signer", "to-sign-0", {"a": ["b"]}, clock())
    assert drafts.of_page(mine, "/s/signer", clock()) == {"to-sign-0": {"a": ["b"]}}
    drafts.forget(mine, "to-sign-0")
    assert drafts.of_page(by_a_link, "/s/signer", clock()) == {}
