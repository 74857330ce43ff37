"""The lines of a jury: in the order of names, page by page, with what was decided; and the bordereau."""

from __future__ import annotations

from decimal import Decimal

import pytest

from portfolio.documents import Candidacy, School
from portfolio.enrolment.schools import offered_exams
from portfolio.errors import Forbidden, Invalid, NotFound
from portfolio.jury import sheets
from portfolio.jury.sheets import JuryLine, candidates, jury_mark_rows, line, lines, school_mark_list
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sheet.exams_there import exams_there
from portfolio.store.connections import Connections
from tests.support.queries import counted
from tests.support.worlds import commissions, two_exams
from tests.support.worlds.juries import REASON, decide, publish, sheet_of
from tests.support.worlds.world import World


def listed(world: World) -> list[JuryLine]:
    by = world.actor(world.jury_member)
    found = Candidacy.objects(__raw__=candidates(by, world.jury)).order_by("name_key", "id")
    return lines(by, found)


def test_transmitted_sheets_come_in_the_order_of_names(world: World) -> None:
    assert world.jury
    for name in ("Zola", "Élan", "Adam", "Eluard"):
        sheet_of(world, candidacy=world.new_candidacy(birth_name=name))
    for state in ("draft", "proposed", "voided"):
        sheet_of(world, state=state, live=state != "voided")
    assert [one.name for one in listed(world)] == ["Zoé Adam", "Zoé Élan", "Zoé Eluard", "Zoé Zola"]


def test_a_line_shows_the_proposal_beside_the_decision(world: World) -> None:
    assert world.jury
    sheet = sheet_of(world, "14.5")
    by = world.actor(world.jury_member)
    before = line(by, sheet)
    assert (before.proposed_mark, before.final_mark, before.state, before.published) == (
        *(Decimal("14.5"), None, "transmitted", False),
    )
    decide(world, sheet, "15", REASON)
    publish(world)
    after = line(by, sheet)
    assert (after.final_mark, after.reason, after.state, after.published) == (Decimal(15), REASON, "final", True)
    assert (after.school_name, after.candidacy, after.revision) == ("Lycée Ampère", sheet.candidacy, 2)


def test_an_outcome_shows_with_its_label(world: World) -> None:
    assert world.jury
    sheet_of(world, None, "absent")
    assert [(one.proposed_mark, one.outcome) for one in listed(world)] == [(None, "Absence non justifiée")]


def test_another_academy_and_another_session_are_not_listed(world: World) -> None:
    assert world.jury
    sheet_of(world, session="2028")
    sheet_of(world, academy="11")
    assert listed(world) == []


@pytest.mark.parametrize(("who", "refused"), [("inspector", Forbidden), ("office", NotFound), ("candidate", NotFound)])
def test_nobody_but_the_jury_lists(world: World, who: str, refused: type[Exception]) -> None:
    with pytest.raises(refused):
        candidates(world.actor(getattr(world, who)), world.jury)
    with pytest.raises(refused):
        jury_mark_rows(world.actor(getattr(world, who)), world.jury)


def test_fifty_lines_take_as_many_commands_as_one(world: World, store: Connections) -> None:
    assert world.jury
    decide(world, sheet_of(world))

    with counted(store.database) as for_one:
        assert len(listed(world)) == 1
    for _ in range(20):
        sheet_of(world)
    with counted(store.database) as for_many:
        assert len(listed(world)) == 21
    assert for_one == for_many


# --- the bordereau --------------------------------------------------------------------------------


def test_the_bordereau_is_what_was_signed(world: World) -> None:
    sheet = commissions.transmitted(world)
    (row,) = school_mark_list(world.actor(world.office), world.school, "2027").rows
    candidacy = world.candidacy
    assert (row.candidate_number, row.birth_name, row.given_names) == (
        *(candidacy.candidate_number, candidacy.birth_name, candidacy.given_names),
    )
    assert (row.mark, row.outcome_label, row.sheet_number, row.digest) == (
        *(Decimal("14.5"), None, sheet.number, sheet.digest),
    )
    assert (row.uai, row.academy, row.exam, row.session_code, row.rehearsal) == (
        "0690026D",
        "Lyon",
        "E5",
        "2027",
        False,
    )


def test_a_bordereau_keys_a_mark_or_an_outcome(world: World) -> None:
    assert world.jury
    sheet_of(world, None, "no_portfolio")
    sheet_of(world, "0", "absent_force_majeure")
    rows = jury_mark_rows(world.actor(world.jury_member), world.jury)
    assert [(row.mark, row.outcome_label) for row in rows] == [(None, "Portfolio non remis"), (Decimal(0), None)]


def test_a_bordereau_holds_one_session_of_one_school(world: World) -> None:
    sheet_of(world, session="2028")
    sheet_of(world, state="proposed")
    kept = sheet_of(world)
    rows = school_mark_list(world.actor(world.office), world.school, "2027").rows
    assert [row.sheet_number for row in rows] == [kept.number]
    with pytest.raises(Invalid):
        school_mark_list(world.actor(world.office), world.school, "l'an prochain")


def test_a_bordereau_is_of_the_session_however_it_is_typed_and_counts_its_exams_once(
    world: World, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, by = sheet_of(world), world.actor(world.office)
    calls: list[str] = []

    def counted_there(school: School, session: str) -> list[str]:
        calls.append(session)
        return exams_there(school, session)

    monkeypatch.setattr(sheets, "exams_there", counted_there)
    listed = school_mark_list(by, world.school, " 2027 ")
    assert [row.sheet_number for row in listed.rows] == [kept.number]
    assert (listed.exam, listed.session, calls) == (BTS_ASSURANCE_E5, "2027", ["2027"])


def test_where_nothing_is_offered_the_refusal_lists_nothing(world: World) -> None:
    world.school.exams = []
    with pytest.raises(Invalid) as refused:
        school_mark_list(world.actor(world.office), world.school, "2027")
    assert "aucune épreuve proposée" in refused.value.errors["exam"][0]
    with pytest.raises(Invalid) as refused:
        offered_exams.chosen_exam(world.school, None)
    assert "aucune épreuve" in refused.value.errors["exam"][0]


def test_other_people_get_no_bordereau(world: World) -> None:
    sheet_of(world)
    elsewhere = world.new_office(world.new_school("0690132U"))
    for person in (world.candidate, world.follower, world.inspector, elsewhere):
        with pytest.raises(NotFound):
            school_mark_list(world.actor(person), world.school, "2027")


def test_the_list_of_a_school_that_stopped_the_exam_stays_with_those_who_serve_it(world: World) -> None:
    with two_exams.second_exam():
        of_z9 = two_exams.two_juries(world)[two_exams.Z9]
        school = School.objects.get(pk=world.school.id)
        offered_exams.offer(world.actor(world.administrator), school, [BTS_ASSURANCE_E5], world.clock())
        stopped = School.objects.get(pk=school.id)
        assert stopped.exams == [BTS_ASSURANCE_E5]
        for reader in (of_z9.jury_member, of_z9.exam_service):
            rows = school_mark_list(world.actor(reader), stopped, world.session).rows
            assert [row.sheet_number for row in rows] == [of_z9.sheet.number]
