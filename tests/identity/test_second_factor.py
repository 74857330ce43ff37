"""A second factor: by mail before a commission, by an authenticator at each sign-in."""

from __future__ import annotations

import html
from datetime import datetime, timedelta

import pyotp
import pytest
from flask.testing import FlaskClient

from portfolio.documents import AskedWay, Invitation, Person, SignIn
from portfolio.errors import Invalid, TooMany
from portfolio.identity import accounts, invitations, one_time_codes, password_reset, second_factor, sign_ins
from portfolio.identity.one_time_codes import WrongCode, code_of
from portfolio.policy.actions import Action
from portfolio.policy.permissions import may
from portfolio.policy.relations import Actor
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.support import filling as pages
from tests.support.concurrency import together
from tests.support.filling import HTML
from tests.support.mails.mailbox import deliver, files, words_of
from tests.support.worlds.commissions import PASSWORD, convened, with_password
from tests.support.worlds.world import World


@pytest.fixture
def tutor(world: World) -> Person:
    return with_password(world.tutor)


def _entered(person: Person, world: World) -> tuple[SignIn, str]:
    return sign_ins.sign_in(person.email, PASSWORD, "cookie", None, world.clock())


def _by(token: str, at: datetime) -> Actor:
    found = sign_ins.signed_in(token, at)
    assert found is not None
    return found


def _code() -> str:
    return code_of(AskedWay.objects(way="second_factor").order_by("-id").first())


def _with_an_authenticator(person: Person, world: World) -> tuple[SignIn, str, Actor, str]:
    """(sign-in, its token, who it is, the nonce of the secret): just set up."""
    here, token = _entered(person, world)
    by = _by(token, world.clock())
    nonce = second_factor.offer(by).nonce
    second_factor.set_up(by, PASSWORD, nonce, _digits(by, nonce, world.clock()), here, world.clock())
    return here, token, by, nonce


def _digits(by: Actor, nonce: str, at: datetime) -> str:
    return pyotp.TOTP(second_factor.offered(by, nonce).secret).at(at)


def test_a_tutor_sits_on_a_commission_for_two_hours_after_a_code(world: World, tutor: Person, clock: Clock) -> None:
    commission = convened(world)
    sign_in, token = _entered(tutor, world)
    assert not may(_by(token, clock()), Action.READ_COMMISSION, commission)
    second_factor.ask(_by(token, clock()), clock())
    second_factor.confirm(_by(token, clock()), sign_in, _code(), clock())
    assert may(_by(token, clock()), Action.READ_COMMISSION, commission)
    assert _by(token, clock()).seats == [(commission.id, commission.candidacy)]
    assert may(_by(token, clock() + timedelta(minutes=119)), Action.READ_COMMISSION, commission)
    assert not may(_by(token, clock() + timedelta(hours=2)), Action.READ_COMMISSION, commission)


def test_a_professor_sits_without_one(world: World, clock: Clock) -> None:
    commission = convened(world)
    _, token = _entered(with_password(world.follower), world)
    assert may(_by(token, clock()), Action.READ_COMMISSION, commission)


def test_a_code_serves_once_its_owner_alone_and_ten_minutes(world: World, tutor: Person, clock: Clock) -> None:
    sign_in, token = _entered(tutor, world)
    by = _by(token, clock())
    second_factor.ask(by, clock())
    code = _code()
    other, other_token = _entered(with_password(world.follower), world)
    with pytest.raises(WrongCode):
        second_factor.confirm(_by(other_token, clock()), other, code, clock())
    answers = together(*[lambda: second_factor.confirm(by, sign_in, code, clock())] * 3)
    assert sum(isinstance(one, WrongCode) for one in answers) == 2
    second_factor.ask(by, clock())
    with pytest.raises(WrongCode):
        second_factor.confirm(by, sign_in, _code(), clock.advance(minutes=10))


def test_five_wrong_codes_wear_it_out(world: World, tutor: Person, clock: Clock) -> None:
    sign_in, token = _entered(tutor, world)
    by = _by(token, clock())
    second_factor.ask(by, clock())
    right = _code()
    for _ in range(5):
        with pytest.raises(WrongCode):
            second_factor.confirm(by, sign_in, f"{(int(right) + 1) % 1_000_000:06}", clock())
    with pytest.raises(WrongCode):
        second_factor.confirm(by, sign_in, right, clock())


def test_an_authenticator_is_asked_at_each_sign_in_and_its_digits_serve_once(world: World, clock: Clock) -> None:
    follower = with_password(world.follower)
    here, token = _entered(follower, world)
    by = _by(token, clock())
    nonce = second_factor.offer(by).nonce
    with pytest.raises(WrongCode):
        second_factor.set_up(by, PASSWORD, nonce, "000", here, clock())
    second_factor.set_up(by, PASSWORD, nonce, _digits(by, nonce, clock()), here, clock())
    there, there_token = _entered(follower, world)
    asked = _by(there_token, clock())
    assert asked.person is not None and second_factor.is_asked(asked.person, there)
    with pytest.raises(WrongCode):  # the digits that set it up
        second_factor.confirm(asked, there, _digits(by, nonce, clock()), clock())
    clock.advance(seconds=30)
    second_factor.confirm(asked, there, _digits(by, nonce, clock()), clock())
    assert not second_factor.is_asked(Person.objects.get(pk=follower.id), SignIn.objects.get(pk=there.id))
    with pytest.raises(second_factor.AuthenticatorSetUp):
        second_factor.offer(_by(token, clock()))
    with pytest.raises(WrongCode):
        second_factor.remove(_by(token, clock()), PASSWORD, _digits(by, nonce, clock()), here, clock())
    later = clock.advance(seconds=30)
    second_factor.remove(_by(token, later), PASSWORD, _digits(by, nonce, later), here, later)
    assert Person.objects.get(pk=follower.id).totp is None


