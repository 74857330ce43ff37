"""A proposed period on the pages of who proposes it and of who answers."""

from __future__ import annotations

from typing import Any

from portfolio.documents import Person, Placement, ProposedPlacement
from tests.support.api.clients import Clients
from tests.support.filling import fill, followed, shown
from tests.support.worlds.world import World

PERIOD = {"kind": "stage", "starts_on": "2027-03-01", "ends_on": "2027-03-31", "days": "20"}


def test_a_candidate_proposes_the_teacher_corrects_and_accepts(world: World, client_for: Clients) -> None:
    candidate, teacher = client_for(world.candidate), client_for(world.follower)
    page = f"/portfolio/{world.candidacy.id}/periodes/proposer"
    typed: dict[str, Any] = PERIOD | {"company.name": "Agence du Lac", "company.city": "Annecy"}
    typed |= {"tutor.given_names": "Lou", "tutor.family_name": "Petit", "tutor.email": "lou.petit@agence.fr"}
    refused = fill(candidate, page, "proposed-new", **typed)
    assert refused.status_code == 422 and "Sans SIRET, indiquez le pays ou le territoire." in refused.text
    typed["company.siret"] = "552 100 554 00013"
    text = followed(candidate, fill(candidate, page, "proposed-new", **typed))
    assert "attend la réponse de" in text
    proposed = ProposedPlacement.objects.get()

    board = shown(teacher, "/classe")
    assert "1 période proposée" in board
    assert f"/classe/periodes-proposees/{proposed.id}" in shown(teacher, f"/classe/candidats/{world.candidacy.id}")
    form, words = f"accept-{proposed.id}", {"words": "Bon stage", "days": "19"}
    own = {"tutor.given_names": "Lou", "tutor.family_name": "Petit", "tutor.email": "lou.petit@agence.fr"}
    accepted = fill(teacher, f"/classe/periodes-proposees/{proposed.id}", form, **PERIOD | own | words)
    assert "La période est enregistrée." in followed(teacher, accepted)
    assert Placement.objects.get().days == 19
    text = shown(candidate, f"/portfolio/{world.candidacy.id}/activites")
    assert "acceptée" in text and "« Bon stage »" in text


def test_a_tutor_whom_nobody_knows_yet_is_to_be_named(world: World, client_for: Clients) -> None:
    candidate, teacher = client_for(world.candidate), client_for(world.follower)
    page = f"/portfolio/{world.candidacy.id}/periodes/proposer"
    company = {"company.name": "Agence du Lac", "company.city": "Annecy", "company.siret": "552 100 554 00013"}
    assert "attend la réponse de" in followed(candidate, fill(candidate, page, "proposed-new", **PERIOD | company))
    proposed = ProposedPlacement.objects.get()
    page = f"/classe/periodes-proposees/{proposed.id}"
    assert "à désigner" in shown(teacher, page)
    assert "La période est enregistrée." in followed(teacher, fill(teacher, page, f"accept-{proposed.id}", **PERIOD))
    assert Placement.objects.get().tutor is None


def test_the_office_refuses_and_a_candidate_withdraws(world: World, client_for: Clients) -> None:
    office, candidate = client_for(world.office), client_for(world.candidate)
    refused, withdrawn = world.propose_placement(), world.propose_placement()
    assert "Répondre" in shown(office, f"/etablissement/{world.school.id}")
    page = f"/classe/periodes-proposees/{refused.id}"
    assert "Sacha Durand" in shown(office, page)
    left = followed(office, fill(office, page, f"refuse-{refused.id}", reason="Agence fermée"))
    assert "La période proposée est refusée." in left
    mine = f"/portfolio/{world.candidacy.id}/activites"
    text = followed(candidate, fill(candidate, mine, f"proposed-{withdrawn.id}"))
    assert "refusée" in text and "« Agence fermée »" in text and "retirée" in text


def test_a_tutor_proposes_another_period_in_the_same_company(world: World, client_for: Clients) -> None:
    tutor, placement = client_for(world.tutor), world.placement
    page = f"/s/periodes/{placement.id}/proposer"
    assert page in shown(tutor, "/s")
    assert "attend la réponse" in followed(tutor, fill(tutor, page, f"proposed-new-{placement.id}", **PERIOD))
    proposed = ProposedPlacement.objects.get()
    assert (proposed.author, proposed.company.siret) == (world.tutor.id, world.company.siret)


def test_missions_that_the_school_clears_stay_cleared(world: World, client_for: Clients) -> None:
    proposed = world.propose_placement()
    page = f"/classe/periodes-proposees/{proposed.id}"
    assert proposed.missions
    fill(client_for(world.follower), page, f"accept-{proposed.id}", **PERIOD | {"missions": ""})
    assert Placement.objects.get().missions is None


def test_a_tutor_without_address_is_not_promised_a_mail(world: World, client_for: Clients) -> None:
    tutor, placement = client_for(world.tutor), world.placement
    page = f"/s/periodes/{placement.id}/proposer"
    left = fill(tutor, page, f"proposed-new-{placement.id}", **PERIOD)
    assert "vous répond par courriel" in followed(tutor, left)
    Person.objects(pk=world.tutor.id).update(address_failed_at=world.clock(), address_failure="5.1.1")
    left = fill(tutor, page, f"proposed-new-{placement.id}", **PERIOD)
    text = followed(tutor, left)
    assert "vous répond par courriel" not in text and "Aucun courriel ne part" in text
