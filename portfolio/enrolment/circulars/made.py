"""Makes a version of a circular on screen, from the one before: a draft, an annex, a comparison, a publication.

A published version is a file like those that are shipped: read by the same reader, named by its digest, never changed.
Those enrolled move to it by the act of their office (`portfolio/commission/circular_moves.py`).
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from portfolio.documents import CircularAnnex, MadeCircular
from portfolio.documents.candidacies import Pin
from portfolio.documents.made_circulars import MadeCircularState
from portfolio.documents.people import Role
from portfolio.enrolment.circulars import screen_terms
from portfolio.enrolment.enrol import circular_to_pin
from portfolio.errors import NotFound, NotNow, RuleSource
from portfolio.identifiers import session_code
from portfolio.ids import new_id
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.texts.circular import circular, circulars, text_of
from portfolio.rules.texts.circular_reader import parse_circular
from portfolio.rules.texts.circular_terms import Circular
from portfolio.rules.texts.data_files import DataFile, InvalidDataFile
from portfolio.rules.texts.exam import installed_exam
from portfolio.store.canonical_json import canonical
from portfolio.store.chains import event_by
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Hold, Insert, Remove, commit
from portfolio.validation import check_fields

DRAFT = {"state": MadeCircularState.DRAFT}  # expected of a version when it is changed


class NoLongerADraft(NotNow):
    code = "circular_no_longer_a_draft"
    source = RuleSource.INTEGRITY
    detail = "Cette version n'est plus en préparation : une version publiée ne change pas. Préparez-en une autre."


class NoAnnexYet(NotNow):
    code = "no_annex_yet"
    source = RuleSource.INTEGRITY
    detail = "Déposez d'abord l'annexe de la circulaire : la grille se compare avec elle, ligne par ligne."


class NotFromTheNewest(NotNow):
    code = "circular_not_from_the_newest"
    source = RuleSource.INTEGRITY
    detail = (
        "Cette version est faite d'après une autre que la plus récente, {id} version {version} : publiée, elle "
        "annulerait ce que celle-ci a changé. Abandonnez-la, puis préparez-en une d'après la plus récente."
    )


class PublishedByAnother(NotNow):
    code = "circular_published_by_another"
    source = RuleSource.INTEGRITY
    detail = (
        "Vous avez déclaré la comparaison de cette version, qui engage : une autre personne, de l'inspection de la "
        "session ou de l'administration, la publie. Demandez-le-lui : elle la trouve sur sa page « Circulaires »."
    )


def circular_chain(made: MadeCircular | CircularAnnex) -> str:
    """Returns the name of the chain of the circulars of a session."""
    return f"circular:{made.session}"


def begin(by: Actor, session: str, at: datetime, exam: str | None = None) -> MadeCircular:
    """Begins a version of the circular of a session, from the newest one, with no source behind it; returns the draft.
    exam: its code; it may be left out where one is installed. Raises Invalid on `session`, on `exam`; AlreadyExists if
    the exam has a draft for the session already.
    """
    if not (by.has(Role.INSPECTOR) or by.has(Role.ADMINISTRATOR)):
        raise NotFound()
    checked = check_fields({"session": session}, {"session": session_code})["session"]
    code = installed_exam(exam).code
    made = MadeCircular(id=new_id(), created_at=at, exam=code, session=checked, state=MadeCircularState.DRAFT)
    require(by, Action.MAKE_CIRCULAR, made)
    before = circular_to_pin(made.session, made.exam)
    content = screen_terms.content_of(text_of(before))
    content |= {"id": made.session, "version": _next_version(made)}
    content["source"] |= dict.fromkeys(("document_sha256", "compared_by", "compared_on"))
    made.based_on = Pin(**before.pin._asdict())
    made.text = screen_terms.text_of(content)
    data = {"from": f"{before.id}.v{before.version}", "sha256": before.sha256}
    commit([Insert(made)], event_by(by, at, circular_chain(made), EventName.CIRCULAR_BEGUN, made, data))
    return made


def read(made: MadeCircular) -> Circular:
    """Returns the terms of a version, published or not."""
    return _terms(made, made.text)


def _terms(made: MadeCircular, text: str) -> Circular:
    """Returns the terms that the version has with this text. Raises InvalidDataFile."""
    version = made.version or screen_terms.content_of(text)["version"]
    return parse_circular(DataFile(f"{made.session}.v{version}.yaml", text.encode()))


def amend(by: Actor, made: MadeCircular, values: Mapping[str, object], at: datetime) -> MadeCircular:
    """Changes the terms of a draft, and returns it. values: fields of `screen_terms`, those absent stay. Raises Invalid
    by field where the file would be wrong, NoLongerADraft.
    """
    require(by, Action.MAKE_CIRCULAR, made)
    refuse_published(made)
    text = screen_terms.written(made.text, values, before_of(made))
    try:
        terms = _terms(made, text)
    except InvalidDataFile as fault:
        raise screen_terms.named(fault) from None
    data = {"sha256": terms.sha256}
    event = event_by(by, at, circular_chain(made), EventName.CIRCULAR_AMENDED, made, data)
    commit([Change(made, {"text": text}, expected=DRAFT)], event)
    return made


def declare_compared(by: Actor, made: MadeCircular, at: datetime) -> MadeCircular:
    """Records that this person compared the grid with the annex, row by row, as both stand; returns the draft. Raises
    NoAnnexYet, NoLongerADraft.
    """
    require(by, Action.MAKE_CIRCULAR, made)
    refuse_published(made)
    annex = annex_of(made)
    if annex is None:
        raise NoAnnexYet()
    assert by.person is not None
    compared = compared_with(read(made), annex)
    values = {"compared_by": by.id, "compared_name": by.person.name, "compared_at": at, "compared_text": compared}
    data = {"annex": annex.sha256, "grid": compared}
    event = event_by(by, at, circular_chain(made), EventName.CIRCULAR_COMPARED, made, data)
    commit([Change(made, values, expected=DRAFT), Hold(annex, {"sha256": annex.sha256})], event)
    return made


def compared_with(terms: Circular, annex: CircularAnnex) -> str:
    """Returns a digest of what a declaration of comparison is about: the rows and degrees of the grid, and the annex.
    Another grid, or another annex, was not compared. Pure.
    """
    scale = [[degree.code, degree.label] for degree in (*terms.grid.scale, terms.grid.not_evaluated)]
    return hashlib.sha256(canonical([list(terms.grid.rows), scale, annex.sha256])).hexdigest()


def annex_of(made: MadeCircular) -> CircularAnnex | None:
    annex: CircularAnnex | None = CircularAnnex.objects(pk=made.annex).first() if made.annex else None
    return annex


def without_annex(made: MadeCircular) -> list[Remove]:
    """Returns the removal of the annex that a draft gives up: none where somebody declared a comparison with it, which
    holds it, since what they compared stays to be read. Nothing names its bytes then, and `reconcile` deletes them.
    """
    annex = annex_of(made)
    return [Remove(annex, expected={"held": None})] if annex is not None and not annex.held else []


def is_compared(made: MadeCircular) -> bool:
    """Returns whether the grid as it stands was declared compared with the annex as it stands."""
    return _compared_annex(made) is not None


def _compared_annex(made: MadeCircular) -> CircularAnnex | None:
    annex = annex_of(made) if made.compared_text else None
    return annex if annex is not None and made.compared_text == compared_with(read(made), annex) else None


def awaits_another(by: Actor, made: MadeCircular) -> bool:
    """Returns whether the draft would bind by a comparison that this person declared: another one publishes it."""
    return made.compared_by == by.id and is_compared(made)


def publish(by: Actor, made: MadeCircular, at: datetime) -> MadeCircular:
    """Publishes a draft as the next version of its session, and returns it: it is never changed again. It stays
    provisional unless the grid as it stands was declared compared with the annex. Raises NoLongerADraft;
    NotFromTheNewest; PublishedByAnother; AlreadyExists where another version took its number at the same moment.
    """
    require(by, Action.MAKE_CIRCULAR, made)
    refuse_published(made)
    newest = circular_to_pin(made.session, made.exam)
    if newest.sha256 != made.based_on.sha256:
        raise NotFromTheNewest(id=newest.id, version=newest.version)
    if awaits_another(by, made):
        raise PublishedByAnother()
    content = screen_terms.content_of(made.text)
    content["version"] = _next_version(made)
    annex, compared_by = _compared_annex(made), None
    if annex is not None:
        assert made.compared_at is not None
        compared_by = str(made.compared_by)
        content["source"] |= {
            "document_sha256": annex.sha256,
            "compared_by": made.compared_name,
            "compared_on": made.compared_at.date(),
        }
    text = screen_terms.text_of(content)
    terms = _terms(made, text)
    values: dict[str, Any] = {"text": text, "version": terms.version, "sha256": terms.sha256}
    values |= {"published_by": by.id, "published_at": at}
    data = {
        "version": terms.version,
        "sha256": terms.sha256,
        "annex": terms.source.document_sha256,
        "compared_by": compared_by,
    }
    event = event_by(by, at, circular_chain(made), EventName.CIRCULAR_PUBLISHED, made, data)
    commit([Change(made, {"state": MadeCircularState.PUBLISHED} | values, expected=DRAFT)], event)
    return made


def abandon(by: Actor, made: MadeCircular, at: datetime) -> MadeCircular:
    """Gives a draft up, and returns it: another one may be begun. Its annex goes as `without_annex` says. Raises
    NoLongerADraft.
    """
    require(by, Action.MAKE_CIRCULAR, made)
    refuse_published(made)
    event = event_by(by, at, circular_chain(made), EventName.CIRCULAR_ABANDONED, made)
    gone = without_annex(made)
    unnamed = {"annex": None} if gone else {}
    commit([Change(made, {"state": MadeCircularState.ABANDONED} | unnamed, expected=DRAFT), *gone], event)
    return made


def refuse_published(made: MadeCircular) -> None:
    """Raises NoLongerADraft unless the version is in preparation."""
    if made.state != MadeCircularState.DRAFT:
        raise NoLongerADraft()


def before_of(made: MadeCircular) -> Circular:
    """Returns the version that this one was made from. Raises UnknownCircular where it is no longer known."""
    return circular(made.based_on.id, made.based_on.version, made.based_on.sha256)


def _next_version(made: MadeCircular) -> str:
    ours = made.exam, made.session
    return str(1 + max((int(version) for *of, version in circulars() if tuple(of) == ours), default=0))