def test_an_authenticator_that_was_lost_falls_with_a_new_invitation(world: World, clock: Clock) -> None:
    follower = with_password(world.follower)
    _, _, by, nonce = _with_an_authenticator(follower, world)
    accounts.invite_again(world.actor(world.office), Person.objects.get(pk=follower.id), clock())
    sent = Invitation.objects.get(person=follower.id, used_at=None)
    invitations.accept_invitation(
        invitations.invitation_token(sent), "Huit autres mots pour choisir une phrase", clock()
    )
    assert Person.objects.get(pk=follower.id).totp is None


def test_programs_and_pages_ask_for_the_digits_before_anything_else(
    world: World, clock: Clock, anonymous: FlaskClient
) -> None:
    follower = with_password(world.follower)
    _, _, by, nonce = _with_an_authenticator(follower, world)
    said = {"email": follower.email, "password": PASSWORD}
    told = anonymous.post("/api/v1/tokens", json={**said, "label": "bulletins"}).get_json()
    bearer = {"Authorization": f"Bearer {told['token']}"}
    refused = anonymous.get("/api/v1/me", headers=bearer)
    assert (refused.status_code, refused.get_json()["code"]) == (401, "second_factor_needed")
    clock.advance(seconds=30)
    digits = _digits(by, nonce, clock())
    assert anonymous.post("/api/v1/second-factor", json={"code": "1"}, headers=bearer).status_code == 422
    assert anonymous.post("/api/v1/second-factor", json={"code": digits}, headers=bearer).status_code == 200
    assert anonymous.get("/api/v1/me", headers=bearer).status_code == 200
    anonymous.get("/connexion")
    entered = pages.fill(anonymous, "/connexion", "sign-in", **said, suite="/compte")
    assert entered.headers["Location"] == "/second-facteur?suite=/compte"
    sent = anonymous.get("/compte", headers=HTML)
    assert sent.headers["Location"] == "/second-facteur?suite=%2Fcompte"
    clock.advance(seconds=30)
    digits = _digits(by, nonce, clock())
    answer = pages.fill(anonymous, sent.headers["Location"], "second-factor", code=digits, suite="/compte")
    assert answer.headers["Location"] == "/compte"
    assert "application d'authentification est enregistrée" in html.unescape(
        anonymous.get("/compte", headers=HTML).text
    )


def test_an_authenticator_is_added_and_removed_by_whoever_knows_the_password_and_its_owner_is_told(
    world: World, clock: Clock, store: Connections
) -> None:
    follower = with_password(world.follower)
    here, token = _entered(follower, world)
    by = _by(token, clock())
    nonce = second_factor.offer(by).nonce
    with pytest.raises(Invalid) as refused:
        second_factor.set_up(by, "une session laissée ouverte", nonce, _digits(by, nonce, clock()), here, clock())
    assert list(refused.value.errors) == ["password"]
    second_factor.set_up(by, PASSWORD, nonce, _digits(by, nonce, clock()), here, clock())
    later = clock.advance(seconds=30)
    with pytest.raises(Invalid):
        second_factor.remove(_by(token, later), "faux", _digits(by, nonce, later), here, later)
    second_factor.remove(_by(token, later), PASSWORD, _digits(by, nonce, later), here, later)
    deliver(clock)
    told = {mail["Subject"]: words_of(mail) for mail in files(store) if mail["To"] == follower.email}
    assert [subject for subject in told if "ajoutée" in subject] and [one for one in told if "retirée" in one]
    assert all("Si ce n'est pas vous" in words for words in told.values())


def test_ten_wrong_digits_lock_the_authenticator_for_an_hour_and_its_owner_is_told_once(
    world: World, clock: Clock, store: Connections
) -> None:
    here, token, by, nonce = _with_an_authenticator(with_password(world.follower), world)
    later = clock.advance(minutes=1)
    guess = f"{(int(_digits(by, nonce, later)) + 1) % 1_000_000:06}"
    answers = together(*[lambda: second_factor.confirm(_by(token, later), here, guess, later)] * 24)
    assert sum(isinstance(one, WrongCode) for one in answers) == 10
    assert sum(isinstance(one, TooMany) for one in answers) == 14
    with pytest.raises(TooMany):
        second_factor.confirm(_by(token, later), here, _digits(by, nonce, later), later)
    over = clock.advance(hours=1)
    second_factor.confirm(_by(token, over), here, _digits(by, nonce, over), over)
    deliver(clock)
    assert len([mail for mail in files(store) if "des codes faux" in mail["Subject"]]) == 1


def test_no_visitor_touches_the_budget_of_a_second_factor_nor_learns_of_it(
    world: World, tutor: Person, clock: Clock
) -> None:
    """Who asks for one sits on a commission."""
    _, token = _entered(tutor, world)
    for _ in range(20):
        one_time_codes.ask_code(tutor.email, clock())
        one_time_codes.ask_link(tutor.email, clock())
        password_reset.ask(tutor.email, clock())
    for _ in range(second_factor.ASKED.most):
        second_factor.ask(_by(token, clock()), clock())
    with pytest.raises(TooMany) as refused:
        second_factor.ask(_by(token, clock()), clock())
    assert refused.value.facts["retry_after"] == 3600
