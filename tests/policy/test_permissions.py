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
    Assessment,
    Commission,
    Grid,
    Invitation,
    Person,
    Sheet,
)
from portfolio.policy.actions import Action
from portfolio.policy.permissions import allowed, may
from portfolio.policy.reading import READ
from portfolio.policy.table import POLICY
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from tests.support.worlds.policy_people import (
    CANDIDATES,
    FALLEN,
    JURY_OF_TWO,
    MEMBERS,
    OTHER_EXAM,
    SCHOOLS,
    Cast,
    called,
    region,
    regions,
)

DOCUMENT = Path(__file__).parents[2] / "docs" / "reference" / "permissions.md"
COMMISSION_SIDE = (Commission, Assessment, Grid, Sheet)


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
    "runs the office of the school that the candidate would join": lambda cast, who, thing: (
        who == f"office of {cast.names[thing.to_school]}"
    ),
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
        (f"jury {_academy(thing)} ", f"inspector {_academy(thing)} ", JURY_OF_TWO)
    ),
    "sits on the jury of the exam and session": lambda cast, who, thing: (
        who == f"jury {region(thing)}" or (who == JURY_OF_TWO and called(thing) == "2029")
    ),
    "is of this jury, for all its academies": lambda cast, who, thing: (
        who == f"jury {'+'.join(thing.academies)} {called(thing)}"
    ),
    "sits on the jury that decides, of the exam and session, and is not replaced there": lambda cast, who, thing: (
        who == (JURY_OF_TWO if called(thing) == "2029" else f"jury {region(thing)}")
    ),
    "is of this jury, for all its academies, and is not replaced there": lambda cast, who, thing: (
        who == f"jury {'+'.join(thing.academies)} {called(thing)}"
    ),
    "is a titular member of this jury, for all its academies, and is not replaced there": lambda cast, who, thing: (
        who == f"jury {'+'.join(thing.academies)} {called(thing)}"
    ),
    "is of the exam service, for the exam and session": lambda cast, who, thing: (
        who in {f"exam_service {name}" for name in regions(thing)}
    ),
    "inspects an academy for the exam and session": lambda cast, who, thing: (
        who in {f"inspector {academy} {called(thing)}" for academy in SCHOOLS.values()}
    ),
    "inspects the academy, for the exam and session": lambda cast, who, thing: (
        who in {f"inspector {name}" for name in regions(thing)}
    ),
    "helps people of the academy (support)": lambda cast, who, thing: who == f"support {_academy(thing)}",
    "administers": lambda cast, who, thing: who == "administrator",
    "sits on a jury of the academy or runs an office there": lambda cast, who, thing: (
        who.startswith(tuple(f"jury {code} " for code in thing.academies))
        or (who == JURY_OF_TWO and bool(thing.academies))
        or who in {f"office of {name}" for name, code in SCHOOLS.items() if code in thing.academies}
    ),
    "sits on the jury it is about": lambda cast, who, thing: _sits_on_a_jury_of(who, thing),
    "sits on the jury it is about, and is not replaced there": lambda cast, who, thing: _sits_on_a_jury_of(who, thing),
    "is that person": lambda cast, who, thing: (
        who == cast.names[thing.id if isinstance(thing, Person) else thing.person]
    ),
}
NARROWED: dict[str, Fact] = {
    "": lambda cast, who, thing: True,
    "once proposed": lambda cast, who, thing: thing.state != "draft",
    "once transmitted": lambda cast, who, thing: thing.state in ("transmitted", "final"),
    "before it is transmitted": lambda cast, who, thing: thing.state in ("draft", "proposed", "voided"),
    "before the jury decides": lambda cast, who, thing: (
        not thing.decided if has(thing, "decided") else thing.state in ("proposed", "transmitted", "voided")
    ),
    "unless it is withdrawn": lambda cast, who, thing: thing.live,
    "once released to them after publication": lambda cast, who, thing: thing.released,
    "once the jury has decided": lambda cast, who, thing: thing.state == "final",
    "once a decision unmasks it": lambda cast, who, thing: thing.released and thing.unmasked,
    "once published": lambda cast, who, thing: thing.published,
    "where this person wrote it": lambda cast, who, thing: cast.people[who].id == thing.author,
    "where this person fills it in alone": lambda cast, who, thing: who == cast.label(thing, "member"),
    "on the grid both fill in": lambda cast, who, thing: thing.member is None and thing.live,
    "once both are sealed": lambda cast, who, thing: thing.opened and thing.live,
}


def _sits_on_a_jury_of(who: str, change: Any) -> bool:
    of_two = who == JURY_OF_TWO and any(" 2029" in jury for jury in change.juries)
    return of_two or who in {f"jury {_called(jury)}" for jury in change.juries}


def _called(jury: str) -> str:
    """What the jury of a key is called; a key without an exam is of E5."""
    return jury.replace(f" {BTS_ASSURANCE_E5}", "").replace(OTHER_EXAM, "Z9")


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
                wrong.append((who, "may" if not told else "may not", described(cast, thing)))
    assert wrong == []
    assert opened, "nobody in the cast may: the matrix proves nothing for this action"


def described(cast: Cast, thing: Any) -> str:
    named = (
        cast.label(thing, field) for field in ("candidacy", "school", "placement", "commission") if has(thing, field)
    )
    return " ".join([type(thing).__name__, *(name for name in named if name), str(getattr(thing, "state", ""))])


def has(thing: Any, field: str) -> bool:
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
        (who, action, described(cast, thing))
        for who, by, thing in everything(cast)
        for action in allowed(by, thing)
        if not action.startswith("read_") and not may(by, READ[type(thing)], thing)
    ]
    assert hidden == []


def test_the_document_says_what_policy_says() -> None:
    again = "run: python commands.py permissions > docs/reference/permissions.md"
    assert DOCUMENT.read_text() == policy_as_markdown(), again


# --- what holds whatever POLICY says --------------------------------------------------------------


def everything(cast: Cast, *kinds: type) -> Iterator[tuple[str, Any, Any]]:
    for who, by in cast.actors.items():
        for thing in cast.things:
            if not kinds or isinstance(thing, kinds):
                yield who, by, thing
