"""The main job by six people in six browsers, from a photo on a phone to a published mark, mails between them."""

from __future__ import annotations

import re
from collections.abc import Callable
from email.message import EmailMessage

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from portfolio.documents import Candidacy, Person, Result, Sheet
from portfolio.store.connections import Connections
from tests.browser.commission.desk import agree, score_by_keys, seal, sign
from tests.browser.test_candidate import choose, photo, word
from tests.conftest import Clock
from tests.support.browser.looks import DESK, PHONE
from tests.support.mails.mailbox import deliver, files, rows, words_of
from tests.support.worlds.commissions import PASSWORD, with_password
from tests.support.worlds.world import World

Open = Callable[..., BrowserContext]
SECRETS = ("14,5", "14.5", "Preuves variées", "divergence")


class Job:
    """Six browsers: each opened once, kept to the end."""

    def __init__(
        self, world: World, store: Connections, clock: Clock, opened: Open, page_for: Callable[..., Page]
    ) -> None:
        self.world, self.store, self.clock = world, store, clock
        self.candidate = page_for(world.candidate, viewport=PHONE, has_touch=True, is_mobile=True)
        self.tutor = opened(viewport=PHONE, has_touch=True, is_mobile=True).new_page()
        self.teacher = page_for(with_password(world.follower), viewport=DESK)
        self.seat = opened(viewport=DESK).new_page()  # the tutor again, at a desk, on the day of the commission
        self.office = page_for(world.office, viewport=DESK)
        self.jury = page_for(world.jury_member, viewport=DESK)

    def letter(self, person: Person, about: str) -> EmailMessage:
        """The newest mail about something, once everything that is due has left."""
        waiting = [row["due_at"] for row in rows(self.store) if row["done_at"] is None]
        self.clock.now = max([self.clock.now, *[due for due in waiting if (due - self.clock.now).days < 1]])
        deliver(self.clock)
        sent = [one for one in files(self.store) if one["To"] == person.email and about in one["Subject"]]
        assert sent, f"no mail about {about}"
        return sent[-1]


@pytest.fixture
def job(world: World, store: Connections, clock: Clock, opened: Open, page_for: Callable[..., Page]) -> Job:
    assert world.activity and world.jury
    return Job(world, store, clock, opened, page_for)


def test_six_people_do_the_whole_job(job: Job) -> None:
    _deposits(job)
    _tutor_confirms(job)
    _teacher_confirms(job)
    _hands_in(job)
    _is_convened(job)
    _is_scored(job)
    _nothing_shows(job)
    _is_transmitted_and_published(job)
    job.candidate.goto("/portfolio")
    job.candidate.get_by_role("link", name="Voir mon résultat").click()
    expect(job.candidate.locator("main")).to_contain_text("14,5")
    assert Result.objects.get().published


def _deposits(job: Job) -> None:
    page = job.candidate
    page.goto("/portfolio")
    choose(page, ("IMG_1.jpg", "image/jpeg", photo()))
    word(page, "vérifié", "IMG_1.jpg")
    page.locator("[data-sending] li", has_text="IMG_1.jpg").get_by_role("link").click()
    page.get_by_label("Titre").fill("Relance par courriel")
    page.get_by_label("Type de preuve").select_option("EML1")
    page.get_by_label("Date de la preuve").fill("2026-06-02")
    page.get_by_label("Activité", exact=True).select_option(str(job.world.activity.id))
    page.get_by_label("en situation réelle", exact=True).check()
    page.get_by_label("période de formation en milieu professionnel").check()
    page.get_by_label("Fait : noms").check()
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.get_by_role("button", name="Choisir les compétences").click()
    page.get_by_role("checkbox", name="C47").check()
    page.get_by_label("Pourquoi cette preuve montre C47").fill("J'ai rédigé le message moi-même.")
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_text("La preuve est complète")).to_be_visible()
    for seat in ("tuteur", "professeur"):
        page.goto(f"/portfolio/activite/{job.world.activity.id}")
        page.get_by_role("button", name=f"Demander au {seat}").click()
        expect(page.get_by_text("La demande est enregistrée")).to_be_visible()


