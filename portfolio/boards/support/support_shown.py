"""What support is shown of a person who calls: states, counts and days, and no words of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from portfolio.rules.terms import SignOffSeat


@dataclass(frozen=True)
class AccountStates:
    """Days are those of the academy. last_sign_in_on: of a tutor and nothing else, the last one to confirm activities,
    which no commission causes. address_failed_on: since when no mail leaves to the address.

    state, authenticator: None for a tutor and nothing else, whom a commission alone gives an account; a suspension is
    told all the same.
    """

    state: str | None
    last_sign_in_on: date | None
    address_failed_on: date | None
    address_delayed_on: date | None
    authenticator: bool | None


@dataclass(frozen=True)
class MailState:
    """A mail to the person. state: waiting (leaves on that day), late (was not taken yet, and is tried again on that
    day), overdue (nobody has taken it since that day: no worker is at work) or failed (on that day).
    """

    kind: str
    state: str
    on: date


@dataclass(frozen=True)
class SeatCounts:
    """The activities whose sign-off, in this seat, waits for an answer, has one, or went stale."""

    seat: SignOffSeat
    waiting: int
    answered: int
    stale: int


@dataclass(frozen=True)
class RefusedUploads:
    code: str
    count: int


@dataclass(frozen=True)
class CandidacyStates:
    session: str
    school_name: str
    school_city: str
    division: str | None
    portfolio: str
    pieces_draft: int
    pieces_ready: int
    pieces_withdrawn: int
    sign_offs: tuple[SeatCounts, ...]
    uploads_pending: int
    uploads_refused: tuple[RefusedUploads, ...]


@dataclass(frozen=True)
class AskedOfThem:
    """The sign-offs that this person was asked for in the academy."""

    waiting: int
    answered: int


@dataclass(frozen=True)
class PersonStates:
    """roles: those of the academy."""

    family_name: str
    given_names: str
    roles: tuple[str, ...]
    account: AccountStates
    mails: tuple[MailState, ...]
    candidacies: tuple[CandidacyStates, ...]
    asked_of_them: AskedOfThem
