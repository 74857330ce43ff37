"""A tutor signs on their page while the candidate, or the teacher, works on something else."""

from __future__ import annotations

from portfolio.documents import Activity, Attestation, Evidence
from portfolio.evidence import deposit
from portfolio.sign_offs import reality
from tests.support.beside import elsewhere, working
from tests.support.worlds.signing import ask
from tests.support.worlds.world import World
from tests.web.tutor.browser import Browser


def test_all_is_confirmed_of_what_was_shown_and_no_more(world: World, browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    added = world.new_activity()
    request = ask(world, activity=added)
    page = browser.press("answers", do="all")
    assert (page.status_code, "J&#39;atteste" in page.text, "1 activité sans réponse" in page.text) == (200, True, True)
    browser.press("sign")
    assert [one.id for one in Attestation.objects(state="requested")] == [request.id]
    assert Attestation.objects(state="confirmed").count() == 2


def test_what_did_not_change_is_signed_beside_what_did(world: World, browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    browser.press("answers", do="all")
    moved, same = Attestation.objects.order_by("id")
    piece = world.new_piece(Activity.objects.get(pk=moved.activity), title="Ajoutée après")
    receipt = browser.press("sign")
    assert "C'est signé, merci" in receipt.text
    assert "changement depuis votre lecture" in receipt.text
    assert [(one.id, one.state) for one in Attestation.objects.order_by("id")] == [
        (moved.id, "requested"),
        (same.id, "confirmed"),
    ]
    assert "a changé depuis votre réponse" in browser.get("/s?garde=1").text
    deposit.withdraw_piece(world.actor(world.candidate), Evidence.objects.get(pk=piece.id), world.clock())
    browser.get("/s/signer")
    browser.press("sign")
    assert Attestation.objects(state="confirmed").count() == 2


def test_a_tutor_signs_on_the_page_while_the_candidate_works_elsewhere(
    world: World, browser: Browser, token: str
) -> None:
    with working(*elsewhere(world)):
        browser.get(f"/s/{token}")
        browser.press("open")
        browser.press("answers", do="all")
        receipt = browser.press("sign")
    assert "C'est signé, merci" in receipt.text
    assert Attestation.objects(state="confirmed").count() == 2


def test_a_tutor_agrees_to_the_text_that_the_teacher_concluded_meanwhile(
    world: World, browser: Browser, token: str
) -> None:
    teacher = world.actor(world.follower)
    evaluation = reality.write(teacher, world.placement, "La mission a eu lieu comme décrite.", world.clock())
    browser.get(f"/s/{token}")
    browser.press("open")
    browser.get(f"/s/realite/{evaluation.id}")
    reality.conclude_alone(teacher, evaluation, "Le tuteur est en congé.", world.clock())
    assert "Votre accord est enregistré" in browser.press("agree").text
