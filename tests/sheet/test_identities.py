"""A number or a name corrected after the sheet was signed is said, and leads to another sheet."""

from __future__ import annotations

from portfolio.documents import Candidacy, Sheet
from portfolio.enrolment import enrol
from portfolio.sheet import draw_up, remarks
from portfolio.sheet.remarks import corrected_since
from tests.support.api.clients import Clients
from tests.support.api.requests import get
from tests.support.filling import fill, followed, shown
from tests.support.worlds import commissions
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
