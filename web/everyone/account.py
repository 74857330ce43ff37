"""One's own account: devices, password, data, and the pages that explain."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from urllib.parse import SplitResult, urlsplit

from bson import ObjectId
from flask import Response, flash, url_for
from flask_login import current_user
from marshmallow import Schema

from api.http.admission import PUBLIC, SIGNED_IN
from api.http.attempts import Tries
from api.http.downloads import attached
from api.http.schemas import Secret, text
from api.identity.accounts import NewOwnAddress
from api.identity.signing_in import OwnPassword
from portfolio.boards.own_data import as_json, own_data
from portfolio.documents import SignIn
from portfolio.enrolment import email_corrections
from portfolio.errors import Invalid
from portfolio.evidence import drafts
from portfolio.identity import password_reset, sign_ins
from portfolio.policy.actions import Action
from portfolio.policy.permissions import scope
from portfolio.policy.relations import Actor
from portfolio.store.connections import current
from web.forms import read_form
from web.layout import page
from web.pages import Pages, find_unchanged

pages = Pages("account", __name__)

SIGN_IN_WAYS = {
    "cookie": "Navigateur",
    "bearer": "Programme",
    "link": "Lien reçu par mail",
    "code": "Code",
    "qr": "Code QR",
}


class Address(Schema):
    email = text(254, required=True)


class WebAddress(NamedTuple):
    """What a firewall lets through. purpose: in French."""

    host: str
    port: int
    scheme: str
    purpose: str


class ChangedPassword(Schema):
    current = Secret()
    password = Secret()
    again = Secret()


class Forgotten(Schema):
    draft = text(drafts.LONGEST_NAME, required=True)


@pages.shows("/compte", SIGNED_IN)
def account(by: Actor, at: datetime) -> Response:
    live = {"$and": [scope(by, Action.READ_SIGN_IN, SignIn), {"ended_at": None, "expires_at": {"$gt": at}}]}
    devices = list(SignIn.objects(__raw__=live).order_by("-created_at").limit(100))
    kept_drafts = drafts.kept(by, at)
    return page(
        "everyone/account.html",
        devices=devices,
        this_device=current_user.sign_in,
        ways=SIGN_IN_WAYS,
        kept_drafts=kept_drafts,
    )


@pages.acts("/compte/mot-de-passe", SIGNED_IN, back=account)
def change_password(by: Actor, at: datetime) -> str:
    values = read_form(ChangedPassword)
    _same_twice(values["password"], values["again"])
    password_reset.change_password(by, values["current"], values["password"], current_user.sign_in, at)
    flash("Votre mot de passe est changé. Vos autres appareils ont été déconnectés.", "ok")
    return url_for("account.account")


@pages.acts("/compte/adresse", SIGNED_IN, back=account)
def change_address(by: Actor, at: datetime) -> str:
    values = read_form(NewOwnAddress)
    person = email_corrections.change_own(by, values["email"], values["password"], at)
    flash(f"Votre adresse est désormais {person.email} : c'est avec elle que vous vous connectez.", "ok")
    return url_for("account.account")


@pages.acts("/compte/appareils/<oid:sign_in_id>/fin", Action.END_SIGN_IN, back=account)
def end_sign_in(by: Actor, at: datetime, sign_in_id: ObjectId) -> str:
    sign_ins.end_sign_in(by, find_unchanged(SignIn, sign_in_id), at)
    flash("Cet appareil est déconnecté.", "ok")
    return url_for("account.account")


@pages.acts("/compte/appareils/fin", SIGNED_IN, back=account)
def end_others(by: Actor, at: datetime) -> str:
    sign_ins.end_others(by, read_form(OwnPassword)["password"], current_user.sign_in, at)
    flash("Tous vos autres appareils et programmes sont déconnectés.", "ok")
    return url_for("account.account")


@pages.acts("/compte/saisies/oublier", SIGNED_IN, back=account)
def forget_draft(by: Actor, at: datetime) -> str:
    drafts.forget(by, read_form(Forgotten)["draft"])
    flash("Cette saisie est oubliée.", "ok")
    return url_for("account.account")


@pages.shows("/compte/mes-donnees.json", SIGNED_IN)
def my_data(by: Actor, at: datetime) -> Response:
    return attached(as_json(own_data(by)), "application/json", "mes-donnees.json")


@pages.shows("/mot-de-passe-oublie", PUBLIC)
def forgotten_password(at: datetime) -> Response:
    return page("everyone/forgotten.html")


@pages.acts("/mot-de-passe-oublie", PUBLIC, back=forgotten_password, tries=Tries("forgotten", asks=True))
def ask_password(at: datetime) -> Response:
    """Asks for a link to choose a new password (form: email), and says the same whether or not an account has this
    address. Raises Invalid if the text is not an address.
    """
    password_reset.ask(read_form(Address)["email"], at)
    return page("everyone/forgotten_sent.html")


@pages.shows("/aide", PUBLIC)
def help_page(at: datetime) -> Response:
    return page("everyone/help.html")


@pages.shows("/aide/reseau-d-entreprise", PUBLIC)
def company_network(at: datetime) -> Response:
    """Shows what a tutor's own IT department lets through: addresses, ports, senders, from the settings."""
    settings = current().settings
    store, site = urlsplit(settings.s3_public_endpoint_url), urlsplit(settings.public_url)
    addresses = [_web_address(site, "les pages et ce qui s'y affiche"), _web_address(store, "télécharger un fichier")]
    if addresses[0][:2] == addresses[1][:2]:
        addresses.pop()
    return page(
        "everyone/network.html", addresses=addresses, sender=settings.mail_from, returns=settings.bounce_address
    )


@pages.shows("/mentions-legales", PUBLIC)
def legal_notices(at: datetime) -> Response:
    return page("everyone/legal.html")


@pages.shows("/accessibilite", PUBLIC)
def accessibility(at: datetime) -> Response:
    return page("everyone/accessibility.html")


def _web_address(address: SplitResult, purpose: str) -> WebAddress:
    port = address.port or (443 if address.scheme == "https" else 80)
    return WebAddress(address.hostname or "", port, address.scheme, purpose)


def _same_twice(password: str, again: str) -> None:
    if password != again:
        raise Invalid({"again": ["Les deux saisies diffèrent : retapez le mot de passe."]})
