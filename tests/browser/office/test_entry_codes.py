"""Coupons for a class without addresses, in a browser of each size: printed, typed, and the account opened."""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from pathlib import Path

import pypdfium2
import pytest
from playwright.sync_api import Page, expect

from portfolio.documents import Person
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support.browser.looks import DESK, PHONE, accessible
from tests.support.mails.mailbox import deliver, files, token_in
from tests.support.worlds.world import World

PHRASE = "Sept mots font une bonne phrase secrète"


def code_in(coupons: Path) -> str:
    words = pypdfium2.PdfDocument(io.BytesIO(coupons.read_bytes()))[0].get_textpage().get_text_range()
    (code,) = re.findall(r"[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}\W{1,2}[A-Z0-9]{4}", words)
    return str(code)


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_coupon_is_printed_and_its_code_brings_its_candidate_in(
    world: World, store: Connections, clock: Clock, page_for: Callable[..., Page], size: dict[str, int]
) -> None:
    candidacy = world.new_candidacy(email=None, birth_name="Abadie", given_names="Chloé", division="BTS2 A")
    Person.objects(pk=candidacy.person).update(set__state="invited")
    desk = page_for(world.office, viewport=size)
    desk.goto(f"/etablissement/{world.school.id}/candidats?classe=BTS2+A")
    desk.get_by_role("button", name="Codes de première connexion").click()
    accessible(desk)
    with desk.expect_download() as printed:
        desk.get_by_role("button", name="Préparer et imprimer les coupons").click()
    assert code_in(printed.value.path())
    desk.reload()
    expect(desk.get_by_text("code à utiliser")).to_be_visible()
    accessible(desk)
    desk.get_by_role("link", name="Chloé Abadie").click()
    expect(desk.get_by_text("Le coupon déjà remis ne vaudra plus")).to_be_visible()
    accessible(desk)
    with desk.expect_download() as printed_again:
        desk.get_by_role("button", name="Imprimer son coupon").click()
    code = code_in(printed_again.value.path())
    phone = page_for(viewport=size)
    phone.goto("/connexion")
    phone.get_by_role("link", name="J'ai reçu un code").click()
    accessible(phone)
    phone.get_by_label("Code du coupon").fill("CDFG-HJKM-0000")
    phone.get_by_label("Date de naissance").fill("2005-04-13")
    phone.get_by_label("Votre adresse e-mail").fill("chloe@exemple.fr")
    phone.get_by_role("button", name="Recevoir le lien").click()
    expect(phone.get_by_role("alert")).to_contain_text("secrétariat")
    accessible(phone)
    phone.get_by_label("Code du coupon").fill(code.lower())
    phone.get_by_role("button", name="Recevoir le lien").click()
    expect(phone.get_by_role("alert")).to_contain_text("Vérifiez que le coupon est bien le vôtre")
    accessible(phone)
    phone.get_by_label("Code du coupon").fill(code.lower())
    phone.get_by_label("Date de naissance").fill("2005-04-12")
    phone.get_by_role("button", name="Recevoir le lien").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Regardez vos messages")
    accessible(phone)
    deliver(clock)
    phone.goto(f"/invitation/{token_in(files(store)[-1])}")
    phone.get_by_label("Mot de passe").fill(PHRASE)
    phone.get_by_label("Encore une fois").fill(PHRASE)
    phone.get_by_role("button", name="Enregistrer le mot de passe").click()
    expect(phone.get_by_text("est enregistré")).to_be_visible()
    assert Person.objects.get(pk=candidacy.person).email == "chloe@exemple.fr"


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_coupon_without_its_family_name_brings_a_tutor_in(
    world: World, store: Connections, clock: Clock, page_for: Callable[..., Page], size: dict[str, int]
) -> None:
    tutor = Person.objects.get(pk=world.placement.tutor)
    for person in (tutor, world.new_teacher(world.school)):
        Person.objects(pk=person.id).update(unset__email=1, unset__password=1, set__state="invited")
    desk = page_for(world.office, viewport=size)
    desk.goto(f"/etablissement/{world.school.id}/codes")
    desk.get_by_role("link", name="Codes des professeurs et des tuteurs").click()
    accessible(desk)
    with desk.expect_download():
        desk.get_by_role("button", name="Imprimer les coupons des tuteurs").click()
    desk.reload()
    expect(desk.get_by_text("code à utiliser")).to_be_visible()
    accessible(desk)
    desk.get_by_role("link", name=tutor.name).click()
    accessible(desk)
    with desk.expect_download() as printed:
        desk.get_by_role("button", name="Imprimer son coupon").click()
    code = code_in(printed.value.path())
    phone = page_for(viewport=size)
    phone.goto("/code")
    phone.get_by_role("link", name="Je suis professeur ou tuteur").click()
    accessible(phone)
    phone.get_by_label("Code du coupon").fill(code.lower())
    phone.get_by_label("Votre nom de famille").fill("Un autre")
    phone.get_by_label("Votre adresse e-mail").fill("tuteur@exemple.fr")
    phone.get_by_role("button", name="Recevoir le lien").click()
    expect(phone.get_by_role("alert")).to_contain_text("Vérifiez que le coupon est bien le vôtre")
    phone.get_by_label("Code du coupon").fill(code)
    phone.get_by_label("Votre nom de famille").fill(tutor.family_name.upper())
    phone.get_by_role("button", name="Recevoir le lien").click()
    expect(phone.get_by_role("heading", level=1)).to_have_text("Regardez vos messages")
    deliver(clock)
    phone.goto(f"/invitation/{token_in(files(store)[-1])}")
    phone.get_by_label("Mot de passe").fill(PHRASE)
    phone.get_by_label("Encore une fois").fill(PHRASE)
    phone.get_by_role("button", name="Enregistrer le mot de passe").click()
    expect(phone.get_by_text("est enregistré")).to_be_visible()
