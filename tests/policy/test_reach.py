"""What each person reaches of all things, and what nobody does: whole lists, read from POLICY."""

from __future__ import annotations

import pytest

from portfolio.documents import (
    Academy,
    AccountChange,
    Activity,
    Assessment,
    Attestation,
    CertificateFile,
    Check,
    Commission,
    Company,
    Evidence,
    EvidenceFile,
    Grid,
    Jury,
    MadeCircular,
    PaperScan,
    Person,
    Portfolio,
    RealityEvaluation,
    Result,
    School,
    Sheet,
    SignIn,
    Submission,
    Transfer,
)
from portfolio.errors import Forbidden, NotFound
from portfolio.policy.actions import Action
from portfolio.policy.permissions import allowed, may, require
from portfolio.policy.relations import SYSTEM
from portfolio.policy.table import POLICY
from tests.policy.test_permissions import COMMISSION_SIDE, SITTING, TEACHERS, described, everything, has
from tests.support.worlds.policy_people import (
    CANDIDATES,
    JURY_OF_TWO,
    MEMBERS,
    OTHER_EXAM,
    REGIONS,
    Cast,
    region,
)


def _opened(cast: Cast, people: set[str], *kinds: type) -> list[tuple[str, str, list[str]]]:
    found = ((who, thing, allowed(by, thing)) for who, by, thing in everything(cast, *kinds) if who in people)
    return [(who, described(cast, thing), actions) for who, thing, actions in found if actions]


def test_a_candidate_reaches_nothing_of_the_commission(cast: Cast) -> None:
    assert _opened(cast, set(CANDIDATES), Commission, Assessment, Grid) == []


def test_a_candidate_only_reads_their_own_sheet_and_only_once_released(cast: Cast) -> None:
    for name in CANDIDATES:
        for sheet in cast.of(Sheet):
            own = cast.label(sheet, "candidacy") == name and sheet.released
            given = ["read_proposal"] if sheet.unmasked else []
            assert allowed(cast.actors[name], sheet) == ([*given, "read_sheet"] if own else [])


def test_a_candidate_only_reads_their_own_result_and_only_once_published(cast: Cast) -> None:
    for name in CANDIDATES:
        for result in cast.of(Result):
            own = cast.label(result, "candidacy") == name and result.published
            assert allowed(cast.actors[name], result) == (["read_result"] if own else [])


def test_a_candidate_reaches_nothing_of_another_candidate(cast: Cast) -> None:
    for name in CANDIDATES:
        others = [thing for thing in cast.things if has(thing, "candidacy") and cast.label(thing, "candidacy") != name]
        assert [thing for thing in others if allowed(cast.actors[name], thing)] == []


def test_the_administrator_reads_no_candidate_no_evidence_no_file_no_mark_and_no_sheet(cast: Cast) -> None:
    administered = {
        type(thing) for _, by, thing in everything(cast) if by is cast.actors["administrator"] and allowed(by, thing)
    }
    assert administered == {Academy, AccountChange, School, Jury, MadeCircular, Person, SignIn}
    foreign = [thing for thing in cast.of(SignIn) if thing.person != cast.people["administrator"].id]
    assert not any(allowed(cast.actors["administrator"], thing) for thing in foreign)


def test_an_inspector_reads_no_evidence_and_no_mark_and_changes_nothing(cast: Cast) -> None:
    inspectors = {who for who in cast.actors if who.startswith("inspector")}
    assert _opened(cast, inspectors, Evidence, EvidenceFile, Submission, Assessment, Grid, Sheet, Result) == []
    done = {action for _, _, actions in _opened(cast, inspectors) for action in actions}
    assert {action for action in done if not action.startswith("read_")} == {"end_sign_in", "make_circular"}


def test_the_exam_service_reads_transmitted_sheets_and_no_evidence_and_decides_no_mark(cast: Cast) -> None:
    services = {who for who in cast.actors if who.startswith("exam_service")}
    assert _opened(cast, services, Portfolio, Evidence, EvidenceFile, Submission, Assessment, Grid, Commission) == []
    sheets = [thing.state for who, by, thing in everything(cast, Sheet) if who in services and allowed(by, thing)]
    assert set(sheets) == {"transmitted", "final"}
    done = {action for _, _, actions in _opened(cast, services) for action in actions}
    written = {action for action in done if not action.startswith(("read_", "list_"))}
    own_account = {"end_sign_in", "refuse_account_change"}
    assert written == own_account | {"reconcile_jury_marks", "release_sheet", "unmask_proposal"}


def test_support_reads_nothing_of_others_and_looks_up_in_its_own_academy_alone(cast: Cast) -> None:
    support = {who for who in cast.actors if who.startswith("support ")}
    opened = [(who, thing, allowed(by, thing)) for who, by, thing in everything(cast) if who in support]
    opened = [(who, thing, actions) for who, thing, actions in opened if actions]
    assert {type(thing) for _, thing, _ in opened} == {Academy, Person, SignIn}
    looked = [(who, thing.code, actions) for who, thing, actions in opened if isinstance(thing, Academy)]
    assert looked == [(f"support {code}", code, ["look_up_states", "read_academy"]) for code in ("01", "10")]
    own = [(who, thing) for who, thing, _ in opened if not isinstance(thing, Academy)]
    assert all(cast.people[who].id in (thing.id, getattr(thing, "person", None)) for who, thing in own)


