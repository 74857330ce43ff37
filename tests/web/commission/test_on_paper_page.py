"""The page of a meeting without network: what is printed, for the members and the office, never the candidate."""

from __future__ import annotations

import pytest

from portfolio.mail.outbox_handlers import DRAWERS
from portfolio.store.outbox import DRAWINGS, deliver_due
from tests.support.api.clients import Clients
from tests.support.filling import fill
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import at, page

pytestmark = pytest.mark.usefixtures("bucket")


def test_a_dossier_is_asked_for_announced_and_downloaded(world: World, client_for: Clients) -> None:
    world.submit()
    commission = convened(world)
    path, api = at(commission, "/papier"), f"/api/v1/commissions/{commission.id}/dossier"
    member, office = client_for(world.tutor), client_for(world.office)
    assert "Se réunir sans réseau" in page(member, at(commission, "/accord"))
    assert member.get(api).json == {"dossier": None}
    assert fill(member, path, f"ask-{commission.id}").status_code == 303
    assert "Se prépare" in page(member, path) and member.get(api).json["dossier"]["ready_at"] is None
    deliver_due(DRAWERS, world.clock, lane=DRAWINGS)
    assert "Prêt" in page(member, path) and member.get(api).json["dossier"]["sheets"] >= 3
    answer = fill(member, path, f"open-{commission.id}")
    assert answer.status_code == 200 and "X-Amz-Expires=300" in answer.headers["Refresh"]
    assert "Préparer le dossier" in page(office, path), "each asks for their own"
    assert office.get(at(commission, "/grille-vierge.pdf")).data[:5] == b"%PDF-"


def test_the_candidate_sees_none_of_it(world: World, client_for: Clients) -> None:
    world.submit()
    commission = convened(world)
    candidate = client_for(world.candidate)
    for path in (at(commission, "/papier"), at(commission, "/grille-vierge.pdf")):
        answer = candidate.get(path)  # the same whatever is there: these pages are of others
        assert (answer.status_code, answer.json["code"]) == (403, "page_of_others")
    api = f"/api/v1/commissions/{commission.id}/dossier"
    assert candidate.get(api).status_code == 404
    for path in (api, f"{api}/link"):
        assert candidate.post(path).status_code in (403, 404)
