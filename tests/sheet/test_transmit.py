from __future__ import annotations

import json

import pytest

from portfolio.documents import Candidacy, Sheet
from portfolio.enrolment import enrol
from portfolio.errors import Forbidden, NotFound, NotNow, Stale
from portfolio.jury.sheets import school_mark_list
from portfolio.sheet import draw_up, transmit
from portfolio.sheet.papers.wording import put_in_words
from tests.support.worlds.commissions import appraise, at_once, convened, drafted, signed, transmitted
from tests.support.worlds.world import World


def test_the_office_transmits_what_both_members_signed(world: World):
    sheet = transmitted(world)
    assert (sheet.state, sheet.transmitted_at) == ("transmitted", world.clock())
    with pytest.raises(transmit.NotProposed):
        transmitted(world, sheet)


def test_a_draft_is_not_even_known_to_the_office(world: World):
    with pytest.raises(NotFound):
        transmitted(world, drafted(world))


def test_nobody_else_transmits(world: World):
    sheet = signed(world)
    for person, refusal in (
        (world.tutor, Forbidden),
        (world.follower, Forbidden),
        (world.candidate, NotFound),
        (world.jury_member, NotFound),
        (world.new_office(world.new_school("0690027E")), NotFound),
    ):
        with pytest.raises(refusal):
            transmit.transmit(world.actor(person), sheet, world.clock())


def test_a_voided_sheet_is_not_transmitted(world: World):
    sheet = signed(world)
    voided = draw_up.void(world.actor(world.tutor), sheet, "Erreur de saisie", world.clock())
    with pytest.raises(draw_up.SheetVoided):
        transmitted(world, voided)


def test_voiding_and_transmitting_at_once_never_both_happen(world: World):
    sheet = signed(world)
    seen = [Sheet.objects.get(pk=sheet.id) for _ in range(2)]
    outcomes = at_once(
        [
            lambda: draw_up.void(world.actor(world.tutor), seen[0], "Erreur de saisie", world.clock()),
            lambda: transmit.transmit(world.actor(world.office), seen[1], world.clock()),
        ]
    )
    assert sum(isinstance(one, Sheet) for one in outcomes) == 1
    assert sum(isinstance(one, NotNow | Stale) for one in outcomes) == 1


def without_portfolio(world: World) -> Sheet:
    commission = convened(world, world.new_candidacy())
    appraise(world, world.follower, commission, outcome="no_portfolio")
    return drafted(world, commission)


def test_a_whole_school_is_transmitted_in_one_act_and_drafts_stay(world: World):
    ready = [signed(world, without_portfolio(world)) for _ in range(3)]
    draft = without_portfolio(world)
    office = world.actor(world.office)
    sent = transmit.transmit_all(office, world.school, "2027", world.clock())
    assert [sheet.number for sheet in sent] == [sheet.number for sheet in ready]
    assert Sheet.objects.get(pk=draft.id).state == "draft"
    assert transmit.transmit_all(office, world.school, "2027", world.clock()) == []
    assert transmit.transmit_all(office, world.school, "2026", world.clock()) == []


def test_a_school_is_transmitted_by_its_own_office(world: World):
    signed(world, without_portfolio(world))
    elsewhere = world.new_school("0690027E")
    with pytest.raises(Forbidden):
        transmit.transmit_all(world.actor(world.follower), world.school, "2027", world.clock())
    with pytest.raises(NotFound):
        transmit.transmit_all(world.actor(world.new_office(elsewhere)), world.school, "2027", world.clock())
    assert Sheet.objects.get().state == "proposed"


def test_the_number_is_asked_for_at_transmission_and_then_stands_on_the_bordereau(world: World):
    Candidacy.objects(pk=world.candidacy.id).update(unset__candidate_number=True)
    sheet = signed(world)
    words = put_in_words(json.loads(sheet.content), (), None)
    assert ("N° de candidat", "numéro à venir") in [tuple(fact) for fact in words["candidate"]]
    with pytest.raises(transmit.CandidateNumberMissing) as refusal:
        transmitted(world, sheet)
    assert world.candidacy.display_name in refusal.value.message
    by = world.actor(world.office)
    assert transmit.transmit_all(by, world.school, sheet.session, world.clock()) == []
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    enrol.amend_candidacy(by, candidacy, {"candidate_number": "02012345678"}, world.clock())
    assert [sent.id for sent in transmit.transmit_all(by, world.school, sheet.session, world.clock())] == [sheet.id]
    (row,) = school_mark_list(by, world.school, sheet.session).rows
    assert (row.candidate_number, row.digest) == ("02012345678", sheet.digest)