def test_a_tutor_who_does_not_sit_reaches_no_assessment_no_grid_and_no_sheet(cast: Cast) -> None:
    sitting = {who for members in SITTING.values() for who in members}
    tutors = {who for who in cast.actors if "tutor" in who} - sitting
    assert tutors
    assert _opened(cast, tutors, *COMMISSION_SIDE, Result) == []


def test_a_tutor_reaches_only_what_belongs_to_their_placement(cast: Cast) -> None:
    """Of the same candidate, neither what was done in class nor in another company."""
    reached = {
        (type(thing), cast.label(thing, "placement"))
        for who, by, thing in everything(cast)
        if who == "second tutor of karim" and "placement" in thing._fields and allowed(by, thing)
    }
    kinds = (Activity, Evidence, EvidenceFile, Attestation, CertificateFile, PaperScan, RealityEvaluation)
    assert reached == {(kind, "second placement of karim") for kind in kinds}


def test_the_follower_who_does_not_sit_reaches_no_assessment_no_grid_and_no_sheet(cast: Cast) -> None:
    assert "follower of lea" not in MEMBERS["lea"]
    assert _opened(cast, {"follower of lea"}, Assessment, Grid, Sheet, Result) == []
    assert _opened(cast, {"follower of lea"}, Commission), "though they know when it meets"


def test_nobody_reaches_a_candidate_of_another_school_unless_they_sit_there_or_are_of_the_academy(cast: Cast) -> None:
    schools = TEACHERS | {f"office of {name}": name for name in cast.schools}
    for who, school in schools.items():
        for thing in cast.things:
            if not has(thing, "candidacy") or cast.label(thing, "school") == school:
                continue
            if isinstance(thing, Transfer) and who == f"office of {cast.names[thing.to_school]}":
                assert allowed(cast.actors[who], thing) == ["answer_transfer", "read_transfer"]
            elif allowed(cast.actors[who], thing):
                assert who in SITTING[cast.label(thing, "candidacy") or ""], (who, described(cast, thing))
    for kind in (School, Company, Check):
        for who, school in schools.items():
            reached = {cast.label(thing, "school") for thing in cast.of(kind) if allowed(cast.actors[who], thing)}
            assert reached <= {school}


def test_whoever_sits_from_another_school_reaches_that_candidate_and_none_of_the_classmates(cast: Cast) -> None:
    reached = {
        cast.label(thing, "candidacy")
        for who, by, thing in everything(cast)
        if who == "follower of noe" and has(thing, "candidacy") and allowed(by, thing)
    }
    assert reached == {"noe", "karim"}


@pytest.mark.parametrize("role", ["jury", "inspector", "exam_service"])
def test_what_is_of_an_exam_is_reached_by_those_of_its_exam_academy_and_session_alone(cast: Cast, role: str) -> None:
    placed = [thing for thing in cast.things if has(thing, "exam") and has(thing, "academy")]
    for name in REGIONS:
        reached = {region(thing) for thing in placed if allowed(cast.actors[f"{role} {name}"], thing)}
        assert reached == {name}
    drafts = [thing for thing in cast.of(MadeCircular) if allowed(cast.actors["inspector 10 2027 Z9"], thing)]
    assert [draft.exam for draft in drafts] == [OTHER_EXAM]


def test_a_jury_of_two_academies_reaches_both_and_no_other_and_a_right_in_one_of_them_is_not_of_it(cast: Cast) -> None:
    placed = [thing for thing in cast.things if has(thing, "exam") and has(thing, "academy")]
    reached = {region(thing) for thing in placed if allowed(cast.actors[JURY_OF_TWO], thing)}
    assert reached == {"01 2029", "10 2029"}
    (jury,) = (thing for thing in cast.of(Jury) if len(thing.academies) > 1)
    assert may(cast.actors[JURY_OF_TWO], Action.PUBLISH, jury)
    assert allowed(cast.actors["jury 10 2029"], jury) == []
    assert allowed(cast.actors["exam_service 01 2029"], jury) == ["list_sheets", "read_jury", "reconcile_jury_marks"]


@pytest.mark.parametrize("who", ["revoked", "scopeless"])
def test_revoked_grants_and_grants_without_a_scope_open_nothing_but_oneself(cast: Cast, who: str) -> None:
    kinds = {type(thing) for someone, by, thing in everything(cast) if someone == who and allowed(by, thing)}
    assert kinds == {Person, SignIn}
    assert [thing.id for thing in cast.of(Person) if allowed(cast.actors[who], thing)] == [cast.people[who].id]


def test_whoever_may_not_read_a_thing_is_told_that_it_is_not_there(cast: Cast) -> None:
    sheet = next(one for one in cast.of(Sheet) if cast.label(one, "candidacy") == "zoe" and one.state == "transmitted")
    with pytest.raises(NotFound):
        require(cast.actors["zoe"], Action.SIGN_SHEET, sheet)
    with pytest.raises(Forbidden):
        require(cast.actors["jury 10 2027"], Action.SIGN_SHEET, sheet)
    require(cast.actors["tutor of zoe"], Action.SIGN_SHEET, sheet)


def test_the_system_may_everything_since_only_verbs_that_name_it_act_as_it(cast: Cast) -> None:
    assert all(
        may(SYSTEM, action, thing) for thing in cast.things for action in POLICY if POLICY[action].kind is type(thing)
    )
