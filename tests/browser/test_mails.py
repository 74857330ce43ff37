"""Mails as telephones show them: nothing wider than the screen, readable in the dark, a link in every text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage

import pytest
from playwright.sync_api import BrowserContext, Page

from portfolio.documents import Candidacy, Invitation, Person, School
from portfolio.enrolment import enrol, placements, proposed_placements
from portfolio.enrolment.moves import replacements
from portfolio.evidence import feedback
from portfolio.identity import bounces, invitations, one_time_codes, password_reset
from portfolio.jury.jury import correct
from portfolio.mail.outbox_handlers import HANDLERS
from portfolio.sign_offs.asking import objections, requests
from portfolio.store.connections import Connections
from tests.boards.test_look_ups import NOT_A_MAIL
from tests.conftest import Clock
from tests.support.acts.asking import answer, ask
from tests.support.acts.enrolling import give_up, propose
from tests.support.browser.looks import contrasts
from tests.support.mails.mailbox import deliver, read, rows, words_of
from tests.support.worlds import commissions, juries
from tests.support.worlds.second_people import give
from tests.support.worlds.world import World

PHRASE = "Huit autres mots pour choisir une bonne phrase"
NARROW = 320  # CSS pixels, the narrowest telephone
Opens = Callable[..., BrowserContext]
# Mails on one's own way in, which no case has anything to do with; nobody of the school may answer for it.
OF_AN_ACCOUNT = {"account_change", "account_notice", "invitation", "sign_in_code", "sign_off_link"}


@pytest.fixture
def sent(world: World, store: Connections, clock: Clock) -> dict[tuple[str, str], EmailMessage]:
    """{(kind, subject): mail}, one of each: from a first invitation to the address that fails."""
    quincampoix = world.new_candidacy(birth_name="Quincampoix")
    feedback.give(world.actor(world.follower), world.new_piece(), 1, "Montrez la relance envoyée.", clock())
    ask(world)
    requests.request(world.actor(world.candidate), world.activity, "teacher", None, clock())
    nights(clock, 6)  # the reminder on the third working day
    answer(world)
    proposed = world.propose_placement()
    nights(clock, 1)
    proposed_placements.accept(world.actor(world.follower), proposed, {}, clock())
    give_up(world, quincampoix)
    notified = {"decision_reference": "MDPH-2027-12", "effect": "Délai", "deadline": clock() + timedelta(days=300)}
    enrol.adapt(world.actor(world.office), Candidacy.objects.get(pk=world.candidacy.id), notified, clock())
    propose(world)
    _replaced(world)
    world.submit()
    commissions.convened(world)
    period = placements.amend_placement(world.actor(world.office), world.placement, {"days": 30}, clock())
    _put_right(world)
    give(world)
    world.set_password(world.office)
    password_reset.ask(world.office.email, clock())
    one_time_codes.ask_code(world.tutor.email, clock())
    one_time_codes.ask_link(world.tutor.email, clock())
    nights(clock, 1, minutes=1)
    reset = Invitation.objects.get(purpose="reset")
    invitations.accept_invitation(invitations.invitation_token(reset), PHRASE, clock())
    objections.contest(world.actor(world.tutor), period, "did_not_happen", "C'était l'an passé.", clock())
    bounces.note_failed(Person.objects.get(pk=world.tutor.id), "5.1.1", clock())
    nights(clock, 1)
    kind_of = {f"{row['_id']}.eml": row["kind"] for row in rows(store)}
    folder = store.settings.mail_dir
    assert folder is not None
    all_of_them = [(kind_of[path.name], read(path.read_bytes())) for path in sorted(folder.glob("*.eml"))]
    assert {kind for kind, _ in all_of_them} == set(HANDLERS) - NOT_A_MAIL
    return {(kind, str(mail["Subject"])): mail for kind, mail in all_of_them}


def _replaced(world: World) -> None:
    """The teacher is away for a month, from the next week on."""
    school, first = School.objects.get(pk=world.school.id), world.clock().date() + timedelta(days=7)
    days = {"starts_on": first.isoformat(), "ends_on": (first + timedelta(days=30)).isoformat()}
    values = {"absent": world.follower.id, "substitute": world.second_teacher.id} | days
    replacements.replace_teacher(world.actor(world.office), school, values, world.clock())  # type: ignore[arg-type]


def _put_right(world: World) -> None:
    """A published mark of another candidate is corrected."""
    assert world.jury
    sheet = juries.sheet_of(world)
    juries.decide(world, sheet)
    juries.publish(world, leaving_out="Les autres ne sont pas transmises")
    correct(world.actor(world.jury_member), juries.fresh(sheet), "13", "Erreur de report", world.clock())


@pytest.fixture
def mails(sent: dict[tuple[str, str], EmailMessage]) -> list[EmailMessage]:
    return list(sent.values())


def nights(clock: Clock, days: int, **later: int) -> None:
    for _ in range(days):
        deliver(clock)
        clock.advance(**later or {"days": 1})
        deliver(clock)


def html_of(mail: EmailMessage) -> str:
    body = mail.get_body(("html",))
    assert body is not None
    return str(body.get_content())


def shown(page: Page, mail: EmailMessage) -> None:
    page.set_content(html_of(mail))


def test_no_mail_is_wider_than_a_telephone(mails: list[EmailMessage], opened: Opens) -> None:
    page = opened(viewport={"width": NARROW, "height": 640}).new_page()
    widths = {}
    for mail in mails:
        shown(page, mail)
        widths[str(mail["Subject"])] = page.evaluate("document.documentElement.scrollWidth")
    assert {subject: width for subject, width in widths.items() if width > NARROW} == {}
    assert len(widths) >= len(set(HANDLERS) - NOT_A_MAIL), widths


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_mail_is_read_by_day_and_by_night(mails: list[EmailMessage], opened: Opens, scheme: str) -> None:
    page = opened(viewport={"width": NARROW, "height": 640}, color_scheme=scheme).new_page()
    for mail in mails:
        shown(page, mail)
        assert contrasts(page) == [], mail["Subject"]
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (background == "rgb(245, 245, 245)") == (scheme == "light")


def test_every_mail_says_its_language_and_has_its_links_in_the_text(mails: list[EmailMessage]) -> None:
    for mail in mails:
        assert mail["Content-Language"] == "fr", mail["Subject"]
        if "<a href=" in html_of(mail):
            assert "http" in words_of(mail), mail["Subject"]


def test_every_mail_about_a_case_is_read_by_somebody_and_says_by_whom(
    sent: dict[tuple[str, str], EmailMessage], world: World
) -> None:
    for (kind, subject), mail in sent.items():
        text = words_of(mail)
        if mail["Reply-To"] is None:
            assert "épondez à ce message" not in text, subject
        if kind in OF_AN_ACCOUNT:
            continue
        if kind == "address_failed" and mail["Reply-To"] is None:
            assert mail["To"] == world.office.email, subject
            continue
        if kind == "placement_proposed":
            assert mail["Reply-To"] == world.candidate.email and "Une réponse à ce message arrive à" in text, subject
            continue
        assert mail["Reply-To"] and f"il arrive à quelqu'un de {world.school.name}" in text, subject
