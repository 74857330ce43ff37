"""A computer that a class shares: what one person chose and did not send is theirs alone, and leaves with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Page, expect

from portfolio.documents import Evidence, EvidenceFile, Person, SignIn
from tests.browser.test_candidate import choose, photo, word
from tests.support.browser.looks import accessible
from tests.support.worlds.world import PDF, World

Pages = Callable[..., Page]
KEPT = """() => new Promise((done) => { const asked = indexedDB.open("portfolio", 1); asked.onsuccess = () => {
  const all = asked.result.transaction("files").objectStore("files").getAll();
  all.onsuccess = () => { asked.result.close(); done(all.result.map((one) => one.name)); }; }; })"""


@pytest.fixture
def shared(page_for: Pages) -> Page:
    """A browser that keeps what was done in it; nothing that is chosen leaves, for now."""
    page = page_for()
    page.route("**/preuves/nouvelle", lambda route: route.abort())
    return page


def comes_in(page: Page, world: World, person: Person) -> None:
    password = world.set_password(person)
    page.goto("/connexion")
    page.get_by_label("Adresse e-mail").fill(person.email)
    page.get_by_label("Mot de passe").fill(password)
    page.get_by_role("button", name="Se connecter").click()
    expect(page.locator("[data-uploads]")).to_be_visible()
    page.wait_for_load_state()


def goes_out(page: Page) -> None:
    page.locator(".me > summary").click()
    page.get_by_role("button", name="Se déconnecter", exact=True).click()


def test_whoever_signs_out_sends_what_was_not_sent_or_has_it_erased(world: World, shared: Page) -> None:
    page = shared
    comes_in(page, world, world.candidate)
    choose(page, ("IMG_1.jpg", "image/jpeg", photo()), ("lettre.pdf", "application/pdf", PDF))
    word(page, "sur ce téléphone", "lettre.pdf")
    page.goto("/aide")
    goes_out(page)
    dialog = page.get_by_role("dialog", name="2 fichiers n'ont pas été envoyés")
    expect(dialog).to_contain_text("lettre.pdf")
    accessible(page)
    dialog.get_by_role("button", name="Rester connecté").click()
    goes_out(page)
    page.unroute("**/preuves/nouvelle")
    dialog.get_by_role("button", name="Les envoyer").click()
    for name in ("IMG_1.jpg", "lettre.pdf"):
        word(page, "vérifié", name)
    assert page.evaluate(KEPT) == []
    page.route("**/preuves/nouvelle", lambda route: route.abort())
    choose(page, ("secret.pdf", "application/pdf", PDF))
    word(page, "sur ce téléphone", "secret.pdf")
    other = page.context.new_page()
    other.goto("/compte")
    goes_out(other)
    other.get_by_role("button", name="Se déconnecter et l'effacer").click()
    expect(other).to_have_title("Connexion – Portfolio E5")
    assert other.evaluate(KEPT) == []
    expect(page.locator("[data-sending]")).not_to_contain_text("secret.pdf")
    assert EvidenceFile.objects.count() == 2


def test_a_session_that_ended_keeps_them_for_the_same_person_and_shows_them_to_no_other(
    world: World, shared: Page
) -> None:
    page, classmate = shared, Person.objects.get(pk=world.new_candidacy().person)
    comes_in(page, world, world.candidate)
    choose(page, ("lettre.pdf", "application/pdf", PDF))
    word(page, "sur ce téléphone", "lettre.pdf")
    SignIn.objects(person=world.candidate.id).update(set__ended_at=world.clock())
    page.unroute("**/preuves/nouvelle")
    comes_in(page, world, classmate)
    page.wait_for_load_state("networkidle")
    expect(page.locator("[data-sending] li")).to_have_count(0)
    assert page.evaluate(KEPT) == ["lettre.pdf"], "it waits for its owner"
    goes_out(page)
    expect(page).to_have_title("Connexion – Portfolio E5")
    assert Evidence.objects.count() == 0
    comes_in(page, world, world.candidate)
    word(page, "vérifié", "lettre.pdf")
    assert Evidence.objects.get().candidacy == world.candidacy.id


def test_what_nobody_came_back_for_is_erased_after_fourteen_days(world: World, shared: Page) -> None:
    page, classmate = shared, Person.objects.get(pk=world.new_candidacy().person)
    comes_in(page, world, world.candidate)
    choose(page, ("oublié.pdf", "application/pdf", PDF))
    word(page, "sur ce téléphone", "oublié.pdf")
    SignIn.objects(person=world.candidate.id).update(set__ended_at=world.clock())
    today = datetime.now(UTC)  # the browser's own
    for days, left in ((13, ["oublié.pdf"]), (15, [])):
        page.clock.set_fixed_time(today + timedelta(days=days))
        comes_in(page, world, classmate)
        page.wait_for_load_state("networkidle")
        assert page.evaluate(KEPT) == left
