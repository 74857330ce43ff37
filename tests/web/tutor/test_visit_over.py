"""A tutor's visit ends while they type: what they sent is kept, that is said, and it comes back with them."""

from __future__ import annotations

import html
import re
from typing import NamedTuple

import pytest
from werkzeug.test import TestResponse

from portfolio.documents import Activity, Attestation, Placement, SignIn
from portfolio.identity import links
from portfolio.sign_offs import reality
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.world import World
from tests.web.tutor.browser import Browser


def test_a_visit_that_ends_at_the_signature_goes_on_there_with_what_was_typed(
    world: World, browser: Browser, token: str, clock: Clock
) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    browser.press("answers", do="all")
    SignIn.objects(person=world.tutor.id).update(set__ended_at=clock())
    browser.press("sign", signer_name="Tania Tutrice-Dupont")
    browser.get(f"/s/{token}")
    again = browser.press("open")
    assert (again.status_code, again.request.path) == (200, "/s/signer")
    assert 'value="Tania Tutrice-Dupont"' in again.text
    assert "C'est signé, merci" in browser.press("sign").text
    assert {one.state for one in Attestation.objects} == {"confirmed"}


class Over(NamedTuple):
    """A form of a tutor, sent once the visit is over. typed: what is shown again, in its page's HTML."""

    page: str
    form: str
    fields: dict[str, str]
    typed: str


def over(which: str, world: World, clock: Clock) -> Over:
    if which == "answers":
        key = Activity.objects.order_by("id").first().id
        return Over("/s", "answers", {f"answer-{key}": "partial", f"comment-{key}": "Sans le suivi."}, "Sans le suivi.")
    period = Placement.objects.get()
    if which == "objection":
        fields = {"because": "did_not_happen", "comment": "Voyez ma collègue."}
        return Over(f"/s/signaler/{period.id}", "objection", fields, "Voyez ma collègue.")
    written = reality.write(world.actor(world.follower), period, "Les relances sont réelles." * 3, clock())
    return Over(f"/s/realite/{written.id}", "agree", {}, "Les relances sont réelles.")


def plain(answer: TestResponse) -> str:
    return re.sub("[\u00a0\u202f]", " ", html.unescape(answer.text)).replace("\u2019", "'")


@pytest.mark.parametrize("way", ["link", "code"])
@pytest.mark.parametrize("which", ["answers", "objection", "reality"])
def test_a_form_sent_after_the_visit_is_kept_said_and_found_again_by_a_new_link_or_code(
    world: World, store: Connections, browser: Browser, token: str, clock: Clock, which: str, way: str
) -> None:
    form = over(which, world, clock)
    browser.get(f"/s/{token}")
    browser.press("open")
    browser.get(form.page + ("?garde=1" if form.page == "/s" else ""))
    SignIn.objects(person=world.tutor.id).update(set__ended_at=clock())
    refused = browser.press(form.form, **form.fields)
    assert refused.request.path == "/s/nouveau-lien"
    assert "Votre visite était terminée : rien n'est encore envoyé. Ce que vous avez tapé est gardé" in plain(refused)
    if way == "link":
        browser.get(f"/s/{links.issue(world.tutor.id, 'sign_off', clock())}")
        again = browser.press("open")
    else:
        browser.press("ask-code", email=world.tutor.email)
        deliver(clock)
        again = browser.press("code", code=re.findall(r"^ +(\d{6})\s*$", words_of(files(store)[-1]), re.MULTILINE)[0])
    assert (again.status_code, again.request.path) == (200, form.page)
    assert form.typed in plain(again) and "Rien n'est encore envoyé" in plain(again)


def test_a_page_opened_after_the_visit_says_that_it_is_over(browser: Browser, token: str, clock: Clock) -> None:
    browser.get("/s")
    assert "visite" not in browser.answer.text
    browser.get(f"/s/{token}")
    browser.press("open")
    clock.advance(hours=3)
    for page in ("/s", "/s/signer"):
        assert "Votre visite est terminée" in browser.get(page).text


def test_a_visit_that_is_over_leads_to_a_new_link_and_not_to_a_password(
    browser: Browser, token: str, clock: Clock
) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    clock.advance(hours=3)
    page = browser.press("answers", do="all")
    assert page.request.path == "/s/nouveau-lien"
    assert 'type="password"' not in page.text


def test_what_could_not_be_kept_is_said_to_be_lost(world: World, browser: Browser, token: str, clock: Clock) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    SignIn.objects(person=world.tutor.id).update(set__ended_at=clock())
    key = Activity.objects.order_by("id").first().id
    refused = browser.press("answers", **{f"comment-{key}": "x" * 30_000})
    assert "rien n'est envoyé, et ce formulaire n'a pas pu être gardé" in plain(refused)


def test_nothing_is_recorded_before_the_signature(browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    assert "Rien n'est envoyé avant la signature" in plain(browser.answer)
    browser.press("answers", do="all")
    assert {one.state for one in Attestation.objects} == {"requested"}
    browser.press("sign")
    assert {one.state for one in Attestation.objects} == {"confirmed"}
