"""Makes links in mails, by which a tutor signs off without an account: opaque, reusable until expiry, revocable.

Fetching a link, as mail scanners do, has no effect; pressing its button opens a short sign-in with only the rights of a
tutor (`relations.SIGN_OFFS_ALONE`), so that the token leaves the address bar.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from bson import ObjectId

from portfolio.documents import AskedWay, Person, SignIn, SignOffLink
from portfolio.documents.people import WITHOUT_PASSWORD, PersonState, SignInWay
from portfolio.errors import NotNow
from portfolio.identity.client_fingerprint import Origin
from portfolio.ids import new_id, new_token, token_hash
from portfolio.store.chains import Event
from portfolio.store.event_names import EventName
from portfolio.store.journal import AnyChange, Change, ChangeAll, Insert, commit

LINK_LASTS = timedelta(days=45)
VISIT_LASTS = timedelta(hours=2)


class LinkOver(NotNow):
    code = "link_over"
    detail = "Ce lien ne s'ouvre plus. Demandez-en un nouveau : il arrive par courriel en quelques instants."


class LinkState(StrEnum):
    OPEN = "open"
    EXPIRED = "expired"
    REVOKED = "revoked"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class LinkView:
    """The state of a token. link: None if unknown."""

    state: LinkState
    link: SignOffLink | None


def issue(person_id: ObjectId, purpose: str, at: datetime, *, row_id: ObjectId | None = None) -> str:
    """Writes a new link, valid LINK_LASTS, and returns its token, which is not stored. purpose: what its mail is for.
    row_id: the outbox row of that mail.
    """
    token = new_token()
    link = SignOffLink(
        id=new_id(),
        created_at=at,
        person=person_id,
        purpose=purpose,
        token_hash=token_hash(token),
        row=row_id,
        expires_at=at + LINK_LASTS,
    )
    data = {"purpose": purpose, "row": str(row_id) if row_id else None}
    commit([Insert(link)], Event(f"person:{person_id}", EventName.SIGN_OFF_LINK_ISSUED, "system", at, link, data))
    return token


def revoke_all(person_id: ObjectId, because: str, at: datetime) -> None:
    """Revokes every link and code of this person, and ends the sign-ins opened by them.

    For a wrong address, or a mailbox that no longer belongs to the person. because: a code, stored on each link.
    """
    person = Person.objects.get(pk=person_id)
    data = {"because": because}
    commit(
        revocation(person.id, because, at),
        Event(f"person:{person.id}", EventName.SIGN_OFF_LINKS_REVOKED, "system", at, person, data),
    )


def revocation(person_id: ObjectId, because: str, at: datetime) -> list[ChangeAll]:
    """Returns the changes, not yet written, of `revoke_all`, for an act that has other changes. because: a code, stored
    on each link.
    """
    live = {"person": person_id, "revoked_at": None}
    visits = {"person": person_id, "ended_at": None, "way": {"$in": list(WITHOUT_PASSWORD)}}
    asked = {"person": person_id, "used_at": None}
    return [
        ChangeAll(SignOffLink, live, {"revoked_at": at, "revoked_because": because}),
        ChangeAll(SignIn, visits, {"ended_at": at}),
        ChangeAll(AskedWay, asked, {"used_at": at}),
    ]


def view_of(token: str, at: datetime) -> LinkView:
    """Returns the state of this token and its link (None if unknown). Only reads."""
    link = SignOffLink.objects(token_hash=token_hash(token)).first()
    if link is None:
        return LinkView(LinkState.UNKNOWN, None)
    if link.revoked_at is not None or Person.objects(pk=link.person, state=PersonState.SUSPENDED).only("id").first():
        return LinkView(LinkState.REVOKED, link)
    return LinkView(LinkState.EXPIRED if link.expires_at <= at else LinkState.OPEN, link)


def open_link(token: str, came_from: Origin, at: datetime) -> tuple[SignIn, str]:
    """Returns (sign-in, its token), written, once the button of the link was pressed; a link may be opened several
    times. Raises LinkOver (unknown, revoked, expired, or of a suspended person).
    """
    view = view_of(token, at)
    if view.state != LinkState.OPEN or view.link is None:
        raise LinkOver()
    link = view.link
    visit, visit_token = new_visit(link.person, SignInWay.LINK, link.id, came_from, at)
    changes: list[AnyChange] = [Insert(visit), Change(link, {"opened_at": link.opened_at or at}, {}, _live(), True)]
    event = Event(f"person:{link.person}", EventName.SIGN_OFF_LINK_OPENED, str(link.person), at, link)
    try:
        commit(changes, event)
    except NotNow:
        raise LinkOver() from None
    return visit, visit_token


def _live() -> dict[str, Any]:
    return {"revoked_at": None}


def new_visit(
    person_id: ObjectId, way: str, opened_by: ObjectId, came_from: Origin, at: datetime
) -> tuple[SignIn, str]:
    """Returns a sign-in for VISIT_LASTS, not yet written, and its token. way: one of WITHOUT_PASSWORD. opened_by: id of
    the link or of the request for a code.
    """
    token = new_token()
    visit = SignIn(
        id=new_id(),
        created_at=at,
        person=person_id,
        token_hash=token_hash(token),
        way=way,
        opened_by=opened_by,
        network=came_from.network,
        device=came_from.device,
        browser=came_from.browser,
        expires_at=at + VISIT_LASTS,
    )
    return visit, token
