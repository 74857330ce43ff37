"""A tutor whose name was written wrong is called right from then on; what they signed keeps the name of the day."""

from __future__ import annotations

import pytest

from portfolio.audit.verify_all import check_everything
from portfolio.documents import Attestation, Commission, Link, Person, Placement
from portfolio.enrolment.moves import tutor_names
from portfolio.enrolment.moves.tutor_names import TutorNames
from portfolio.errors import Forbidden, Invalid, NotFound
from tests.support.acts.asking import answer, ask
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds import commissions
from tests.support.worlds.commissions import with_password
from tests.support.worlds.world import World

RIGHT: TutorNames = {"family_name": "Bodénez", "given_names": "Ronan", "function": "Agent général"}


def corrected(world: World, by: Person | None = None, **changed: str) -> Placement:
    placement = Placement.objects.get(pk=world.placement.id)
    values: TutorNames = {**RIGHT, **changed}  # type: ignore[typeddict-item]
    return tutor_names.correct_tutor_names(world.actor(by or world.follower), placement, values, world.clock())


def test_the_period_and_the_account_bear_the_name_and_what_was_signed_keeps_its_own(world: World) -> None:
    ask(world)
    answer(world)
    signed = Attestation.objects.get().signer_name
    placement = corrected(world)
    assert (placement.tutor_name, placement.tutor_function) == ("Ronan Bodénez", "Agent général")
    assert Person.objects.get(pk=world.tutor.id).name == "Ronan Bodénez"
    assert Attestation.objects.get().signer_name == signed != "Ronan Bodénez"
    link = Link.objects.get(name="tutor_name_corrected")
    assert link.chain == f"portfolio:{world.candidacy.id}" and "Bodénez" not in str(link.data)


def test_what_waits_is_asked_of_the_right_name_and_signed_under_it(world: World) -> None:
    ask(world)
    corrected(world)
    waiting = Attestation.objects.get()
    assert (waiting.signer_name, waiting.signer_function) == ("Ronan Bodénez", "Agent général")
    answer(world)
    assert Attestation.objects.get().signer_name == "Ronan Bodénez"
    assert [fault for fault in check_everything() if "la personne" not in fault.words] == []


def test_a_seat_bears_the_name_that_the_account_has(world: World) -> None:
    commissions.convened(world, second=world.placement.tutor)
    corrected(world)
    assert "Ronan Bodénez" in [seat.name for seat in Commission.objects.get().seats]
    with_password(world.tutor)
    corrected(world, family_name="Le Bodénez")
    assert "Ronan Bodénez" in [seat.name for seat in Commission.objects.get().seats]
    assert [fault for fault in check_everything() if "la personne" not in fault.words] == []


def test_an_account_in_use_keeps_its_own_name(world: World) -> None:
    before = with_password(world.tutor).name
    assert corrected(world, world.office).tutor_name == "Ronan Bodénez"
    assert Person.objects.get(pk=world.tutor.id).name == before


def test_who_follows_or_runs_the_office_corrects_it_and_nobody_else(world: World) -> None:
    corrected(world)
    for stranger, refused in ((world.tutor, Forbidden), (world.candidate, Forbidden), (world.jury_member, NotFound)):
        with pytest.raises(refused):
            corrected(world, stranger)
    with pytest.raises(Invalid) as wrong:
        corrected(world, family_name="=1+1")
    assert list(wrong.value.errors) == ["family_name"]


def test_it_is_corrected_on_the_page_of_the_period(world: World, client_for: Clients) -> None:
    teacher, page = client_for(world.follower), f"/classe/periodes/{world.placement.id}"
    assert fill(teacher, page, f"named-{world.placement.id}", **RIGHT).status_code == 303
    assert "Ronan Bodénez, Agent général" in shown(teacher, page)
