"""A number or a name corrected after the sheet was signed is said, and leads to another sheet."""

from __future__ import annotations

from portfolio.documents import Candidacy, Commission, Sheet
from portfolio.enrolment import enrol
from portfolio.sheet import draw_up, remarks
from portfolio.sheet.remarks import corrected_since
from tests.support.api.clients import Clients
from tests.support.api.requests import change, get
from tests.support.filling import fill, followed, shown
from tests.support.worlds import commissions, juries
from tests.support.worlds.world import World


def _codes(world: World, sheet: Sheet) -> list[str]:
    return [remark.code for remark in remarks.of_sheet(world.actor(world.office), Sheet.objects.get(pk=sheet.id))]


def test_a_name_corrected_after_transmission_is_said_until_the_sheet_is_voided(
    world: World, client_for: Clients
) -> None:
    sheet = commissions.transmitted(world)
    assert _codes(world, sheet) == [] and corrected_since([sheet]) == {}
    office, path = client_for(world.office), f"/etablissement/candidats/{world.candidacy.id}"
    told = followed(office, fill(office, path, f"identity-{world.candidacy.id}", given_names="Zoé Anne"))
    assert "est corrigée" in told and "annulez la fiche avec ce motif" in told
    (remark,) = get(office, f"/sheets/{sheet.id}/remarks").json["items"]
    assert remark["code"] == "identity_corrected" and "« Zoé Anne »" in remark["sentence"]
    assert "annulez la fiche" in shown(office, f"/etablissement/{world.school.id}/fiches?session={world.session}")
    draw_up.void(world.actor(world.office), Sheet.objects.get(pk=sheet.id), "Prénoms corrigés", world.clock())
    assert _codes(world, sheet) == []


def test_a_number_corrected_is_said_and_one_that_came_later_is_not(world: World) -> None:
    sheet = commissions.transmitted(world)
    given = {"candidate_number": "02099999999"}
    enrol.amend_candidacy(world.actor(world.office), Candidacy.objects.get(pk=sheet.candidacy), given, world.clock())
    (sentence,) = corrected_since([sheet]).values()
    assert "le n° de candidat" in sentence and "« 02099999999 »" in sentence


def test_a_correction_made_over_http_leads_to_voiding_and_to_another_sheet_that_bears_it(
    world: World, client_for: Clients
) -> None:
    assert world.jury
    first = commissions.transmitted(world)
    office, judge = client_for(world.office), client_for(world.jury_member)
    candidacy = f"/candidacies/{world.candidacy.id}"
    revision = get(office, candidacy).json["revision"]
    told = change(office, "PATCH", candidacy, revision, {"birth_date": "2005-06-30"}).json
    (sentence,) = told["to_void"]
    assert (
        "la date de naissance" in sentence
        and "« 30/06/2005 »" in sentence
        and "annulez la fiche avec ce motif" in sentence
    )
    assert "la date de naissance" in shown(judge, f"/jury/fiches/{first.id}")
    revision = get(office, f"/sheets/{first.id}").json["revision"]
    voided = change(office, "POST", f"/sheets/{first.id}/void", revision, {"reason": "Date de naissance corrigée"})
    assert (voided.status_code, voided.json["state"]) == (200, "voided")
    again = commissions.signed(world, commissions.drafted(world, Commission.objects.get(pk=first.commission)))
    assert get(office, f"/sheets/{again.id}.json").json["candidate"]["birth_date"] == "2005-06-30"
    second = commissions.transmitted(world, again)
    assert second.number != first.number and _codes(world, second) == []
    assert change(office, "PATCH", candidacy, told["revision"], {"division": "B"}).json["to_void"] == []
    assert "la date de naissance" not in shown(judge, f"/jury/fiches/{second.id}")


def test_what_follows_a_correction_is_said_once_the_jury_decided_and_once_it_published(world: World) -> None:
    assert world.jury
    sheet = commissions.transmitted(world)
    juries.decide(world, sheet, "12", "Harmonisation")
    given = {"birth_name": "Dupont-Durand"}
    enrol.amend_candidacy(world.actor(world.office), Candidacy.objects.get(pk=sheet.candidacy), given, world.clock())
    (sentence,) = corrected_since([juries.fresh(sheet)]).values()
    assert "le jury, qui a arrêté la note, peut annuler la fiche" in sentence
    juries.publish(world)
    (sentence,) = corrected_since([juries.fresh(sheet)]).values()
    assert "la fiche ne s'annule plus" in sentence and "service des examens" in sentence
