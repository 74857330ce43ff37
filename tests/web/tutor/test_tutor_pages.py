"""The tutor's pages, as any browser gets them: fetched without harm, refused with words, kept from the candidate."""

from __future__ import annotations

import re

import pytest
from bson import ObjectId
from flask.testing import FlaskClient

from portfolio.documents import AskedWay, Attestation, Link, Placement, SignIn, SignOffLink
from portfolio.identity import links, one_time_codes
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.sign_offs.test_answer_many import activities
from tests.support.api.clients import Clients
from tests.support.filling import csrf
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.world import World
from tests.web.tutor.browser import HTML, ORIGIN, Browser
from tests.web.tutor.test_scanners import state


def test_after_signing_the_same_link_leads_to_the_receipt_and_its_paper(
    browser: Browser, token: str, client_for: Clients
) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    browser.press("answers", do="all")
    browser.press("sign")
    again = Browser(client_for())
    assert "Rien n'attend votre réponse" in again.get(f"/s/{token}").text
    receipt = again.press("open")
    assert receipt.request.path == f"/s/recu/{Attestation.objects.order_by('id').first().id}"
    paper = again.client.get(f"{receipt.request.path}.pdf")
    assert paper.data.startswith(b"%PDF")


def test_the_token_leaves_the_address_and_the_button_needs_the_page(browser: Browser, token: str) -> None:
    bare = browser.client.post(f"/s/{token}", headers=HTML)
    assert bare.status_code == 400
    assert SignIn.objects(way="link").count() == 0
    browser.get(f"/s/{token}")
    landed = browser.press("open")
    assert landed.request.path == "/s"
    assert token not in landed.text


@pytest.mark.parametrize(
    ("over", "words"),
    [("expired", "Ce lien a expiré"), ("revoked", "Ce lien n'est plus valable"), ("unknown", "Ce lien ne s'ouvre pas")],
)
def test_a_link_that_is_over_explains_itself_and_offers_another(
    world: World, browser: Browser, token: str, clock: Clock, store: Connections, over: str, words: str
) -> None:
    if over == "expired":
        clock.advance(days=links.LINK_LASTS.days)
    if over == "revoked":
        links.revoke_all(world.tutor.id, "address_corrected", clock())
    page = browser.get(f"/s/{token if over != 'unknown' else 'coupé'}")
    assert (page.status_code, words in page.text) == (410, True)
    sent = browser.press("new-link", email=world.tutor.email)
    assert sent.status_code == 200
    deliver(clock)
    assert store.database.outbox.count_documents({"kind": "sign_off_link"}) == 1


def test_asking_says_the_same_whether_or_not_somebody_has_the_address(
    world: World, browser: Browser, token: str, store: Connections, clock: Clock
) -> None:
    told = []
    for email in (world.tutor.email, "personne@exemple.fr"):
        browser.get("/s/nouveau-lien")
        answer = browser.press("new-link", email=email)
        told.append((answer.status_code, re.sub(r'value="[^"]*"', "", answer.text)))
    assert told[0] == told[1]
    assert store.database.outbox.count_documents({"kind": "way_in_asked"}) == 2, "the same is done for both"
    deliver(clock)
    assert store.database.outbox.count_documents({"kind": "sign_off_link"}) == 1


def test_a_code_typed_by_hand_comes_to_the_same_list(world: World, browser: Browser, token: str) -> None:
    browser.get("/s/nouveau-lien")
    browser.press("ask-code", email=world.tutor.email)
    wrong = browser.press("code", code="000 000")
    assert (wrong.status_code, "n&#39;est pas le bon" in wrong.text) == (422, True)
    landed = browser.press("code", code=one_time_codes.code_of(AskedWay.objects.get()))
    assert landed.request.path == "/s"
    assert "Relance des impayés" in landed.text


def test_the_page_of_the_qr_code_says_little_and_sends_the_code_to_the_tutor(
    world: World, browser: Browser, client_for: Clients, token: str, store: Connections
) -> None:
    printed = client_for(world.candidate).get(f"/periodes/{world.placement.id}/qr", headers=HTML)
    assert f"/qr/{world.placement.id}" in printed.text
    assert "<svg" in printed.text and token not in printed.text and "@" not in printed.text
    before = state(store)
    page = browser.get(f"/qr/{world.placement.id}")
    assert state(store) == before
    assert not [said for said in (world.tutor.email, "Zoé", "Élève", "Rhône") if said in page.text]
    browser.press("qr-code")
    landed = browser.press("code", code=one_time_codes.code_of(AskedWay.objects.get()))
    assert "Relance des impayés" in landed.text
    browser.press("answers", do="all")
    browser.press("sign")
    assert {one.channel for one in Attestation.objects} == {"qr"}
    assert browser.get(f"/qr/{ObjectId()}").status_code == 404


