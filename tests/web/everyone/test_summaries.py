"""A form that is refused says on top which fields are wrong, by their names, and leads to each."""

from __future__ import annotations

import re
from html import unescape

from flask.testing import FlaskClient

from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds.world import World

LINE = re.compile(r'<li><a href="#([^"]+)">(.*?)</a></li>')


def summary(html: str) -> dict[str, str]:
    """{label of each field that is wrong, as its link says it: what is said of it}; each leads to its field."""
    lines = LINE.findall(html)
    assert all(f'id="{target}"' in html for target, _ in lines)
    told = [unescape(line).replace("\u202f", " ").replace("\u00a0", " ").partition(" : ") for _, line in lines]
    return {label: sentence for label, _, sentence in told}


def test_it_names_each_field_and_leads_to_it(world: World, client_for: Clients) -> None:
    answer = fill(client_for(world.administrator), "/administration", "academy", code="", name="")
    assert answer.status_code == 422
    needed = "Ce champ est nécessaire."
    assert summary(answer.text) == {"Académie (liste nationale)": needed, "Nom affiché": needed}


def test_it_names_what_stands_within_another_too(world: World, client_for: Clients) -> None:
    address, form = f"/classe/candidats/{world.candidacy.id}/periodes/nouvelle", f"placement-new-{world.candidacy.id}"
    given = {"tutor.given_names": "Zoé", "tutor.family_name": "", "tutor.email": "", "starts_on": ""}
    told = summary(fill(client_for(world.follower), address, form, **given).text)
    assert {"Nom", "Premier jour", "Dernier jour"} <= told.keys()
    assert "Prénom" not in told


def test_a_code_is_typed_only_where_it_was_asked_for(anonymous: FlaskClient) -> None:
    """Its form names a request that its reader does not see: without one, nothing could be put right."""
    told = shown(anonymous, "/s/code")
    assert 'name="code"' not in told and "vient de partir" not in told and 'href="/s/nouveau-lien"' in told
