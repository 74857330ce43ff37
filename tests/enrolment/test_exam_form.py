"""The status and the form of the exam change after enrolment, with a reason (D643-19)."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, Portfolio
from portfolio.enrolment import exam_form
from portfolio.errors import Forbidden, Invalid
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds import commissions
from tests.support.worlds.world import World

WHY = "Contrat d'apprentissage signé en octobre"


def change(world: World, **values: object) -> Candidacy:
    fresh = Candidacy.objects.get(pk=world.candidacy.id)
    return exam_form.change_form(world.actor(world.office), fresh, values, world.clock())  # type: ignore[arg-type]


def test_a_new_status_decides_the_form_again_and_what_was_deposited_stays(world: World) -> None:
    world.new_piece()
    changed = change(world, status="experience", reason=WHY)
    assert (changed.status, changed.ccf.form, changed.ccf.reason_code) == ("experience", "ponctuelle", "experience")
    assert changed.ccf.changed_because == WHY
    assert Portfolio.objects(pk=changed.id).count() == 1


def test_the_rectorat_s_decision_wins_with_its_reference_and_gives_a_portfolio(world: World) -> None:
    other = world.new_candidacy(status="experience")
    assert Portfolio.objects(pk=other.id).first() is None
    decision: exam_form.OverrideValues = {"form": "ccf", "decision_reference": "DEC 2026-118"}
    exam_form.change_form(
        world.actor(world.office), other, {"ccf_override": decision, "reason": "Décision reçue"}, world.clock()
    )
    kept = Candidacy.objects.get(pk=other.id)
    assert (kept.ccf.form, kept.ccf.override_reference) == ("ccf", "DEC 2026-118")
    assert Portfolio.objects(pk=other.id).count() == 1


def test_the_form_does_not_change_under_a_commission(world: World) -> None:
    commissions.convened(world)
    with pytest.raises(exam_form.FormSettled):
        change(world, status="experience", reason=WHY)


def test_it_takes_a_reason_and_the_office(world: World) -> None:
    with pytest.raises(Invalid):
        change(world, status="experience", reason=" ")
    with pytest.raises(Forbidden):
        exam_form.change_form(world.actor(world.follower), world.candidacy, {"reason": WHY}, world.clock())


def test_the_office_changes_it_on_the_page_of_the_candidate(world: World, client_for: Clients) -> None:
    client, page = client_for(world.office), f"/etablissement/candidats/{world.candidacy.id}"
    form = f"form-{world.candidacy.id}"
    half = {"status": "scolaire", "reason": WHY, "ccf_override.form": "ponctuelle"}
    assert fill(client, page, form, **half).status_code == 422
    decided = half | {"ccf_override.decision_reference": "DEC 2026-119"}
    assert fill(client, page, form, **decided).status_code == 303
    assert "DEC 2026-119" in shown(client, page)


def test_who_may_read_why_the_form_changed(world: World, client_for: Clients) -> None:
    """A reason may be of health: the office and the candidate alone read it, as they do an adaptation."""
    readers = ("office", "candidate", "follower", "tutor", "jury_member", "inspector")
    people = {reader: getattr(world, reader) for reader in readers}
    change(world, status="apprenti", reason=WHY)
    address = f"/api/v1/candidacies/{world.candidacy.id}"
    told = {reader: client_for(person).get(address).text for reader, person in people.items()}
    assert [reader for reader, text in told.items() if WHY in text] == ["office", "candidate"]