def test_answers_are_kept_until_they_are_signed_and_found_again_on_another_device(
    world: World, browser: Browser, client_for: Clients, token: str
) -> None:
    first, second = Attestation.objects.order_by("id")
    browser.get(f"/s/{token}")
    browser.press("open")
    typed = {f"answer-{first.activity}": "partly", f"comment-{first.activity}": "Fait à deux."}
    browser.press("answers", do="later", **typed)
    assert Attestation.objects(state="requested").count() == 2
    phone = Browser(client_for())
    phone.get(f"/s/{token}")
    page = phone.press("open")
    assert "Fait à deux." in page.text
    assert re.search(rf'name="answer-{first.activity}" value="partly" checked', page.text)
    phone.press("answers", do="next", **typed)
    assert "1 activité sans réponse" in phone.answer.text
    phone.press("sign", signer_name="Dominique Martin", signer_function="Directrice")
    kept = Attestation.objects.get(pk=first.id)
    assert (kept.state, kept.comment, kept.signer_function) == ("partly", "Fait à deux.", "Directrice")
    assert Attestation.objects.get(pk=second.id).state == "requested"


def test_no_and_in_part_ask_for_a_word_and_nothing_typed_is_lost(browser: Browser, token: str) -> None:
    first = Attestation.objects.order_by("id").first()
    browser.get(f"/s/{token}")
    browser.press("open")
    empty = browser.press("answers", do="next")
    assert "Répondez pour au moins une activité" in empty.text
    page = browser.press("answers", do="next", **{f"answer-{first.activity}": "refused"})
    assert "l'étudiant ne lira pas ce qui manque" in page.text
    again = browser.get("/s?garde=1")
    assert re.search(rf'name="answer-{first.activity}" value="refused" checked', again.text)
    browser.get("/s/signer")
    browser.press("sign", signer_name="Dominique Martin")
    assert Attestation.objects.get(pk=first.id).state == "refused"


def test_what_changed_between_reading_and_signing_is_read_again(world: World, browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    browser.press("answers", do="all")
    for one in Attestation.objects:
        world.new_piece(type(world.activity).objects.get(pk=one.activity), title="Ajoutée après")
    page = browser.press("sign")
    assert (page.status_code, "relisez" in page.text) == (409, True)
    assert "a changé depuis votre réponse" in page.text
    assert Attestation.objects(state="requested").count() == 2


def test_the_button_pressed_twice_signs_once(browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    signing = browser.press("answers", do="all")
    receipt = browser.press("sign")
    browser.answer = signing
    again = browser.press("sign")
    assert again.request.path == receipt.request.path
    assert Attestation.objects.count() == 2


@pytest.mark.parametrize("because", ["not_the_right_person", "did_not_happen"])
def test_a_tutor_may_say_something_else_instead(browser: Browser, token: str, because: str) -> None:
    browser.get(f"/s/{token}")
    browser.press("open")
    browser.get(f"/s/signaler/{Placement.objects.get().id}")
    page = browser.press("objection", because=because, comment="Voyez ma collègue.")
    assert "le professeur le lit sur sa page" in page.text and "Rien n'attend" in page.text
    assert Placement.objects.get().contested_because == because


def test_what_a_link_opened_leads_to_no_other_page(world: World, browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    home = browser.press("open")
    assert "Mon compte" not in home.text
    assert browser.client.get(f"/api/v1/portfolios/{world.candidacy.id}").status_code == 403
    assert Link.objects(name="sign_off_link_opened").count() == 1
    assert SignOffLink.objects.get().opened_at is not None


def test_no_competence_is_named_to_a_tutor(browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    page = browser.press("open")
    words = re.sub(r"<[^>]+>", " ", page.text)
    assert not re.search(r"\b(C1|C4[2-9]|K[1-7]|T\d+)\b|compétence", words)


def test_a_tutor_may_print_and_sign_by_hand(browser: Browser, token: str) -> None:
    browser.get(f"/s/{token}")
    page = browser.press("open")
    found = re.search(r'href="(/periodes/[0-9a-f]{24}/attestation.pdf)"', page.text)
    assert found
    assert browser.client.get(found[1]).data.startswith(b"%PDF")


def test_whoever_tries_without_end_is_slowed_down_and_opening_a_link_never_is(
    world: World, anonymous: FlaskClient, token: str
) -> None:
    sent = {"csrf_token": csrf(anonymous), "code": "000000"}
    tried = [anonymous.post("/s/code/entrer", data=sent, headers=HTML | ORIGIN).status_code for _ in range(201)]
    assert (tried[0], tried[-2], tried[-1]) == (422, 422, 429)
    assert anonymous.get(f"/s/{token}", headers=HTML).status_code == 200


def test_the_mail_leads_to_the_signature_and_the_receipt_comes_back_by_mail(
    world: World, store: Connections, clock: Clock, browser: Browser
) -> None:
    """The whole way, the worker included: nothing is known of the token but what the mail says."""
    activities(world, 2)
    clock.advance(hours=1)
    deliver(clock)
    (asked,) = [one for one in files(store) if "Pour action" in one["Subject"]]
    address = re.search(r"http://localhost(/s/\S{40,})", words_of(asked))
    assert address
    browser.get(address[1])
    browser.press("open")
    browser.press("answers", do="all")
    browser.press("sign")
    row = store.database.outbox.find_one({"kind": "sign_offs"})
    assert row is not None and {one.mail for one in Attestation.objects} == {row["_id"]}
    deliver(clock)
    (receipt,) = [one for one in files(store) if "Reçu" in one["Subject"]]
    (paper,) = receipt.iter_attachments()
    assert paper.get_content().startswith(b"%PDF")
    assert receipt["To"] == world.tutor.email
