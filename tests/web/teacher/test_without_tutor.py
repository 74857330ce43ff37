"""A period without a tutor, as its pages show it: entered, read by the candidate, named and left again."""

from __future__ import annotations

import re

from flask.testing import FlaskClient

from portfolio.documents import Activity, Placement
from portfolio.evidence import deposit
from tests.support.api.clients import Clients
from tests.support.filling import fill, shown
from tests.support.worlds.world import World

STAY = {"kind": "stage", "starts_on": "2026-05-18", "ends_on": "2026-06-26", "days": "29"}
NAMED = {"given_names": "Claude", "family_name": "Petit", "email": "claude.petit@assureur.fr"}


def added(world: World, client: FlaskClient) -> Placement:
    page = f"/classe/candidats/{world.candidacy.id}/periodes/nouvelle"
    answer = fill(client, page, f"placement-new-{world.candidacy.id}", company=str(world.company.id), **STAY)
    assert answer.status_code == 303
    assert "Tuteur à désigner" in shown(client, answer.location)
    placement: Placement = Placement.objects.get(candidacy=world.candidacy.id, tutor=None)
    return placement


def text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", page)).replace("\u202f", " ").replace("\xa0", " ")


def test_a_period_is_added_without_a_tutor_and_one_is_named_from_its_page(world: World, client_for: Clients) -> None:
    client = client_for(world.follower)
    placement = added(world, client)
    page = f"/classe/periodes/{placement.id}"
    answer = fill(client, page, f"tutor-{placement.id}", **NAMED)
    assert "tuteur est enregistré" in shown(client, answer.location)
    assert Placement.objects.get(pk=placement.id).tutor_name == "Claude Petit"
    answer = fill(client, page, f"left-{placement.id}")
    assert "tuteur à désigner" in text(shown(client, answer.location))
    assert Placement.objects.get(pk=placement.id).tutor is None


def test_a_tutor_typed_in_part_is_not_left_out_in_silence(world: World, client_for: Clients) -> None:
    client, page = client_for(world.follower), f"/classe/candidats/{world.candidacy.id}/periodes/nouvelle"
    part = {"tutor.given_names": "Claude"}
    answer = fill(client, page, f"placement-new-{world.candidacy.id}", company=str(world.company.id), **STAY, **part)
    assert answer.status_code == 422
    assert Placement.objects(candidacy=world.candidacy.id).count() == 0


def test_everybody_reads_that_the_tutor_is_to_be_named(world: World, client_for: Clients) -> None:
    placement = added(world, client_for(world.follower))
    moved = {"placement": placement.id}
    deposit.amend_activity(world.actor(world.candidate), world.activity, moved, world.clock())
    world.new_piece(Activity.objects.get(pk=world.activity.id))
    candidate, page = client_for(world.candidate), f"/portfolio/activite/{world.activity.id}"
    assert "Tuteur à désigner : votre demande est gardée" in text(shown(candidate, page))
    answer = fill(candidate, page, f"ask-tutor-{world.activity.id}")
    words = text(shown(candidate, answer.location))
    assert "rien ne part avant" in words and "Demandée : tuteur à désigner" in words
    assert "None" not in words
    several = text(shown(candidate, f"/portfolio/{world.candidacy.id}/activites"))
    assert "Tuteur : à désigner" in several and "tuteur à désigner, ce qui lui est demandé attend" in several
    of_teacher = text(shown(client_for(world.follower), f"/classe/candidats/{world.candidacy.id}"))
    assert "Tuteur : à désigner" in of_teacher and "tuteur à désigner, la demande part" in of_teacher
    paper = text(shown(client_for(world.follower), f"/classe/periodes/{placement.id}/papier"))
    assert "Tuteur à désigner" in paper
    office = client_for(world.office)
    home = text(shown(office, "/etablissement"))
    assert "Tuteur à désigner : les demandes" in home
    assert f"/classe/periodes/{placement.id}" in shown(office, "/etablissement")
    assert "à désigner" in text(shown(office, f"/etablissement/candidats/{world.candidacy.id}"))
    for page in (several, of_teacher, home):
        assert "None" not in page
