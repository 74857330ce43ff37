"""A titular member of a jury who is replaced reads on and decides nothing, and nobody else decides of their seat."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest

from portfolio.commission import office_outcomes
from portfolio.documents import Candidacy, Reserve, Result
from portfolio.errors import Refusal
from portfolio.jury import deputies, releases, reserves
from portfolio.jury import jury as deciding
from portfolio.policy.actions import Action
from portfolio.policy.deciding import DeputySeatsNobody, DeputySits
from portfolio.policy.permissions import may
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sheet import draw_up
from portfolio.store.journal import MovedMeanwhile
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get
from tests.support.filling import HTML, _origin, csrf, shown
from tests.support.mails.mailbox import deliver
from tests.support.worlds.juries import fresh, sheet_of, the_jury
from tests.support.worlds.second_people import sent_to
from tests.support.worlds.sitting import WHY, Sitting
from tests.support.worlds.world import World


@pytest.fixture
def sitting(world: World) -> Sitting:
    return Sitting(world)


def test_whoever_is_replaced_and_whoever_replaces_them_seat_nobody(sitting: Sitting, world: World) -> None:
    of_jury = {"academy": world.academy.code, "session": world.session, "exam": BTS_ASSURANCE_E5}
    other = world.person("Denis", world.grant("jury", deputy=True, **of_jury))
    sitting.seat(sitting.colleague)
    with pytest.raises(DeputySits):
        sitting.seat(sitting.titular, deputy=other, titular=sitting.colleague)
    with pytest.raises(DeputySeatsNobody):
        sitting.seat(sitting.deputy, deputy=other, titular=sitting.colleague)
    assert len(the_jury(world).seatings) == 1
    assert sitting.seat(world.administrator, deputy=other, titular=sitting.colleague)


def test_whoever_is_replaced_reads_the_members_and_draws_no_form_that_seats(
    sitting: Sitting, world: World, client_for: Clients
) -> None:
    sitting.seat(sitting.colleague)
    for person in (sitting.titular, sitting.deputy):
        page = shown(client_for(person), f"/jury/{sitting.jury.id}/membres")
        assert f"deputy-{sitting.jury.id}" not in page and "Vous ne faites siéger personne" in page
        assert f"return-{sitting.deputy.id}" in page


def test_a_result_is_reserved_in_a_jury_by_those_who_decide_in_it(
    sitting: Sitting, world: World, client_for: Clients
) -> None:
    candidacy = Candidacy.objects.get(pk=sitting.sheet.candidacy)
    facts = {"reason": "Un dossier copié", "reference": None}
    sitting.seat(sitting.colleague)
    with pytest.raises(DeputySits):
        reserves.place(sitting.by(sitting.titular), candidacy, facts, world.clock())
    page = f"/candidatures/{candidacy.id}/reserve"
    assert client_for(sitting.titular).get(page, headers=HTML).status_code == 403
    reserves.place(sitting.by(sitting.deputy), candidacy, facts, world.clock())
    read = shown(client_for(sitting.titular), page)
    assert "Un dossier copié" in read and "lift-" not in read and "reserve-" not in read
    assert get(client_for(sitting.titular), f"/candidacies/{candidacy.id}/reserves").json["items"]


def test_a_decision_of_a_colleague_meanwhile_does_not_refuse_a_seating_or_a_return(
    sitting: Sitting, world: World
) -> None:
    read, before = the_jury(world), the_jury(world)
    deciding.set_final_mark(sitting.by(sitting.titular), fresh(sitting.sheet), "12", None, world.clock())
    asked = {"deputy": sitting.deputy.id, "titular": sitting.titular.id, "reason": WHY, "since": None}
    deputies.seat_deputy(sitting.by(sitting.colleague), read, asked, world.clock())  # type: ignore[arg-type]
    read = the_jury(world)
    deciding.set_final_mark(sitting.by(sitting.colleague), fresh(sitting.sheet), "13", "Relue", world.clock())
    deputies.end_seating(sitting.by(sitting.colleague), read, sitting.deputy.id, world.clock())
    with pytest.raises(MovedMeanwhile):
        deputies.seat_deputy(world.actor(world.administrator), before, asked, world.clock())  # type: ignore[arg-type]


def test_the_titular_is_told_that_they_decide_nothing_and_record_their_return(sitting: Sitting, world: World) -> None:
    sitting.seat(sitting.colleague)
    deliver(world.clock)  # type: ignore[arg-type]
    told = "vous lisez et ne décidez rien au jury. Dès votre retour, enregistrez-le vous-même"
    (mail,) = sent_to(sitting.titular.email)
    assert told in mail and f"/jury/{sitting.jury.id}/membres" in mail
    assert told not in sent_to(sitting.deputy.email)[0]


def test_a_titular_member_who_is_replaced_reads_on_and_decides_nothing_before_their_return(
    sitting: Sitting, world: World, client_for: Clients
) -> None:
    sitting.seat(sitting.colleague)
    by, jury = sitting.by(sitting.titular), the_jury(world)
    assert sitting.reads(sitting.titular) == [sitting.sheet]
    for act in (
        lambda: deciding.set_final_mark(by, fresh(sitting.sheet), "12", None, world.clock()),
        lambda: deciding.confirm_proposals(by, jury, world.clock()),
        lambda: deciding.publish(by, jury, None, world.clock()),
    ):
        with pytest.raises(DeputySits):
            act()
    client = client_for(sitting.titular)
    path = f"/jury/fiches/{sitting.sheet.id}"
    sent = {"csrf_token": csrf(client), "_revision": 1, "mark": "12"}
    refused = client.post(f"{path}/note", data=sent, headers=HTML | _origin(client))
    assert refused.status_code == 403 and "Un suppléant siège à votre place" in unescape(refused.text)
    sitting.end(sitting.titular)
    deciding.set_final_mark(sitting.by(sitting.titular), fresh(sitting.sheet), "12", None, world.clock())


def test_the_pages_show_all_to_a_titular_member_who_is_replaced_and_draw_no_form(
    sitting: Sitting, world: World, client_for: Clients
) -> None:
    outcome = office_outcomes.record_outcome(
        world.actor(world.office), world.candidacy, {"outcome": "absent"}, world.clock()
    )
    decided = sheet_of(world)
    deciding.set_final_mark(sitting.by(sitting.colleague), fresh(decided), "12", None, world.clock())
    jury = sitting.jury
    paths = [f"/jury/{jury.id}{tab}" for tab in ("", "/fiches", "/situations", "/publication")]
    paths += [f"/jury/fiches/{sitting.sheet.id}", f"/jury/fiches/{decided.id}", f"/jury/situations/{outcome.id}"]
    forms = (f"confirm-{jury.id}", f"publish-{jury.id}", f"final-{sitting.sheet.id}", f"outcome-{outcome.id}")
    client = client_for(sitting.titular)
    read = "".join(shown(client, path) for path in paths)
    assert all(f'value="{form}"' in read for form in forms) and "siège à votre place" not in read
    sitting.seat(sitting.colleague)
    for path in paths:
        page = shown(client, path)
        assert "Un suppléant siège à votre place" in page and f"/jury/{jury.id}/membres" in page
        assert not any(f'value="{form}"' in page for form in forms)
    assert "Ce que le jury a décidé" in shown(client, f"/jury/fiches/{decided.id}")


def test_confirming_the_proposals_stops_where_a_deputy_is_seated_for_its_author(
    sitting: Sitting, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet_of(world)
    monkeypatch.setattr(deciding, "BATCH", 1)
    lawful, calls = deciding._confirm, []

    def seated_after_the_first(*given: Any) -> None:
        lawful(*given)
        if not calls:
            sitting.seat(sitting.colleague)
        calls.append(given)

    monkeypatch.setattr(deciding, "_confirm", seated_after_the_first)
    with pytest.raises(DeputySits):
        deciding.confirm_proposals(sitting.by(sitting.titular), the_jury(world), world.clock())
    assert Result.objects.count() == len(calls) == 1


def test_what_is_decided_while_a_deputy_is_being_seated_is_refused(sitting: Sitting, world: World) -> None:
    at, other = world.clock(), sheet_of(world)
    candidacy = Candidacy.objects.get(pk=other.candidacy)
    by = [sitting.by(sitting.titular) for _ in range(5)]
    for actor in by:  # what POLICY reads for a request, before anybody is seated
        assert may(actor, Action.CONFIRM_PROPOSALS, sitting.jury)
    jury = the_jury(world)
    sitting.seat(sitting.colleague)
    for act in (
        lambda: deciding.set_final_mark(by[0], fresh(sitting.sheet), "12", None, at),
        lambda: deciding._confirm(by[1], the_jury(world), [fresh(sitting.sheet)], at),
        lambda: reserves.place(by[3], candidacy, {"reason": "Copie"}, at),
    ):
        with pytest.raises(MovedMeanwhile):
            act()
    (counted,) = draw_up._withdrawn_from_jury(by[2], fresh(sitting.sheet))
    assert counted.expected == {"seatings": {"$in": [None, []]}}, "voiding expects it too"
    with pytest.raises(Refusal):
        deciding.publish(by[4], jury, "Un autre jour", at)
    assert Result.objects.first() is None and Reserve.objects.first() is None
    assert fresh(sitting.sheet).state == "transmitted"


def test_a_titular_member_whose_deputy_sits_from_a_day_to_come_decides_until_then(
    sitting: Sitting, world: World
) -> None:
    sitting.seat(sitting.colleague, since=(world.clock().date() + timedelta(days=2)).isoformat())
    deciding.set_final_mark(sitting.by(sitting.titular), fresh(sitting.sheet), "12", None, world.clock())
    world.clock.advance(days=2)  # type: ignore[attr-defined]
    with pytest.raises(DeputySits):
        deciding.set_final_mark(sitting.by(sitting.titular), fresh(sitting.sheet), "13", "Relue", world.clock())


def published(sitting: Sitting, world: World) -> None:
    deciding.set_final_mark(sitting.by(sitting.colleague), fresh(sitting.sheet), "12", None, world.clock())
    deciding.publish(sitting.by(sitting.colleague), the_jury(world), "Sans les autres", world.clock())


def test_what_is_done_after_publication_while_a_deputy_is_being_seated_is_refused(
    sitting: Sitting, world: World
) -> None:
    published(sitting, world)
    at, by = world.clock(), [sitting.by(sitting.titular) for _ in range(3)]
    for actor in by:  # what POLICY reads for a request, before anybody is seated
        assert may(actor, Action.CORRECT_FINAL_MARK, fresh(sitting.sheet))
    sitting.seat(sitting.colleague)
    with pytest.raises(MovedMeanwhile):
        deciding.correct(by[0], fresh(sitting.sheet), "13", "Erreur de report", at)
    with pytest.raises(MovedMeanwhile):
        releases.release_sheet(by[1], fresh(sitting.sheet), "Courrier du 2 juin", at)
    releases.release_sheet(sitting.by(sitting.colleague), fresh(sitting.sheet), "Courrier du 2 juin", at)
    with pytest.raises(MovedMeanwhile):
        releases.unmask_proposal(by[2], fresh(sitting.sheet), "CRPA, L311-1", "Décision 12", at)
    assert str(Result.objects.get().final_mark) == "12.00" and not fresh(sitting.sheet).unmasked


def test_a_mark_corrected_since_is_not_corrected_from_what_was_read_before(
    sitting: Sitting, world: World, client_for: Clients
) -> None:
    published(sitting, world)
    before, path = fresh(sitting.sheet).revision, f"/sheets/{sitting.sheet.id}/correct-final-mark"
    said = {"mark": "13", "reason": "Erreur de report"}
    assert change(client_for(sitting.colleague), "POST", path, before, said).status_code == 200
    late = change(client_for(sitting.titular), "POST", path, before, said | {"mark": "14"})
    expect_problem(late, 412)
    assert str(Result.objects.get().final_mark) == "13.00"
