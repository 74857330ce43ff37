"""A candidate of the world who is enrolled again, for the session after: with a portfolio full of the first."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.documents import Candidacy, Evidence, EvidenceFile, Person, Portfolio, School
from portfolio.enrolment import enrol
from portfolio.sign_offs.answering import status
from portfolio.sign_offs.reuse import taking
from tests.support.worlds.world import World

NEXT = "2028"


def worked(world: World) -> Evidence:
    """A piece of the first session with a file, signed off by tutor and teacher."""
    piece = world.new_piece()
    world.upload(piece)
    world.sign_off()
    return Evidence.objects.get(pk=piece.id)


def enrolled_again(world: World, school: School | None = None, session: str = NEXT) -> Portfolio:
    """The portfolio of the same person for the next session, in the same school or another one."""
    if school is None:
        again = world.new_candidacy(session=session, email=world.candidate.email, birth_name=world.candidacy.birth_name)
    else:
        office = world.actor(world.new_office(school))
        values = {
            "session": session,
            "birth_name": world.candidacy.birth_name,
            "given_names": "Zoé",
            "birth_date": "2005-04-12",
        }
        values |= {"email": world.candidate.email, "status": "scolaire", "candidate_number": "02999999999"}
        again = enrol.enrol(office, school, values, world.clock())
    return portfolio_of(again)


def portfolio_of(candidacy: Candidacy) -> Portfolio:
    return Portfolio.objects.get(pk=candidacy.id)


def take(world: World, portfolio: Portfolio, *pieces: Evidence) -> Sequence[Evidence]:
    by = world.actor(Person.objects.get(pk=world.candidate.id))
    fresh = Portfolio.objects.get(pk=portfolio.id)
    return taking.reuse(by, fresh, [piece.id for piece in pieces], world.clock())


def file_of(piece: Evidence) -> EvidenceFile:
    return EvidenceFile.objects.get(evidence=piece.id, removed_at=None)


def seats(portfolio: Portfolio) -> list[tuple[str, str]]:
    return [(one.tutor.status, one.teacher.status) for one in status.sign_offs(portfolio.candidacy).activities]
