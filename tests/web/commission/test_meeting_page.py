"""The meeting on the pages of a commission: recorded, asked about, with a second professor named on the spot."""

from __future__ import annotations

from datetime import timedelta
from html import unescape

from portfolio.commission.on_paper.blank_grids import code_of
from portfolio.documents import Commission
from tests.support.api.clients import Clients
from tests.support.api.requests import change
from tests.support.clock import MEETS_AT
from tests.support.filling import fill
from tests.support.worlds.commissions import convened
from tests.support.worlds.world import World
from tests.web.commission.commission_pages import at, decide, page


def test_a_meeting_on_another_day_is_asked_about_then_recorded(world: World, client_for: Clients) -> None:
    world.submit()
    commission = convened(world)
    client, held = client_for(world.follower), world.clock()
    typed = {"day": f"{held:%Y-%m-%d}", "hour": "09:30", "place": "Salle B12", "present": world.follower.id}
    alone = decide(client, commission, "meeting", **typed)
    assert alone.status_code == 422 and world.tutor.name in unescape(alone.text)
    typed["present"] = [str(person) for person in commission.members]
    asked = decide(client, commission, "meeting", **typed)
    assert asked.status_code == 409 and "La date est exacte" in unescape(asked.text)
    assert f"convoquée le {MEETS_AT:%d/%m/%Y}" in unescape(asked.text)
    assert decide(client, commission, "meeting", **typed | {"confirmed": "on"}).status_code == 303
    assert "Réunie le" in page(client, at(commission, "/accord"))
    assert "Réunie" in page(client_for(world.office), f"/classe/commissions/{commission.id}")


def test_a_tutor_records_the_meeting_and_seats_nobody(world: World, client_for: Clients) -> None:
    world.submit()
    commission = convened(world)
    text = page(client_for(world.tutor), at(commission, "/accord"))
    assert "Enregistrer la réunion" in text and "Le tuteur n'est pas venu" not in text
    professor = client_for(world.follower)
    assert "Le tuteur n'est pas venu" in page(professor, at(commission, "/accord"))
    typed = {"arriving": world.second_teacher.email, "reason": "Malade ce matin"}
    assert decide(professor, commission, "second", **typed).status_code == 303
    text = page(professor, at(commission, "/accord"))
    assert "siège à la place du tuteur" in text and "Malade ce matin" in text


def test_a_program_records_it_too(world: World, client_for: Clients) -> None:
    commission = convened(world)
    held = {"held_at": world.clock().isoformat(), "place": "Salle B12", "present": [str(world.follower.id)]}
    held["present"] += [str(world.tutor.id)]
    path = f"/commissions/{commission.id}/meeting"
    client = client_for(world.tutor)
    assert change(client, "POST", path, 1, held).json["code"] == "date_to_confirm"
    answer = change(client, "POST", path, 1, held | {"confirmed": True})
    assert (answer.status_code, answer.json["meeting"]["place"]) == (200, "Salle B12")
    stranger = change(client_for(world.candidate), "POST", path, 2, held)
    assert stranger.status_code == 404
    named = {"arriving": world.second_teacher.email, "reason": "Malade ce matin"}
    path = f"/commissions/{commission.id}/second-professor"
    assert change(client_for(world.follower), "POST", path, 2, named).json["meeting"] is None


def test_dates_that_look_like_slips_are_asked_about_before_they_are_fixed(world: World, client_for: Clients) -> None:
    world.submit()
    client, path = client_for(world.follower), f"/classe/candidats/{world.candidacy.id}/commission"
    past = world.clock() - timedelta(days=2)
    typed = {
        "day": f"{past:%Y-%m-%d}",
        "hour": "23:45",
        "minutes": "30",
        "place": "Salle B12",
        "professor": world.follower.id,
    }
    typed |= {f"second-{world.candidacy.id}": world.tutor.id}
    asked = fill(client, path, f"convene-{world.candidacy.id}", **typed)
    assert asked.status_code == 409 and "23 h 45 est une heure inhabituelle" in unescape(asked.text)
    assert "est déjà passé" in unescape(asked.text) and Commission.objects.count() == 0
    assert fill(client, path, f"convene-{world.candidacy.id}", **typed, anyway="on").status_code == 303
    commission = Commission.objects.get()
    moved = {"day": "2027-05-01", "hour": "10:00", "minutes": "30", "place": "Salle C3"}
    path = f"/classe/commissions/{commission.id}"
    asked = fill(client, path, f"move-{commission.id}", **moved)
    assert asked.status_code == 409 and "férié (Fête du Travail)" in unescape(asked.text)
    assert fill(client, path, f"move-{commission.id}", **moved, anyway="on").status_code == 303
    assert fill(client, path, f"move-{commission.id}", **moved | {"day": "0001-01-01"}).status_code == 422


def test_a_grid_filled_in_by_hand_is_keyed_by_its_code(world: World, client_for: Clients) -> None:
    commission = convened(world)
    office, member = client_for(world.office), client_for(world.tutor)
    every = office.get(f"/etablissement/{world.school.id}/grilles.pdf?session={world.session}")
    alone = member.get(f"/api/v1/commissions/{commission.id}/blank-grid.pdf")
    assert every.data[:5] == alone.data[:5] == b"%PDF-"
    assert client_for(world.candidate).get(f"/api/v1/commissions/{commission.id}/blank-grid.pdf").status_code == 404
    answer = member.get(f"/commissions?code={code_of(commission.id)}")
    assert (answer.status_code, answer.location) == (302, at(commission, "/accord"))
    assert "n'a ce code" in page(member, "/commissions?code=0000-0000")
