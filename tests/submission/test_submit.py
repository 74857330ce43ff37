"""Submission: what is frozen, by whom; reopening; numbers that only grow. Until when: test_deadline.py."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta

import pytest

from portfolio.commission.assess import submission_of
from portfolio.documents import Assessment, Evidence, EvidenceVersion, Link, Portfolio, Submission
from portfolio.enrolment.deadline import deadline_of
from portfolio.errors import Forbidden, Invalid, NotFound, Stale
from portfolio.evidence import deposit
from portfolio.store.journal import head
from portfolio.submission import submit
from portfolio.submission.overview import conformity_of, overview
from tests.conftest import Clock
from tests.support.acts.frozen import digest_of
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World


def hand_in(world: World, without_drafts: bool = False) -> Portfolio:
    return submit.submit(world.actor(world.candidate), world.portfolio, without_drafts, world.clock())


def reopen(world: World, reason: str = "Compléter la pièce 2") -> Portfolio:
    return submit.reopen(world.actor(world.follower), world.portfolio, reason, world.clock())


# --- what is frozen -------------------------------------------------------------------------------


def test_a_submission_freezes_everything_under_a_digest_anyone_can_compute_again(world: World) -> None:
    letter = world.new_piece(details={}, links=[{"url": "https://exemple.fr/a", "captured_on": "2026-06-02"}])
    file = world.upload(letter, alternative="Une lettre")
    withdrawn = world.new_piece(title="Retirée")
    deposit.withdraw_piece(world.actor(world.candidate), withdrawn, world.clock())
    draft = world.new_piece(title="Brouillon", description={})
    world.sign_off()
    before = head(f"portfolio:{world.candidacy.id}")

    portfolio = hand_in(world, without_drafts=True)

    assert (portfolio.state, portfolio.submissions, portfolio.submitted_at) == ("submitted", 1, world.clock())
    frozen = Submission.objects.get(candidacy=world.candidacy.id, number=1)
    assert frozen.digest == digest_of(frozen.content) == hashlib.sha256(frozen.content.encode()).hexdigest()
    assert (frozen.chain_head, frozen.submitted_by) == (before, str(world.candidate.id))
    content = json.loads(frozen.content)
    assert (content["number"], content["at"]) == (1, world.clock().isoformat())
    (piece,) = content["pieces"]
    assert (piece["id"], piece["title"]) == (str(letter.id), "Lettre de relance")
    assert [(one["id"], one["sha256"], one["alternative"]) for one in piece["files"]] == [
        (str(file.id), file.sha256, "Une lettre")
    ]
    assert piece["links"][0]["url"] == "https://exemple.fr/a"
    assert [one["competence"] for one in piece["competences"]][:2] == ["C1", "C42"]
    assert content["left_out"] == [str(draft.id)]
    assert [one["id"] for one in content["activities"]] == [str(world.activity.id)]
    assert content["placements"][0]["company_name"] == "Assurances du Rhône"
    assert {(one["seat"], one["state"]) for one in content["attestations"]} == {
        ("tutor", "confirmed"),
        ("teacher", "confirmed"),
    }
    assert content["circular"]["sha256"] == world.candidacy.circular.sha256
    (event,) = Link.objects(name="portfolio_submitted")
    assert event.data == {"number": 1, "digest": frozen.digest, "late": False}


def test_a_submitted_portfolio_changes_no_more(world: World) -> None:
    piece = world.new_piece()
    world.submit()
    by, values = world.actor(world.candidate), {"type_code": "REF1", "title": "x", "nature": "production"}
    fresh = Evidence.objects.get(pk=piece.id)
    for act in (
        lambda: deposit.add_piece(by, world.portfolio, values, world.clock()),
        lambda: deposit.amend_piece(by, fresh, {"title": "x"}, world.clock()),
        lambda: deposit.withdraw_piece(by, fresh, world.clock()),
        lambda: deposit.add_activity(by, world.portfolio, {"title": "x", "context": "classe"}, world.clock()),
        lambda: deposit.amend_activity(by, world.activity, {"title": "x"}, world.clock()),
        lambda: deposit.withdraw_activity(by, world.activity, world.clock()),
    ):
        with pytest.raises(deposit.PortfolioSubmitted):
            act()
    with pytest.raises(submit.AlreadySubmitted) as refusal:
        hand_in(world)
    assert "remise n° 1" in refusal.value.message


def test_reopening_keeps_what_was_handed_in_and_the_next_one_is_number_two(world: World) -> None:
    piece = world.new_piece()
    world.submit()
    first = Submission.objects.get(number=1)

    portfolio = reopen(world)
    assert (portfolio.state, portfolio.submissions, portfolio.reopened_reason) == ("open", 1, "Compléter la pièce 2")
    by = world.actor(world.candidate)
    deposit.amend_piece(by, Evidence.objects.get(pk=piece.id), {"title": "Seconde version"}, world.clock())
    world.clock.advance(hours=1)  # type: ignore[attr-defined]
    assert hand_in(world).submissions == 2

    again, second = Submission.objects(candidacy=world.candidacy.id).order_by("number")
    assert (again.content, again.digest) == (first.content, first.digest)
    assert json.loads(first.content)["pieces"][0]["title"] == "Lettre de relance"
    assert json.loads(second.content)["pieces"][0]["title"] == "Seconde version"
    assert second.number == 2
    assert EvidenceVersion.objects(evidence=piece.id).count() == 1


def test_reopening_needs_a_reason_and_a_submitted_portfolio(world: World) -> None:
    with pytest.raises(submit.NotSubmitted):
        reopen(world)
    world.submit()
    with pytest.raises(Invalid):
        reopen(world, "   ")
    for person in (world.candidate, world.second_teacher):
        with pytest.raises(Forbidden):
            submit.reopen(world.actor(person), world.portfolio, "Je voudrais", world.clock())
    submit.reopen(world.actor(world.office), world.portfolio, "Erreur de fichier", world.clock())
    assert world.portfolio.state == "open"


def test_a_portfolio_is_reopened_under_a_commission_which_goes_on_with_what_was_handed_in(world: World) -> None:
    world.submit()
    commission = convened(world)

    assert reopen(world).state == "open"
    assert submission_of(Assessment.objects.get(pk=commission.id)).number == 1  # type: ignore[union-attr]

    world.new_piece(title="Oubliée")
    hand_in(world)
    assert Submission.objects(candidacy=world.candidacy.id).count() == 2


def test_what_changed_after_the_candidate_looked_is_not_handed_in_unseen(world: World) -> None:
    world.new_piece()
    seen = world.portfolio
    world.new_piece(title="Ajoutée sur un autre appareil")

    with pytest.raises(Stale):
        submit.submit(world.actor(world.candidate), seen, False, world.clock())
    assert Submission.objects.count() == 0


# --- what is refused ------------------------------------------------------------------------------


def test_what_blocks_is_said_in_words_and_an_empty_portfolio_is_not_handed_in(bound: World, clock: Clock) -> None:
    world = bound
    clock.now = deadline_of(world.candidacy) - timedelta(days=1)  # on any day: a deadline that was read refuses
    with pytest.raises(submit.NotConform) as refusal:
        hand_in(world)
    assert "0 preuve pour 1 au moins : il faut en déposer." in refusal.value.message

    world.new_piece(title="Fichier client", anonymisation="a_faire")
    with pytest.raises(submit.NotConform) as refusal:
        hand_in(world)
    assert "Données d'autres personnes à masquer : « Fichier client »." in refusal.value.message
    assert world.portfolio.state == "open"


def test_drafts_are_named_and_left_out_only_when_the_candidate_says_so(world: World) -> None:
    world.new_piece()
    for rank in range(7):
        world.new_piece(title=f"Ébauche {rank}", description={})
    with pytest.raises(submit.DraftsLeft) as refusal:
        hand_in(world)
    assert "« Ébauche 0 »" in refusal.value.message
    assert "et 2 de plus" in refusal.value.message

    hand_in(world, without_drafts=True)
    assert len(json.loads(Submission.objects.get().content)["left_out"]) == 7


def test_what_can_be_read_is_handed_in_with_what_it_lacks(world: World) -> None:
    """No text asks that a piece be complete: a mail that lacks only its activity is appraised."""
    mail = world.new_piece(type_code="EML1", title="Courriel", produced_on=None, description={})
    mail = deposit.amend_piece(world.actor(world.candidate), mail, {"activity": None}, world.clock())
    world.upload(mail)
    told = next(check for check in conformity_of(overview(world.portfolio)).checks if check.code == "no_draft")
    assert not told.passed
    assert "Remis tel quel" in told.text
    assert "« Courriel » (l'activité à laquelle elle se rattache, la date)" in told.text

    hand_in(world)

    content = json.loads(Submission.objects.get().content)
    assert [piece["title"] for piece in content["pieces"]] == ["Courriel"]
    assert content["missing"] == {str(mail.id): ["l'activité à laquelle elle se rattache", "la date"]}
    assert content["left_out"] == []


def test_only_the_candidate_hands_in(world: World) -> None:
    world.new_piece()
    other = type(world.candidate).objects.get(pk=world.new_candidacy().person)
    for person, refusal in ((world.follower, Forbidden), (world.office, Forbidden), (other, NotFound)):
        with pytest.raises(refusal):
            submit.submit(world.actor(person), world.portfolio, False, world.clock())
