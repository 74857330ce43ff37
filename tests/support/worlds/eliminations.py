"""Portfolios whose time of keeping is over, and slips of elimination, made by the real verbs."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from portfolio.archive import eliminate, slips
from portfolio.documents import Candidacy, EliminationSlip, Jury, Placement, Portfolio, Sheet
from portfolio.enrolment.certificates import deposits
from portfolio.evidence import drafts, feedback
from portfolio.ids import new_id
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.sign_offs import reality
from portfolio.sign_offs.answering import paper
from portfolio.store.chains import Event
from portfolio.store.journal import Insert, commit
from tests.conftest import Clock
from tests.support.clock import MEETS_AT
from tests.support.mails.mailbox import deliver
from tests.support.worlds.juries import confirm, publish, sheet_of
from tests.support.worlds.world import PDF, World

PUBLISHED = MEETS_AT + timedelta(days=85, hours=-2)
LONG_AFTER = MEETS_AT + timedelta(days=638, hours=-2)
REALITY = "Les relances ont été faites sur des dossiers réels."
VISA = {"reference": "AD69-2029-14", "given_on": "2029-01-09", "given_by": "directrice des archives départementales"}


def full(world: World) -> Candidacy:
    """The world's candidacy with one of everything that an elimination must find, submitted."""
    filled(world)
    world.submit()
    return world.candidacy


def filled(world: World) -> None:
    piece = world.new_piece()
    world.upload(piece)
    world.sign_off()
    teacher = world.actor(world.follower)
    feedback.give(teacher, piece, 1, "Montrez la relance envoyée.", world.clock())
    paper.deposit_scan(teacher, world.placement, PDF, None, world.clock())
    placement = Placement.objects.get(pk=world.placement.id)
    deposits.deposit(world.actor(world.tutor), placement, PDF, "Certificat de Léa.pdf", world.clock())
    reality.write(teacher, world.placement, REALITY, world.clock())
    unsent = {"title": ["Une relance jamais envoyée"]}
    drafts.keep(world.actor(world.candidate), "/portfolio", f"piece-{piece.id}", unsent, world.clock())


def published(world: World, clock: Clock, *candidacies: Candidacy) -> None:
    """Results of these candidates; then time goes by until the rule of the circular is met."""
    _ = world.jury
    for one in candidacies:
        if not Sheet.objects(candidacy=one.id).first():
            sheet_of(world, candidacy=one)
    clock.now = PUBLISHED
    confirm(world)
    publish(world, leaving_out="Les autres attendent leur commission")
    here = {"academy": world.academy.code, "academies": [world.academy.code], "exam": BTS_ASSURANCE_E5}
    of_2028 = here | {"session": "2028", "name": "Jury de Lyon"}
    next_jury = Jury(id=new_id(), created_at=PUBLISHED, published_at=PUBLISHED.replace(year=2028), **of_2028)
    commit([Insert(next_jury)], Event("test:juries", "tested", "system", PUBLISHED, world.academy))
    clock.now = LONG_AFTER


def drawn_up(world: World) -> EliminationSlip:
    return slips.draw_up(world.actor(world.office), world.school, world.session, world.clock())


def approved(world: World, slip: EliminationSlip) -> EliminationSlip:
    return slips.record_visa(world.actor(world.office), slip, dict(VISA), world.clock())


def asked_for(world: World) -> EliminationSlip:
    """A slip with its visa, whose elimination waits for the worker."""
    slip = approved(world, drawn_up(world))
    return eliminate.eliminate(world.actor(world.office), slip, slip.number, world.clock())


def eliminated(world: World, clock: Clock) -> EliminationSlip:
    """A slip that was carried out."""
    slip = asked_for(world)
    deliver(clock)
    return again(slip)


def again(thing: Any) -> Any:
    return type(thing).objects.get(pk=thing.pk)


def portfolio_of(candidacy: Candidacy) -> Portfolio:
    return Portfolio.objects.get(pk=candidacy.id)
