"""A second factor: typed before a commission by its tutor, at each sign-in by whoever set up an authenticator."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Response, flash, request, url_for
from flask_login import current_user

from api.http.admission import HALF_KNOWN, SIGNED_IN
from api.http.schemas import Secret
from api.identity.signing_in import Digits
from config.on_demand import on_demand
from portfolio.identity import second_factor
from portfolio.identity.one_time_codes import masked
from portfolio.policy.relations import Actor
from web import resumed_forms
from web.forms import read_form
from web.layout import page
from web.pages import Pages

if TYPE_CHECKING:
    import segno
else:
    segno = on_demand("segno")

pages = Pages("second_factor", __name__)


class PasswordAndDigits(Digits):
    password = Secret()


@pages.shows("/second-facteur", HALF_KNOWN)
def second_factor_page(by: Actor, at: datetime) -> Response:
    return second_factor_form(sent="envoye" in request.args)


def second_factor_form(*, sent: bool = False, status: int = 200) -> Response:
    """Returns the page where the digits are typed, for whoever gave a password, in the middle of a form or on the way
    to a page. sent: a mail has just left. status: of HTTP.
    """
    person = current_user.actor.person
    return page(
        "everyone/second_factor.html",
        status,
        next_page=resumed_forms.own_path(request.values.get("suite", "/")),
        authenticator=person.totp is not None,
        address=masked(person.email),
        sent=sent,
        form_kept=resumed_forms.is_kept(),
    )


@pages.acts("/second-facteur/envoyer", HALF_KNOWN, back=second_factor_page)
def send_code(by: Actor, at: datetime) -> str:
    second_factor.ask(by, at)
    return url_for(
        "second_factor.second_factor_page", envoye="", suite=resumed_forms.own_path(request.form.get("suite", "/"))
    )


@pages.acts("/second-facteur", HALF_KNOWN, back=second_factor_page)
def give(by: Actor, at: datetime) -> str:
    second_factor.confirm(by, current_user.sign_in, read_form(Digits, "code")["code"], at)
    return resumed_forms.take_back(by, at) or resumed_forms.own_path(request.form.get("suite", "/"))


@pages.shows("/compte/authentificateur", SIGNED_IN)
def authenticator(by: Actor, at: datetime) -> Response:
    assert by.person is not None
    if by.person.totp is not None:
        return page("everyone/authenticator_set_up.html")
    nonce = request.form.get("nonce")
    offer = second_factor.offered(by, nonce) if nonce else second_factor.offer(by)
    qr_code = segno.make(offer.uri, error="m").svg_data_uri(scale=5, border=2, light="#fff")
    return page("everyone/authenticator.html", offer=offer, qr_code=qr_code)


@pages.acts("/compte/authentificateur", SIGNED_IN, back=authenticator)
def set_up(by: Actor, at: datetime) -> str:
    values = read_form(PasswordAndDigits, "password", "code")
    second_factor.set_up(
        by, values["password"], request.form.get("nonce", ""), values["code"], current_user.sign_in, at
    )
    flash("C'est fait : un code de votre application vous sera demandé à chaque connexion.", "ok")
    return url_for("account.account")


@pages.acts("/compte/authentificateur/retirer", SIGNED_IN, back=authenticator)
def remove(by: Actor, at: datetime) -> str:
    values = read_form(PasswordAndDigits, "password", "code")
    second_factor.remove(by, values["password"], values["code"], current_user.sign_in, at)
    flash("L'application d'authentification est retirée.", "ok")
    return url_for("account.account")
