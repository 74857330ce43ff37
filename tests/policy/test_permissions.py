"""Who may do what, on everybody and everything: POLICY's words are true of its clauses, and some things hold whatever
POLICY says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from portfolio.boards.policy_table import policy_as_markdown
from portfolio.documents import (
    KINDS,
    Academy,
    AccountChange,
    Activity,
    Assessment,
    Attestation,
    Candidacy,
    Check,
    Commission,
    Company,
    Evidence,
    EvidenceFile,
    Grid,
    Invitation,
    Jury,
    PaperScan,
    Person,
    Portfolio,
    RealityEvaluation,
    Result,
    School,
    Sheet,
    SignIn,
    Submission,
)
from portfolio.errors import Forbidden, NotFound
from portfolio.policy.actions import Action
from portfolio.policy.permissions import POLICY, READ, allowed, may, require
from portfolio.policy.relations import SYSTEM, Actor
from portfolio.store.connections import Connections
from tests.support.worlds.policy_people import CANDIDATES, FALLEN, MEMBERS, REPLACED, SCHOOLS, Cast

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
COMMISSION_SIDE = (Commission, Assessment, Grid, Sheet)


@pytest.fixture(scope="module")
def cast(connections: Connections) -> Cast:
    connections.database.candidacies.delete_many({})
    connections.database.commissions.delete_many({})
    connections.database.schools.delete_many({})
    return Cast()


# --- the words ------------------------------------------------------------------------------------

PROFESSORS = {f"follower of {name}": school for name, (school, _) in CANDIDATES.items()}
PROFESSORS |= {"professional teacher of ampere": "ampere", "moved teacher": "bellecour"}
TEACHERS = PROFESSORS | {"teacher of ampere": "ampere"}
TUTORS = {f"first placement of {name}": {f"tutor of {name}"} for name in CANDIDATES}
TUTORS |= {f"second placement of {name}": {f"second tutor of {name}"} for name in CANDIDATES}
TUTORS["second placement of noe"].add("left tutor")
SITTING = {name: set(members) - FALLEN for name, members in MEMBERS.items()}

Fact = Callable[[Cast, str, Any], bool]

# What each word of POLICY means, said again from the cast, without its clauses.
MEANING: dict[str, Fact] = {
    "is the candidate": lambda cast, who, thing: who == cast.label(thing, "candidacy"),
    "follows the candidate": lambda cast, who, thing: who == f"follower of {cast.label(thing, 'candidacy')}",
    "teaches in the school": lambda cast, who, thing: TEACHERS.get(who) == cast.label(thing, "school"),
    "runs the school's office": lambda cast, who, thing: who == f"office of {cast.label(thing, 'school')}",
    "runs the office of one of the person's schools": lambda cast, who, thing: (
        who in {f"office of {cast.names[school]}" for school in thing.schools}
    ),
    "tutors the placement": lambda cast, who, thing: who in TUTORS.get(cast.label(thing, "placement") or "", ()),
    "tutors the candidate": lambda cast, who, thing: any(
        who in tutors and placement.endswith(f" of {cast.label(thing, 'candidacy')}")
        for placement, tutors in TUTORS.items()
    ),
    "sits on the candidate's commission": lambda cast, who, thing: who in SITTING[cast.label(thing, "candidacy") or ""],
    "sits on this commission": lambda cast, who, thing: any(
        who in members and cast.label(thing, "commission") == f"commission of {name}"
        for name, members in SITTING.items()
    ),
    "sits on a jury of the academy or inspects it": lambda cast, who, thing: who.startswith(
        (f"jury {_academy(thing)} ", f"inspector {_academy(thing)} ")
    ),
    "sits on the session's jury": lambda cast, who, thing: who == f"jury {thing.academy} {thing.session}",
    "inspects the academy": lambda cast, who, thing: who == f"inspector {thing.academy} {thing.session}",
    "helps people of the academy (support)": lambda cast, who, thing: who == f"support {_academy(thing)}",
    "administers": lambda cast, who, thing: who == "administrator",
    "sits on a jury of the academy or runs an office there": lambda cast, who, thing: (
        who.startswith(tuple(f"jury {code} " for code in thing.academies))
        or who in {f"office of {name}" for name, code in SCHOOLS.items() if code in thing.academies}
    ),
    "sits on the jury it is about": lambda cast, who, thing: who in {f"jury {jury}" for jury in thing.juries},
    "is that person": lambda cast, who, thing: (
        who == cast.names[thing.id if isinstance(thing, Person) else thing.person]
    ),
}
NARROWED: dict[str, Fact] = {
    "": lambda cast, who, thing: True,
    "once proposed": lambda cast, who, thing: thing.state != "draft",
    "once transmitted": lambda cast, who, thing: thing.state in ("transmitted", "final"),
    "before it is transmitted": lambda cast, who, thing: thing.state in ("draft", "proposed", "voided"),
    "before the jury decides": lambda cast, who, thing: thing.state in ("proposed", "transmitted", "voided"),
    "once released to them after publication": lambda cast, who, thing: thing.released,
    "once published": lambda cast, who, thing: thing.published,
    "where this person wrote it": lambda cast, who, thing: cast.people[who].id == thing.author,
    "where this person fills it in alone": lambda cast, who, thing: who == cast.label(thing, "member"),
    "on the grid both fill in": lambda cast, who, thing: thing.member is None and thing.live,
    "once both are sealed": lambda cast, who, thing: thing.opened and thing.live,
}


def _academy(thing: Any) -> str:
    return str(thing.code if isinstance(thing, Academy) else thing.academy)


@pytest.mark.parametrize("action", Action)
def test_whoever_satisfies_the_words_of_policy_may_and_nobody_else(cast: Cast, action: Action) -> None:
    """The matrix: this action, for every person, on every thing in every state."""
    rule = POLICY[action]
    wrong, opened = [], 0
    for who, by in cast.actors.items():
        for thing in cast.of(rule.kind):
            told = any(MEANING[p.words](cast, who, thing) and NARROWED[p.only](cast, who, thing) for p in rule.who)
            opened += told
            if may(by, action, thing) != told:
                wrong.append((who, "may" if not told else "may not", _described(cast, thing)))
    assert wrong == []
    assert opened, "nobody in the cast may: the matrix proves nothing for this action"


def _described(cast: Cast, thing: Any) -> str:
    named = (
        cast.label(thing, field) for field in ("candidacy", "school", "placement", "commission") if _has(thing, field)
    )
    return " ".join([type(thing).__name__, *(name for name in named if name), str(getattr(thing, "state", ""))])


def _has(thing: Any, field: str) -> bool:
    return hasattr(thing, field)


@pytest.mark.parametrize("action", Action)
def test_each_reason_that_policy_gives_opens_something_to_somebody(cast: Cast, action: Action) -> None:
    for predicate in POLICY[action].who:
        opened = [
            (who, thing)
            for who in cast.actors
            for thing in cast.of(POLICY[action].kind)
            if MEANING[predicate.words](cast, who, thing) and NARROWED[predicate.only](cast, who, thing)
        ]
        assert opened, f"{predicate.sentence}: a reason that never applies"


def test_every_action_has_its_rule_and_every_kind_its_reading() -> None:
    assert set(POLICY) == set(Action)
    assert set(READ) == set(KINDS.values()) - {Invitation}, "an invitation is read by nobody: only its link opens it"
    assert all(POLICY[action].kind is kind for kind, action in READ.items())
    assert {rule.kind for rule in POLICY.values()} == set(READ)


def test_whoever_may_act_on_a_thing_may_read_it(cast: Cast) -> None:
    """Otherwise nobody could tell them the revision that their act needs."""
    hidden = [
        (who, action, _described(cast, thing))
        for who, by, thing in _everything(cast)
        for action in allowed(by, thing)
        if not action.startswith("read_") and not may(by, READ[type(thing)], thing)
    ]
    assert hidden == []


def test_the_document_says_what_policy_says() -> None:
    again = "run: python commands.py permissions > docs/reference/permissions.md"
    assert DOCUMENT.read_text() == policy_as_markdown(), again


# --- what holds whatever POLICY says --------------------------------------------------------------


def _everything(cast: Cast, *kinds: type) -> Iterator[tuple[str, Any, Any]]:
    for who, by in cast.actors.items():
        for thing in cast.things:
            if not kinds or isinstance(thing, kinds):
                yield who, by, thing


def _opened(cast: Cast, people: set[str], *kinds: type) -> list[tuple[str, str, list[str]]]:
    found = ((who, thing, allowed(by, thing)) for who, by, thing in _everything(cast, *kinds) if who in people)
    return [(who, _described(cast, thing), actions) for who, thing, actions in found if actions]


def test_a_candidate_reaches_nothing_of_the_commission(cast: Cast) -> None:
    assert _opened(cast, set(CANDIDATES), Commission, Assessment, Grid) == []


def test_a_candidate_only_reads_their_own_sheet_and_only_once_released(cast: Cast) -> None:
    for name in CANDIDATES:
        for sheet in cast.of(Sheet):
            own = cast.label(sheet, "candidacy") == name and sheet.released
            assert allowed(cast.actors[name], sheet) == (["read_sheet"] if own else [])


def test_a_candidate_only_reads_their_own_result_and_only_once_published(cast: Cast) -> None:
    for name in CANDIDATES:
        for result in cast.of(Result):
            own = cast.label(result, "candidacy") == name and result.published
            assert allowed(cast.actors[name], result) == (["read_result"] if own else [])


def test_a_candidate_reaches_nothing_of_another_candidate(cast: Cast) -> None:
    for name in CANDIDATES:
        others = [thing for thing in cast.things if _has(thing, "candidacy") and cast.label(thing, "candidacy") != name]
        assert [thing for thing in others if allowed(cast.actors[name], thing)] == []


def test_the_administrator_reads_no_candidate_no_evidence_no_file_no_mark_and_no_sheet(cast: Cast) -> None:
    administered = {
        type(thing) for _, by, thing in _everything(cast) if by is cast.actors["administrator"] and allowed(by, thing)
    }
    assert administered == {Academy, AccountChange, School, Jury, Person, SignIn}
    foreign = [thing for thing in cast.of(SignIn) if thing.person != cast.people["administrator"].id]
    assert not any(allowed(cast.actors["administrator"], thing) for thing in foreign)


def test_an_inspector_reads_no_evidence_and_no_mark_and_changes_nothing(cast: Cast) -> None:
    inspectors = {who for who in cast.actors if who.startswith("inspector")}
    assert _opened(cast, inspectors, Evidence, EvidenceFile, Submission, Assessment, Grid, Sheet, Result) == []
    done = {action for _, _, actions in _opened(cast, inspectors) for action in actions}
    assert {action for action in done if not action.startswith("read_")} == {"end_sign_in"}


def test_support_reads_nothing_of_others_and_looks_up_in_its_own_academy_alone(cast: Cast) -> None:
    support = {who for who in cast.actors if who.startswith("support ")}
    opened = [(who, thing, allowed(by, thing)) for who, by, thing in _everything(cast) if who in support]
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
        for who, by, thing in _everything(cast)
        if who == "second tutor of karim" and "placement" in thing._fields and allowed(by, thing)
    }
    kinds = (Activity, Evidence, EvidenceFile, Attestation, PaperScan, RealityEvaluation)
    assert reached == {(kind, "second placement of karim") for kind in kinds}


def test_the_follower_who_does_not_sit_reaches_no_assessment_no_grid_and_no_sheet(cast: Cast) -> None:
    assert "follower of lea" not in MEMBERS["lea"]
    assert _opened(cast, {"follower of lea"}, Assessment, Grid, Sheet, Result) == []
    assert _opened(cast, {"follower of lea"}, Commission), "though they know when it meets"


def test_nobody_reaches_a_candidate_of_another_school_unless_they_sit_there_or_are_of_the_academy(cast: Cast) -> None:
    schools = TEACHERS | {f"office of {name}": name for name in cast.schools}
    for who, school in schools.items():
        for thing in cast.things:
            if not _has(thing, "candidacy") or cast.label(thing, "school") == school:
                continue
            if allowed(cast.actors[who], thing):
                assert who in SITTING[cast.label(thing, "candidacy") or ""], (who, _described(cast, thing))
    for kind in (School, Company, Check):
        for who, school in schools.items():
            reached = {cast.label(thing, "school") for thing in cast.of(kind) if allowed(cast.actors[who], thing)}
            assert reached <= {school}


def test_whoever_sits_from_another_school_reaches_that_candidate_and_none_of_the_classmates(cast: Cast) -> None:
    reached = {
        cast.label(thing, "candidacy")
        for who, by, thing in _everything(cast)
        if who == "follower of noe" and _has(thing, "candidacy") and allowed(by, thing)
    }
    assert reached == {"noe", "karim"}


def test_a_jury_reaches_only_its_academy_and_session(cast: Cast) -> None:
    for who in ("jury 10 2027", "jury 10 2028", "jury 01 2027", "inspector 10 2027"):
        _, academy, session = who.split()
        for thing in cast.things:
            if _has(thing, "candidacy") and allowed(cast.actors[who], thing):
                assert (thing.academy, thing.session) == (academy, session)


def test_a_replaced_member_reaches_nothing_more_of_that_commission(cast: Cast) -> None:
    for name, who in REPLACED.items():
        of_commission = [thing for thing in cast.things if isinstance(thing, COMMISSION_SIDE)]
        theirs = [thing for thing in of_commission if cast.label(thing, "candidacy") == name]
        assert not any(allowed(cast.actors[who], thing) for thing in theirs)


@pytest.mark.parametrize(("who", "name"), [("moved teacher", "lea"), ("left tutor", "ana")])
def test_whose_ground_to_sit_was_withdrawn_sits_no_more(cast: Cast, who: str, name: str) -> None:
    """Still written on the commission, and still a teacher or a tutor elsewhere."""
    assert (
        cast.people[who].id in next(one for one in cast.of(Commission) if cast.label(one, "candidacy") == name).members
    )
    below = [thing for thing in cast.things if _has(thing, "candidacy") and cast.label(thing, "candidacy") == name]
    assert not any(allowed(cast.actors[who], thing) for thing in below)


def test_nobody_reaches_a_cancelled_commission_s_grids_and_sheets_by_sitting(cast: Cast) -> None:
    cancelled = [
        one for one in cast.of(Grid) + cast.of(Assessment) if "cancelled" in (cast.label(one, "commission") or "")
    ]
    assert cancelled
    assert not [thing for _, by, thing in _everything(cast) if thing in cancelled and allowed(by, thing)]


def test_a_sealed_grid_is_its_author_s_alone_until_both_are_sealed(cast: Cast) -> None:
    for grid in cast.of(Grid):
        if grid.member is not None and not (grid.opened and grid.live):
            readers = {who for who, by in cast.actors.items() if may(by, Action.READ_GRID, grid)}
            assert readers <= {cast.label(grid, "member")}


def test_no_other_role_opens_the_judging_of_one_s_own_candidacy(cast: Cast) -> None:
    """Secretary of the school, following themselves, of the jury and inspector: a candidate still."""
    others = ("follower of zoe", "office of ampere", "jury 10 2027", "inspector 10 2027", "tutor of zoe")
    zoe = cast.people["zoe"]
    grants = [*zoe.grants, *(grant for who in others for grant in cast.people[who].grants)]
    busy, plain = Actor(Person(id=cast.people["follower of zoe"].id, grants=grants)), cast.actors["zoe"]
    for kind in (*COMMISSION_SIDE, Result):
        for thing in cast.of(kind):
            if cast.label(thing, "candidacy") == "zoe":
                assert allowed(busy, thing) == allowed(plain, thing)
    (own,) = (one for one in cast.of(Candidacy) if cast.label(one, "candidacy") == "zoe")
    (portfolio,) = (one for one in cast.of(Portfolio) if cast.label(one, "candidacy") == "zoe")
    assert not {"convene", "amend_candidacy", "adapt"} & set(allowed(busy, own))
    assert not {"reopen", "submit_late"} & set(allowed(busy, portfolio))
    classmate = [one for one in cast.of(Sheet) if cast.label(one, "candidacy") == "karim" and one.state == "final"]
    assert all(may(busy, Action.READ_SHEET, one) for one in classmate)


@pytest.mark.parametrize("who", ["revoked", "scopeless"])
def test_revoked_grants_and_grants_without_a_scope_open_nothing_but_oneself(cast: Cast, who: str) -> None:
    kinds = {type(thing) for someone, by, thing in _everything(cast) if someone == who and allowed(by, thing)}
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