def _tutor_confirms(job: Job) -> None:
    page, mail = job.tutor, job.letter(job.world.tutor, "Pour action")
    page.goto(re.findall(r"https?://[^/\s]+(/s/\S+)", words_of(mail))[0])
    page.get_by_role("button", name="Voir et répondre").click()
    page.get_by_role("button", name="Confirmer", exact=True).click()
    page.get_by_role("button", name="Signer", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C'est signé, merci")
    assert job.letter(job.world.tutor, "Reçu")


def _teacher_confirms(job: Job) -> None:
    page = job.teacher
    page.goto("/confirmations")
    page.get_by_role("button", name="Répondre à la suite").click()
    expect(page.locator("main")).to_contain_text("Relance par courriel")
    page.get_by_label("Oui").check()
    page.get_by_role("button", name="Enregistrer ma réponse").click()
    expect(page.get_by_text("Rien n'attend votre réponse")).to_be_visible()


def _hands_in(job: Job) -> None:
    page = job.candidate
    page.goto("/portfolio")
    page.get_by_role("link", name="Remise", exact=True).click()
    page.get_by_role("button", name="Remettre mon portfolio").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Accusé de remise n° 1")


def _is_convened(job: Job) -> None:
    page = job.teacher
    page.goto(f"/classe/candidats/{job.world.candidacy.id}/commission")
    page.get_by_label("Jour").fill("2027-04-12")
    page.get_by_label("Heure").fill("14:00")
    page.get_by_label("Lieu").fill("Salle B12")
    page.get_by_label("Manière d'apprécier").select_option("sealed")
    page.get_by_role("button", name="Fixer la commission").click()
    expect(page.get_by_role("main")).to_contain_text("Salle B12")


def _is_scored(job: Job) -> None:
    """The tutor comes in by the letter of convocation: a password, then a code; the teacher scores meanwhile."""
    tutor, teacher = job.seat, job.teacher
    letter = words_of(job.letter(job.world.tutor, "Convocation"))
    tutor.goto(re.findall(r"(/invitation/\S+)", letter)[0])
    tutor.get_by_label("Mot de passe").fill(PASSWORD)
    tutor.get_by_label("Encore une fois").fill(PASSWORD)
    tutor.get_by_role("button", name="Enregistrer le mot de passe").click()
    tutor.goto(re.findall(r"(/commissions/\S+)", letter)[0])
    tutor.get_by_label("Adresse e-mail").fill(job.world.tutor.email)
    tutor.get_by_label("Mot de passe").fill(PASSWORD)
    tutor.get_by_role("button", name="Se connecter").click()
    tutor.get_by_role("button", name="M'envoyer un code").click()
    code = re.findall(r"^ +(\d{6})\s*$", words_of(job.letter(job.world.tutor, "code")), re.MULTILINE)[0]
    tutor.get_by_label("Code à six chiffres").fill(code)
    tutor.get_by_role("button", name="Continuer").click()
    teacher.goto("/commissions")
    teacher.get_by_role("button", name="Commencer").click()
    score_by_keys(teacher)
    seal(teacher)
    score_by_keys(tutor, C47="2")
    seal(tutor)
    agree(tutor, "C47")
    path = tutor.url
    teacher.goto(path)
    sign(teacher, "Il manque la signature de l'autre membre")
    tutor.goto(path)
    sign(tutor, "Les deux membres ont signé")


def _nothing_shows(job: Job) -> None:
    """Wherever the candidate looks before publication."""
    page = job.candidate
    page.goto("/portfolio")
    paths = page.evaluate(
        '[...document.querySelectorAll(\'main a[href^="/"], header a[href^="/"]\')].map(a => a.pathname)'
    )
    for path in dict.fromkeys(paths):
        if not path.startswith("/fichiers"):
            answer = page.request.get(path)
            assert not [secret for secret in SECRETS if secret in answer.text()], path
    assert page.goto(f"/commissions/{Sheet.objects.get().commission}").status == 403  # type: ignore[union-attr]


def _is_transmitted_and_published(job: Job) -> None:
    office, jury = job.office, job.jury
    office.goto("/etablissement")
    office.get_by_role("link", name=re.compile("^Fiches")).first.click()
    office.get_by_role("button", name="Transmettre", exact=True).click()
    expect(office.get_by_role("main")).to_contain_text("transmise")
    jury.goto("/jury")
    jury.locator("main a.card").first.click() if jury.locator("main a.card").count() else None
    home = jury.url
    jury.get_by_text("Confirmer les propositions qui restent (1)").click()
    jury.get_by_label("Le jury arrête ces notes telles qu'elles sont proposées").check()
    jury.get_by_role("button", name="Confirmer 1 proposition").click()
    jury.goto(f"{home.partition('?')[0]}/publication")
    jury.get_by_label(re.compile("Recopiez le code")).fill(Candidacy.objects.get().session)
    jury.get_by_label(re.compile("Je publie ces résultats")).check()
    jury.get_by_role("button", name="Publier 1 résultat").click()
    expect(jury.get_by_role("main")).to_contain_text("publi")
    assert str(Result.objects.get().final_mark) == "14.50"
