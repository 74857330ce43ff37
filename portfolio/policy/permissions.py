"""Decides who may do what, by POLICY: `require` for one thing, `scope` for lists.

A caller who may not even read a thing gets NotFound.
"""

from __future__ import annotations

from typing import Any

from bson import ObjectId

from portfolio.documents import Academy, Assessment, Candidacy, Commission, Jury, Placement, School
from portfolio.documents.rows import kind_of
from portfolio.errors import Forbidden, NotFound
from portfolio.policy.actions import Action
from portfolio.policy.oneself import never_about_oneself
from portfolio.policy.reading import READ
from portfolio.policy.relations import SYSTEM, Actor, Clause, is_among
from portfolio.policy.table import POLICY

_ABOUT: dict[type, list[Action]] = {
    kind: sorted(action for action, rule in POLICY.items() if rule.kind is kind)
    for kind in {rule.kind for rule in POLICY.values()}
}

# For a document that *is* the candidacy, the school… that field is its id; for an academy, its code.
_OWN: dict[tuple[type, str], str] = {(Academy, "academy"): "code", (Jury, "academy"): "academies"}
_OWN |= {(Candidacy, "candidacy"): "id", (School, "school"): "id", (Placement, "placement"): "id"}
_OWN |= {(Commission, "commission"): "id", (Assessment, "commission"): "id"}


def _field(kind: type, name: str) -> str:
    return _OWN.get((kind, name), name)


def _holds(thing: object, clause: Clause, but: list[ObjectId]) -> bool:
    kind = kind_of(thing)
    if but and getattr(thing, _field(kind, "candidacy")) in but:
        return False
    return all(is_among(getattr(thing, _field(kind, name)), values) for name, values in clause.items())


def may(by: Actor, action: Action, thing: object) -> bool:
    """Returns True if POLICY opens `action` on `thing` (a document or its row) to `by`; False where POLICY says nothing
    of it. Always True for the system, which acts only through the verbs that name it. AssertionError for a thing of
    another kind than the action's.
    """
    rule = POLICY[action]
    if by is SYSTEM:
        return True
    if by.sign_in_excludes(action):
        return False
    assert kind_of(thing) is rule.kind, f"{action} is about {rule.kind.__name__}"
    return any(_holds(thing, clause, but) for clause, but in _clauses(by, action))


def _clauses(by: Actor, action: Action) -> list[tuple[Clause, list[ObjectId]]]:
    """Returns each clause that opens the action to `by`, with the candidacies that it does not cover (their own).
    They are worked out once per actor: a list asks for them at each of its rows.
    """
    if action not in by.opened:
        own = by.own_candidacies if never_about_oneself(action, POLICY[action].kind) else []
        by.opened[action] = [
            (clause, [] if predicate.as_candidate else own)
            for predicate in POLICY[action].who
            for clause in by.clauses(predicate)
        ]
    return by.opened[action]


def require(by: Actor, action: Action, thing: object) -> None:
    """Raises NotFound if `by` may not read the thing (a document), Forbidden if they may read it but not do `action`:
    the one that says what they lack, where POLICY has it.
    """
    if may(by, action, thing):
        return
    if not may(by, READ[type(thing)], thing):
        raise NotFound()
    for near, refusal in (short for predicate in POLICY[action].who for short in predicate.falls_short):
        if any(_holds(thing, clause, []) for clause in by.clauses(near)):
            raise refusal()
    raise Forbidden()


def scope(by: Actor, action: Action, kind: type) -> dict[str, Any]:
    """Returns the MongoDB query for the documents of `kind` on which `by` may do `action`; one that matches nothing
    where there are none, {} for the system. AssertionError where the action is about another kind.
    """
    rule = POLICY[action]
    assert rule.kind is kind, f"{action} is about {rule.kind.__name__}"
    if by is SYSTEM:
        return {}
    if by.sign_in_excludes(action):
        return {"_id": {"$in": []}}
    queries = [_query(kind, clause, but) for clause, but in _clauses(by, action)]
    return {"$or": queries} if queries else {"_id": {"$in": []}}


def _query(kind: type, clause: Clause, but: list[ObjectId]) -> dict[str, Any]:
    query: dict[str, Any] = {_stored(kind, name): {"$in": values} for name, values in clause.items()}
    if but:
        query.setdefault(_stored(kind, "candidacy"), {})["$nin"] = but
    return query


def _stored(kind: type, name: str) -> str:
    field = _field(kind, name)
    return "_id" if field == "id" else field


def allowed(by: Actor, thing: object) -> list[str]:
    """Returns the actions that POLICY opens to `by` on this thing, whatever its state (`can` in representations); [] if
    none. Worked out once for all the things of a list that agree on what POLICY looks at.
    """
    kind = kind_of(thing)
    if by is SYSTEM:
        return list(_ABOUT[kind])
    if kind not in by.looked_at:
        by.looked_at[kind] = _looked_at(by, kind)
    alike = (kind, *[_unchanging(getattr(thing, name)) for name in by.looked_at[kind]])
    if alike not in by.allowed:
        by.allowed[alike] = [action for action in _ABOUT[kind] if may(by, action, thing)]
    return list(by.allowed[alike])


def _looked_at(by: Actor, kind: type) -> list[str]:
    """Returns the fields of a thing of this kind on which what is opened to `by` depends."""
    opened = [_clauses(by, action) for action in _ABOUT[kind] if not by.sign_in_excludes(action)]
    clauses = [(clause, but) for of_action in opened for clause, but in of_action]
    names = {name for clause, but in clauses for name in (*clause, *(["candidacy"] if but else []))}
    return sorted(_field(kind, name) for name in names)


def _unchanging(stored: object) -> object:
    return tuple(stored) if isinstance(stored, list) else stored
