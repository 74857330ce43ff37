"""Keeps the annex of a circular beside the version that is made of it, and shows its pages to the person who compares
both.
"""

from __future__ import annotations

import hashlib
import io
import json
from datetime import datetime
from tempfile import TemporaryFile

from portfolio.documents import CircularAnnex, MadeCircular
from portfolio.enrolment.circulars.made import DRAFT, annex_of, circular_chain, refuse_published, without_annex
from portfolio.errors import NotFound, Refusal, RuleSource, TooLarge
from portfolio.files.confinement.start import OutOfTime
from portfolio.files.previews import kept_views, preview_spec
from portfolio.files.previews.places import TooManyViews
from portfolio.files.previews.render import render
from portfolio.files.previews.sandbox import CannotShow
from portfolio.files.recognition.names import safe_name
from portfolio.files.recognition.recognise import recognise
from portfolio.ids import new_id, new_token
from portfolio.policy.actions import Action
from portfolio.policy.permissions import require
from portfolio.policy.relations import Actor
from portfolio.rules.file_kinds import UnacceptableFile
from portfolio.store.chains import event_by
from portfolio.store.connections import storage
from portfolio.store.event_names import EventName
from portfolio.store.journal import Change, Insert, commit

RETRY_AFTER_S = 30
LARGEST_ANNEX = 8_000_000  # bytes: less than one part of a file, the most that a proxy lets through


class AnnexTooLarge(TooLarge):
    code = "annex_too_large"
    source = RuleSource.LIMIT
    detail = "Cette annexe dépasse 8 Mo : déposez les seules pages de l'épreuve, en PDF."


class NotAnAnnex(UnacceptableFile):
    code = "not_an_annex"
    source = RuleSource.LIMIT
    detail = "L'annexe d'une circulaire se dépose en PDF."


class AnnexPageNotShown(NotFound):
    code = "annex_page_not_shown"
    source = RuleSource.LIMIT
    detail = "Cette annexe n'a pas cette page, ou elle ne se montre pas ici. Téléchargez l'annexe pour la lire."


class AnnexAltered(NotFound):
    code = "annex_altered"
    source = RuleSource.INTEGRITY
    detail = "Cette annexe n'est plus celle qui a été déposée, ou ne se lit plus. Déposez-la de nouveau."


def deposit(by: Actor, made: MadeCircular, data: bytes, name: str, at: datetime) -> MadeCircular:
    """Stores the annex of a draft, and returns the draft; the one before it goes as `without_annex` says. Raises
    AnnexTooLarge, NotAnAnnex, a class of UnacceptableFile, NoLongerADraft, Unavailable (the store).
    """
    require(by, Action.MAKE_CIRCULAR, made)
    refuse_published(made)
    if len(data) > LARGEST_ANNEX:
        raise AnnexTooLarge()
    if recognise(io.BytesIO(data), name, len(data)).kind != "pdf":
        raise NotAnAnnex()
    annex = CircularAnnex(
        id=new_id(),
        created_at=at,
        session=made.session,
        name=safe_name(name),
        key=f"annex-{new_token()}",
        size=len(data),
        sha256=hashlib.sha256(data).hexdigest(),
        deposited_by=by.id,
    )
    storage().put(annex.key, data, "application/pdf")
    facts = {"sha256": annex.sha256, "size": annex.size}
    event = event_by(by, at, circular_chain(made), EventName.CIRCULAR_ANNEX_DEPOSITED, annex, facts)
    named = Change(made, {"annex": annex.id}, expected=DRAFT)
    try:
        commit([*without_annex(made), Insert(annex), named], event)
    except Refusal:
        storage().delete(annex.key)  # no record names these bytes
        raise
    return made


def content(by: Actor, made: MadeCircular) -> bytes:
    """Returns the bytes of the annex, as deposited. Raises NotFound without one, AnnexAltered, Unavailable."""
    require(by, Action.READ_CIRCULAR, made)
    return _content(_existing(made))


def page_count(by: Actor, made: MadeCircular) -> int:
    """Returns the number of pages of the annex that can be shown, 0 where none can. Raises as `page_picture` does, but
    AnnexPageNotShown.
    """
    require(by, Action.READ_CIRCULAR, made)
    try:
        outline = json.loads(_view(_existing(made), preview_spec.OUTLINE))
    except AnnexPageNotShown:
        return 0
    return len(outline["pages"])


def page_picture(by: Actor, made: MadeCircular, number: int) -> bytes:
    """Returns the picture of a page in WebP; it is kept beside the annex. number: from 1. Raises as `content` does;
    AnnexPageNotShown, beyond its end too; TooManyViews.
    """
    require(by, Action.READ_CIRCULAR, made)
    return _view(_existing(made), preview_spec.page(number))


def _existing(made: MadeCircular) -> CircularAnnex:
    annex = annex_of(made)
    if annex is None:
        raise NotFound()
    return annex


def _content(annex: CircularAnnex) -> bytes:
    data = storage().read_range(annex.key, 0, annex.size)
    if hashlib.sha256(data).hexdigest() != annex.sha256:
        raise AnnexAltered()
    return data


def _view(annex: CircularAnnex, what: str) -> bytes:
    """Returns what was drawn of the annex, or draws and keeps it; that it cannot be drawn is kept too, but for a page
    that it has not: its reader chose the number. Raises AnnexPageNotShown; as `_content` and `_drawn` do.
    """
    try:
        kept = kept_views.read(annex, what)
        if kept is None:
            kept = _drawn(_content(annex), what)
            kept_views.keep(annex, what, kept)
    except CannotShow as refusal:
        if refusal.reason != "absent":
            kept_views.keep_refusal(annex, what, refusal)
        raise AnnexPageNotShown() from None
    return kept


def _drawn(data: bytes, what: str) -> bytes:
    with TemporaryFile() as file:
        file.write(data)
        file.seek(0)
        try:
            return render(file, "pdf", what)
        except OutOfTime:
            raise TooManyViews(retry_after=RETRY_AFTER_S) from None
