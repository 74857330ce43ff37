"""The evaluation sheet on screen: every word of the paper, signed on its digest, voided with a reason."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

from portfolio.documents import Commission, Sheet
from portfolio.sheet.forms import signatures
from portfolio.sheet.papers.wording import put_in_words
from tests.support.api.clients import Clients
from tests.support.filling import fill, form_of
from tests.support.worlds.commissions import PASSWORD, drafted, signed, transmitted, with_password
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import decide, page, send


def test_the_sheet_on_screen_says_every_word_of_the_paper(world: World, client_for: Clients):
    sheet = drafted(world)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page(client_for(world.follower), f"/fiches/{sheet.id}")))
    left_out = {"name", "marks", "short_digest", "short_head", "watermark"}
    left_out |= {"attached", "data"}  # what files that go with the paper hold
    said = put_in_words(json.loads(sheet.content), signatures(sheet), "BROUILLON – non signé")
    for words in _leaves({name: value for name, value in said.items() if name not in left_out}):
        assert re.sub(r"\s+", " ", words) in text or words in said["absent"].values(), words


def _leaves(value: Any) -> list[str]:
    if isinstance(value, dict):
        return [leaf for inner in value.values() for leaf in _leaves(inner)]
    if isinstance(value, list | tuple):
        return [leaf for inner in value for leaf in _leaves(inner)]
    return [value] if isinstance(value, str) else []


def test_each_member_signs_the_digest_displayed_with_their_password(world: World, client_for: Clients):
    sheet = drafted(world)
    path, form = f"/fiches/{sheet.id}", f"sign-{sheet.id}"
    client = client_for(with_password(world.follower))
    answer = fill(client, path, form, password="autre chose")
    assert answer.status_code == 401 and "incorrect" in unescape(answer.text)
    answer = fill(client, path, form, password=PASSWORD, digest="0" * 64)
    assert answer.status_code == 409 and "n'est pas celle qui est enregistrée" in unescape(answer.text)
    other = client_for(with_password(world.tutor))
    opened_before = form_of(page(other, path), form)
    asked = fill(client, path, form, password=PASSWORD)
    assert asked.status_code == 409 and "Aucun élément du portfolio n'est retenu" in unescape(asked.text)
    assert fill(client, path, form, password=PASSWORD, confirmed="on").status_code == 303
    assert "Il manque la signature de l'autre membre" in page(client, path)
    assert "Signée par moi" in page(client, "/commissions")
    assert send(other, path, opened_before, password=PASSWORD, confirmed="on").status_code == 303
    assert Sheet.objects.get(pk=sheet.id).state == "proposed"
    assert "Les deux membres ont signé" in page(client, path)


def test_wrong_passwords_at_a_signature_are_counted_with_those_of_the_api(world: World, client_for: Clients):
    sheet = drafted(world)
    client = client_for(with_password(world.follower))
    for _ in range(10):
        assert fill(client, f"/fiches/{sheet.id}", f"sign-{sheet.id}", password="faux").status_code == 401
    assert fill(client, f"/fiches/{sheet.id}", f"sign-{sheet.id}", password=PASSWORD).status_code == 429
    body = {"digest": sheet.digest, "password": PASSWORD}
    answer = client.post(f"/api/v1/sheets/{sheet.id}/sign", json=body, headers={"If-Match": '"1"'})
    assert answer.status_code == 429


def test_a_sheet_is_voided_with_a_reason_and_another_one_drawn_up(world: World, client_for: Clients):
    sheet = signed(world)
    client, path = client_for(world.follower), f"/fiches/{sheet.id}"
    assert fill(client, path, f"void-{sheet.id}", reason=" ").status_code == 422
    for ending, media in (("pdf", "application/pdf"), ("xlsx", "openxmlformats")):
        assert media in client.get(f"/api/v1/sheets/{sheet.id}.{ending}").content_type
        assert f'href="/api/v1/sheets/{sheet.id}.{ending}"' in page(client, path)
    assert fill(client, path, f"void-{sheet.id}", reason="Erreur de note").status_code == 303
    text = page(client, path)
    assert "ANNULÉE : Erreur de note" in text and "Reprendre l'appréciation" in text
    commission = Commission.objects.get(pk=sheet.commission)
    again = page(client, decide(client, commission, "draw-up").location)
    assert "-0002" in again


def test_the_office_reads_a_sheet_that_was_signed_and_a_stranger_none(world: World, client_for: Clients):
    sheet = drafted(world)
    page(client_for(world.office), f"/fiches/{sheet.id}", 404)
    signed(world, sheet)
    text = page(client_for(world.office), f"/fiches/{sheet.id}")
    assert "Annuler cette fiche" in text and "Signer cette fiche" not in text and "Ma grille" not in text
    page(client_for(world.second_teacher), f"/fiches/{sheet.id}", 404)
    page(client_for(world.candidate), f"/fiches/{sheet.id}", 404)
    transmitted(world, Sheet.objects.get(pk=sheet.id))
    assert "Transmise" in page(client_for(world.follower), "/commissions")
    assert "Annuler cette fiche" not in page(client_for(world.follower), f"/fiches/{sheet.id}")
