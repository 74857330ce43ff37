"""The page of whoever received a code on paper: who they are and their address, where a mail opens their account."""

from __future__ import annotations

from datetime import datetime

from flask import Response, url_for

from api.enrolment.entry_codes import ENTRY_CODE, AddressGivenByName, GivenAddress
from api.http.admission import PUBLIC
from portfolio.enrolment.entry_codes import redeeming
from web.forms import read_form
from web.layout import page
from web.pages import Pages

pages = Pages("entry_code", __name__)


@pages.shows("/code", PUBLIC)
def entry_code(at: datetime) -> Response:
    return page("everyone/entry_code.html")


@pages.acts("/code", PUBLIC, back=entry_code, tries=ENTRY_CODE)
def give_address(at: datetime) -> Response:
    values = read_form(GivenAddress)
    asked = redeeming.give_address(values.get("code", ""), values["birth_date"], values["email"], at)
    return page("everyone/entry_code_sent.html", email=asked.email, again=url_for("entry_code.entry_code"))


@pages.shows("/code/pro", PUBLIC)
def entry_code_by_name(at: datetime) -> Response:
    return page("everyone/entry_code_by_name.html")


@pages.acts("/code/pro", PUBLIC, back=entry_code_by_name, tries=ENTRY_CODE)
def give_address_by_name(at: datetime) -> Response:
    values = read_form(AddressGivenByName)
    asked = redeeming.give_address_by_name(values.get("code", ""), values["family_name"], values["email"], at)
    return page("everyone/entry_code_sent.html", email=asked.email, again=url_for("entry_code.entry_code_by_name"))
