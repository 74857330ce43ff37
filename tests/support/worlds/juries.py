"""Sheets as a jury receives them, by the dozen, stored as an office left them; and what a jury does with them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from portfolio.documents import Candidacy, Jury, Person, Result, Sheet
from portfolio.documents.commissions import Signature
from portfolio.documents.fields import place_of
from portfolio.ids import new_id
from portfolio.jury import jury
from portfolio.sheet import build, printed_values
from portfolio.store.canonical_json import canonical
from portfolio.store.connections import Connections
from portfolio.store.digests import digest
from tests.sheet import cases
from tests.support.clock import MEETS_AT
from tests.support.worlds import commissions
from tests.support.worlds.prepared import begun
from tests.support.worlds.world import World

SIGNED_AT = MEETS_AT


def sheet_of(world: World, mark: str | None = "12", outcome: str | None = None, **changed: Any) -> Sheet:
    """A sheet of a new candidate (or `candidacy`), transmitted (or `state`), signed by `members`."""
    candidacy = changed.pop("candidacy", None) or world.new_candidacy()
    members: tuple[Person, ...] = changed.pop("members", (world.follower, world.second_teacher))
    number = changed.pop("number", f"{world.session}-{candidacy.candidate_number}")
    content = build.build(_printed(candidacy, number, mark, outcome))
    sheet = Sheet(
        id=new_id(),
        created_at=SIGNED_AT,
        **place_of(candidacy) | {"candidacy": candidacy.id},
        number=number,
        commission=new_id(),
        members=[person.id for person in members],
        content=canonical(content).decode(),
        digest=digest(content),
        proposed_mark=Decimal(mark) if mark is not None else None,
        outcome=outcome,
        signatures=[_signature(person, digest(content)) for person in members],
        state="transmitted",
        transmitted_at=SIGNED_AT,
    )
    for name, value in changed.items():
        setattr(sheet, name, value)
    sheet.save()
    return sheet


def _printed(candidacy: Candidacy, number: str, mark: str | None, outcome: str | None) -> printed_values.SheetInput:
    named = printed_values.Candidate(
        number=candidacy.candidate_number,
        birth_name=candidacy.birth_name,
        usage_name="",
        given_names=candidacy.given_names,
        birth_date=date.fromisoformat(candidacy.birth_date),
        status="Étudiante",
    )
    return cases.plain(
        number=number,
        session_code=candidacy.session,
        rehearsal=candidacy.session.endswith("R"),
        candidate=named,
        mark=printed_values.SheetMark(Decimal(mark), Decimal("0.5")) if mark is not None else None,
        outcome=printed_values.SheetOutcome(outcome, "Portfolio non remis") if outcome else None,
    )


def _signature(person: Person, digest: str) -> Signature:
    return Signature(person=person.id, name=person.name, quality="professeur", digest=digest, at=SIGNED_AT)


REASON = "Harmonisation entre établissements"


def decide(world: World, sheet: Sheet, mark: Any = "12", reason: str | None = None) -> Result:
    return jury.set_final_mark(world.actor(world.jury_member), fresh(sheet), mark, reason, world.clock())


def decided(world: World) -> World:
    """One candidate, from a piece to a mark that the jury changed a day later, by every verb."""

    def make() -> Result:
        the_jury(world)
        sheet = commissions.transmitted(world)
        world.clock.advance(days=1)  # type: ignore[attr-defined]
        return decide(world, sheet, "15", "Harmonisation")

    begun(world, "decided", make)
    return world


def confirm(world: World) -> Jury:
    return jury.confirm_proposals(world.actor(world.jury_member), the_jury(world), world.clock())


def publish(world: World, leaving_out: str | None = None) -> Jury:
    return jury.publish(world.actor(world.jury_member), the_jury(world), leaving_out, world.clock())


def fresh(sheet: Sheet) -> Sheet:
    return Sheet.objects.get(pk=sheet.id)


def the_jury(world: World) -> Jury:
    return Jury.objects.get(pk=world.jury.id)


def links(store: Connections, chain: str) -> list[dict[str, Any]]:
    return list(store.database.events.find({"chain": chain}).sort("seq", 1))
