"""What a school records of a training in companies, and who reads what is missing."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, Placement
from portfolio.enrolment import training
from portfolio.errors import Forbidden, Invalid
from portfolio.rules.unlikely_dates import DateToConfirm
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds import commissions
from tests.support.worlds.world import World

MISSING = "Certificat de stage à déposer"


def test_a_certificate_is_seen_by_who_follows_with_what_it_states(world: World) -> None:
    values: training.CertificateValues = {"days": 35, "issued_on": "2026-07-03"}
    training.see_certificate(world.actor(world.follower), world.placement, values, world.clock())
    kept = Placement.objects.get(pk=world.placement.id).certificate
    assert (kept.days, kept.issued_on, kept.seen_by) == (35, "2026-07-03", world.follower.id)
    with pytest.raises(Forbidden):
        training.see_certificate(world.actor(world.candidate), world.placement, values, world.clock())


def test_a_contract_is_broken_off_with_a_reason_and_a_day_outside_its_period_is_asked_about(world: World) -> None:
    office, period = world.actor(world.office), world.placement
    with pytest.raises(Invalid) as refusal:
        training.break_off(office, period, period.starts_on, " ", world.clock())
    assert set(refusal.value.errors) == {"reason"}
    with pytest.raises(DateToConfirm):
        training.break_off(office, period, "2031-01-01", "Entreprise fermée", world.clock())
    training.break_off(office, period, period.starts_on, "Entreprise fermée", world.clock())
    assert Placement.objects.get(pk=period.id).broken_on == period.starts_on


def test_an_entry_and_a_reduced_length_are_recorded_by_the_office_and_taken_back(world: World) -> None:
    reduction: training.ReductionValues = {"days": 40, "decided_by": "recteur", "reference": "Décision du 4 mai"}
    values: training.TrainingValues = {"entered_on": "2026-09-01", "stage_reduction": reduction}
    candidacy = training.record_training(world.actor(world.office), world.candidacy, values, world.clock())
    kept = Candidacy.objects.get(pk=candidacy.id)
    assert (kept.entered_on, kept.stage_reduction.days, kept.stage_reduction.decided_by) == (
        "2026-09-01",
        40,
        "recteur",
    )
    training.record_training(world.actor(world.office), kept, {"stage_reduction": None}, world.clock())
    again = Candidacy.objects.get(pk=candidacy.id)
    assert (again.entered_on, again.stage_reduction) == ("2026-09-01", None)


def test_what_is_missing_stands_before_transmission(world: World, client_for: Clients) -> None:
    commissions.signed(world)
    read = shown(client_for(world.office), f"/etablissement/{world.school.id}/fiches?session={world.session}")
    assert "Formation en entreprise" in read and "pour de 75 à 80" in read


def test_candidate_follower_and_office_read_what_is_missing_and_the_school_completes_it(
    world: World, client_for: Clients
) -> None:
    Placement.objects(pk=world.placement.id).update(starts_on="2026-01-05", ends_on="2026-02-13", days=30)
    office, follower = client_for(world.office), client_for(world.follower)
    pages = {
        office: f"/etablissement/candidats/{world.candidacy.id}",
        follower: f"/classe/candidats/{world.candidacy.id}",
        client_for(world.candidate): f"/portfolio/{world.candidacy.id}/activites",
    }
    assert all(MISSING in shown(client, page) for client, page in pages.items())
    period = f"/classe/periodes/{world.placement.id}"
    assert fill(follower, period, f"certificate-{world.placement.id}", days="30").status_code == 303
    broken = {"broken_on": "2026-02-10", "reason": "Agence fermée"}
    assert fill(follower, period, f"broken-{world.placement.id}", **broken).status_code == 303
    reduced = {"days": "40", "decided_by": "recteur", "reference": "Décision du 4 mai"}
    reduced = {f"stage_reduction.{name}": value for name, value in reduced.items()}
    form = f"training-{world.candidacy.id}"
    assert fill(office, pages[office], form, **reduced).status_code == 303
    told = client_for(world.candidate).get(f"/api/v1/portfolios/{world.candidacy.id}/training").json
    assert (told["days"], len(told["lacks"])) == (30, 2)
    read = shown(office, pages[office])
    assert MISSING not in read and "pour 40 au moins, sur décision" in read and "rompu le 10/02/2026" in read
