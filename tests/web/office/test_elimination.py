"""Elimination on the pages of the office, and what every reader finds of a portfolio that is gone."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from portfolio.documents import Candidacy, EliminationSlip, Placement
from tests.conftest import Clock
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, form_of, shown
from tests.support.mails.mailbox import deliver
from tests.support.worlds import commissions, eliminations
from tests.support.worlds.eliminations import again, eliminated, portfolio_of, published
from tests.support.worlds.world import World

SAID = "Ce portfolio a été éliminé le 09/01/2029 (bordereau n° 0690026D-2027-E01)."


@pytest.fixture
def gone_by(world: World, clock: Clock) -> Candidacy:
    candidacy = eliminations.full(world)
    published(world, clock, candidacy)
    return candidacy


@pytest.fixture
def register(world: World) -> str:
    return f"/etablissement/{world.school.id}/conservation?session=2027"


def sent(client: FlaskClient, path: str, form: str, **typed: str) -> str:
    """The page where the act leads."""
    answer = fill(client, path, form, **typed)
    assert answer.status_code == 303, answer.text[:3000]
    return shown(client, answer.headers["Location"])


# --- the office -----------------------------------------------------------------------------------


def test_from_the_register_to_the_certificate(
    world: World, clock: Clock, client_for: Clients, gone_by: Candidacy, register: str
) -> None:
    office = client_for(world.office)
    told = sent(office, register, f"slip-{world.school.id}-{world.candidacy.exam}")
    assert "n° 0690026D-2027-E01" in told and "À faire viser" in told and gone_by.candidate_number in told
    slip = EliminationSlip.objects.get()
    page = f"/etablissement/eliminations/{slip.id}"
    assert "Sur un bordereau" in shown(office, register)

    refused = fill(office, page, f"visa-{slip.id}", reference="AD-1", given_on="2030-01-01", given_by="La directrice")
    assert refused.status_code == 422 and "pas dans l" in refused.text and 'value="AD-1"' in refused.text
    told = sent(office, page, f"visa-{slip.id}", reference="AD-1", given_on="2029-01-09", given_by="La directrice")
    assert "AD-1, le 9 janvier 2029, La directrice" in told

    refused = fill(office, page, f"eliminate-{slip.id}", number="oui")
    assert refused.status_code == 422 and "Ce n&#39;est pas le numéro du bordereau" in refused.text
    assert "Élimination en cours" in sent(office, page, f"eliminate-{slip.id}", number=slip.number)
    deliver(clock)
    told = shown(office, page)
    assert "Attestation d&#39;élimination" in told or "Attestation d'élimination" in told
    assert "1 sur 1" in told and "éliminé le 9 janvier 2029" in told
    for name, start in (("attestation.pdf", b"%PDF"), ("bordereau.pdf", b"%PDF"), ("annexe.csv", "\ufeff".encode())):
        assert office.get(f"{page}/{name}").data.startswith(start)
    assert "Éliminé" in shown(office, register)


def test_a_hold_and_its_lifting_are_shown_with_their_reasons(
    world: World, client_for: Clients, gone_by: Candidacy, register: str
) -> None:
    office, page = client_for(world.office), f"/etablissement/conservation/{gone_by.id}"
    assert page in shown(office, register)
    refused = fill(office, page, f"hold-{gone_by.id}", reason=" ")
    assert refused.status_code == 422
    told = sent(office, page, f"hold-{gone_by.id}", reason="Recours gracieux")
    assert "Conservé au-delà de sa durée" in told and "Recours gracieux" in told
    assert "Conservation prolongée" in shown(office, register)
    assert "Établir un bordereau" not in shown(office, register)
    told = sent(office, page, f"lift-{gone_by.id}", reason="Rejeté")
    assert "Levée : Rejeté" in told
    history = shown(client_for(world.candidate), f"/portfolio/{gone_by.id}/historique")
    assert "a prolongé la conservation du portfolio" in history and "Recours" not in history


@pytest.mark.parametrize("form, act", [("refusal", "Visa refusé"), ("abandon", "Abandonné")])
def test_a_slip_comes_to_nothing_with_a_reason(
    world: World, client_for: Clients, gone_by: Candidacy, form: str, act: str
) -> None:
    slip, office = eliminations.drawn_up(world), client_for(world.office)
    told = sent(office, f"/etablissement/eliminations/{slip.id}", f"{form}-{slip.id}", reason="Échantillon à garder")
    assert act in told and "Échantillon à garder" in told
    assert portfolio_of(gone_by).slip is None


def test_two_offices_on_one_slip_are_told_of_each_other(world: World, client_for: Clients, gone_by: Candidacy) -> None:
    slip, office = eliminations.drawn_up(world), client_for(world.office)
    page = f"/etablissement/eliminations/{slip.id}"
    form = form_of(shown(office, page), f"abandon-{slip.id}")
    eliminations.approved(world, again(slip))
    answer = office.post(form["action"], data=form["fields"] | {"reason": "Doute"}, headers=HTML)
    assert answer.status_code == 412
    assert again(slip).state == "approved"


# --- every reader, afterwards ---------------------------------------------------------------------


def test_whoever_looks_is_told_plainly(world: World, clock: Clock, client_for: Clients) -> None:
    eliminations.filled(world)
    sheet = commissions.transmitted(world)
    published(world, clock, world.candidacy)
    placement = Placement.objects.get(candidacy=world.candidacy.id)
    eliminated(world, clock)
    candidate, teacher, tutor = (client_for(one) for one in (world.candidate, world.follower, world.tutor))
    office, inspector = client_for(world.office), client_for(world.inspector)
    own, school = f"/portfolio/{world.candidacy.id}", f"/etablissement/{world.school.id}"

    gone = [(candidate, f"{own}/{name}") for name in ("preuves", "activites", "couverture", "remise")]
    gone += [(teacher, f"/classe/candidats/{world.candidacy.id}")]
    for client, path in gone:
        assert SAID in shown(client, path, 409)
    said = [(candidate, "/portfolio"), (candidate, own), (office, f"/etablissement/candidats/{world.candidacy.id}")]
    said += [(office, f"/etablissement/conservation/{world.candidacy.id}")]
    for client, path in said:
        assert SAID in shown(client, path)
    stands = [(candidate, f"{own}/historique", "a éliminé le portfolio"), (candidate, f"{own}/resultat", "14,5")]
    stands += [(teacher, "/classe?session=2027", "éliminé"), (office, f"{school}/candidats?session=2027", "Éliminé")]
    stands += [(inspector, f"/inspection/etablissements/{world.school.id}?session=2027", "éliminé")]
    stands += [(teacher, f"/fiches/{sheet.id}", sheet.number), (office, f"{school}/fiches?session=2027", sheet.number)]
    for client, path, words in stands:
        assert words in shown(client, path), path
    slip = EliminationSlip.objects.get()
    assert slip.number in shown(inspector, f"/inspection/etablissements/{world.school.id}?session=2027")
    for name in ("bordereau", "attestation"):
        assert inspector.get(f"/inspection/eliminations/{slip.id}/{name}.pdf").data.startswith(b"%PDF")
    others = [(teacher, path) for path in ("/confirmations", "/commissions", f"/classe/periodes/{placement.id}")]
    others += [(tutor, path) for path in ("/s", "/compte", "/compte/mes-donnees.json")]
    others += [(office, f"{school}?session=2027"), (candidate, "/compte/mes-donnees.json")]
    assert shown(teacher, f"/commissions/{sheet.commission}", 302).count(f"{sheet.commission}/fiche")
    for client, path in others:
        shown(client, path)
