"""A list tells of who gave up or was transferred: they are known, and neither enrolled anew nor corrected."""

from __future__ import annotations

from portfolio.documents import Candidacy, RosterImport
from portfolio.enrolment.rosters import roster_import
from tests.support.acts.enrolling import ZOE, come_back, enrolled, give_up, moved
from tests.support.worlds.world import World

TITLES = "Nom de naissance;Prénoms;N° candidat;Date de naissance;Courriel;Statut;Classe"
LINE = "Lefèvre;Zoé Marie;02012345678;12/04/2005;zoe.lefevre@exemple.fr;scolaire;TS2B"


def sent(world: World) -> RosterImport:
    data = f"{TITLES}\n{LINE}\n".encode()
    return roster_import.preview(world.actor(world.office), world.school, "2027", data, world.clock())


def test_who_gave_up_is_known_and_the_list_changes_nothing_of_them(world: World) -> None:
    zoe = enrolled(world)
    give_up(world, zoe)
    (row,) = (roster := sent(world)).rows
    assert (row["known"], row["changes"], row["errors"], row["homonyms"]) == (str(zoe.id), {}, {}, [])
    assert "a abandonné le 20/11/2026" in row["warnings"][0]
    roster_import.confirm(world.actor(world.office), roster, [], world.clock())
    assert Candidacy.objects(birth_name=ZOE["birth_name"]).count() == 1
    assert Candidacy.objects.get(pk=zoe.id).abandoned is not None


def test_who_came_back_is_corrected_again(world: World) -> None:
    zoe = enrolled(world)
    give_up(world, zoe)
    come_back(world, zoe)
    (row,) = sent(world).rows
    assert (row["known"], list(row["changes"])) == (str(zoe.id), ["division"])


def test_who_was_enrolled_anew_is_the_one_whom_the_list_tells_of(world: World) -> None:
    give_up(world, enrolled(world))
    again = enrolled(world, email="zoe.autre@exemple.fr")
    data = f"{TITLES}\n{LINE.replace('zoe.lefevre', 'zoe.autre')}\n".encode()
    (row,) = roster_import.preview(world.actor(world.office), world.school, "2027", data, world.clock()).rows
    assert row["known"] == str(again.id)


def test_who_was_transferred_is_known_and_stays_in_their_school(world: World) -> None:
    zoe = world.__dict__["candidacy"] = enrolled(world)
    school, _, _ = moved(world)
    (row,) = (roster := sent(world)).rows
    assert (row["known"], row["changes"], row["errors"]) == (str(zoe.id), {}, {})
    assert "a été transférée" in row["warnings"][0]
    roster_import.confirm(world.actor(world.office), roster, [], world.clock())
    assert Candidacy.objects(birth_name=ZOE["birth_name"]).count() == 1
    assert Candidacy.objects.get(pk=zoe.id).school == school.id
