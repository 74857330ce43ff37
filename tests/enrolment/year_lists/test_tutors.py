"""Tutors alone by a list: named where nobody is, completed, corrected where the office says so, and taken back."""

from __future__ import annotations

from typing import Any

import pytest

from portfolio.documents import Candidacy, Company, ListImport, Person, Placement
from portfolio.enrolment.moves.tutor_names import correct_tutor_names
from portfolio.enrolment.placements import add_placement, end_tutoring, replace_tutor
from portfolio.enrolment.undoing.list_undo import undo
from portfolio.enrolment.year_lists.sheets import ListOf
from portfolio.enrolment.year_lists.year import YearLists
from portfolio.store.connections import Connections
from tests.conftest import Clock
from tests.enrolment.year_lists.test_year import WHOLE_YEAR, added, book, faults, shown, states
from tests.support.acts.asking import ask
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds.world import World

DAYS = {"starts_on": "2026-05-18", "ends_on": "2026-06-26"}
TUTORS = (
    "Candidat;Entreprise;Nom du tuteur;Prénom du tuteur;Fonction;Mél du tuteur\r\n"
    "ABGRALL Adèle;Cabinet Morvan;BODÉNEZ;Ronan;Gérant;ronan@morvan.example\r\n"
    "BENALI Bilal;Mutuelle du Ponant;COZIC;Sylvie;;\r\n"
).encode("cp1252")
OF_COMPANIES = (
    "Nom;Prénom;Mél;Société;Ville\r\nBODÉNEZ;Ronan;ronan@morvan.example;Cabinet Morvan;Quimper\r\n"
).encode()


@pytest.fixture
def periods(world: World) -> dict[str, Placement]:
    """Two candidates, each with a period without tutor."""
    made: dict[str, Placement] = {}
    for birth_name, given_names, name, city in (
        ("Abgrall", "Adèle", "Cabinet Morvan", "Quimper"),
        ("Benali", "Bilal", "Mutuelle du Ponant", "Brest"),
    ):
        candidacy = world.new_candidacy(birth_name=birth_name, given_names=given_names, followed=False)
        company = Company(created_at=world.clock(), school=world.school.id, name=name, city=city).save()
        values = {
            "company": company.id,
            "kind": "stage",
            "days": 20,
            "starts_on": "2026-05-18",
            "ends_on": "2026-06-26",
        }
        made[birth_name] = add_placement(world.actor(world.office), candidacy, values, world.clock())  # type: ignore[arg-type]
    return made


def tutors(year: YearLists) -> list[str]:
    return states(year, ListOf.TUTORS)


def seat(placement: Placement) -> tuple[Any, ...]:
    now = Placement.objects.get(pk=placement.id)
    person = Person.objects(pk=now.tutor).first()
    return now.tutor_name, now.tutor_function, person.email if person else None


def with_tutor(world: World, placement: Placement, **values: Any) -> None:
    named = {"family_name": "Le Gall", "given_names": "Yann", "email": None, "function": None} | values
    replace_tutor(world.actor(world.office), Placement.objects.get(pk=placement.id), named, world.clock())  # type: ignore[arg-type]


def test_tutors_are_shown_then_named(world: World, periods: dict[str, Placement]) -> None:
    assert tutors(shown(world, TUTORS)) == ["ready", "ready"]
    assert seat(periods["Abgrall"]) == (None, None, None)
    assert tutors(added(world, TUTORS)) == ["added", "added"]
    assert seat(periods["Abgrall"]) == ("Ronan BODÉNEZ", "Gérant", "ronan@morvan.example")
    assert seat(periods["Benali"]) == ("Sylvie COZIC", None, None)


def test_the_same_tutors_again_change_nothing(world: World, periods: dict[str, Placement]) -> None:
    added(world, TUTORS)
    before = [Placement.objects.get(pk=one.id).revision for one in periods.values()], Person.objects.count()
    again = added(world, TUTORS)
    assert tutors(again) == ["known", "known"] and again.written is None
    now = [Placement.objects.get(pk=one.id).revision for one in periods.values()], Person.objects.count()
    assert now == before


def test_people_of_companies_are_the_tutors_there(world: World, periods: dict[str, Placement]) -> None:
    assert tutors(added(world, OF_COMPANIES)) == ["added"]
    assert seat(periods["Abgrall"]) == ("Ronan BODÉNEZ", None, "ronan@morvan.example")
    assert seat(periods["Benali"])[0] is None


@pytest.mark.parametrize(
    "titles",
    [
        "Stagiaire;Organisme d'accueil;Maître de stage;;Qualité;Mail tuteur",
        "Apprenti;Employeur;Nom du maître d'apprentissage;Prénom du maître d'apprentissage;Fonction;Courriel",
        "Élève;Raison sociale;Tuteur;Prénom tuteur;Poste tuteur;Adresse mail",
    ],
)
def test_columns_are_recognised_by_many_names(world: World, periods: dict[str, Placement], titles: str) -> None:
    name = "Ronan BODÉNEZ;" if ";;" in titles else "BODÉNEZ;Ronan"
    data = f"{titles}\r\nABGRALL Adèle;Cabinet Morvan;{name};Gérant;ronan@morvan.example\r\n".encode()
    assert tutors(added(world, data)) == ["added"]
    assert seat(periods["Abgrall"]) == ("Ronan BODÉNEZ", "Gérant", "ronan@morvan.example")


def test_lists_of_others_stay_what_they_are(world: World) -> None:
    pronote = "Élèves;Né(e) le;Tuteur;Classe de rattachement\r\nABGRALL Adèle;23/05/2006;M. X;2BTSA1\r\n".encode()
    companies = b"Raison sociale;SIRET;Ville;Tuteur\r\nMorvan;95690795000011;Quimper;Ronan\r\n"
    kinds = [sheet.source.kind for sheet in shown(world, pronote, companies).sheets]
    assert kinds == [ListOf.CANDIDATES, ListOf.COMPANIES]


def test_wrong_lines_say_what_to_do_and_are_corrected_on_the_page(world: World, periods: dict[str, Placement]) -> None:
    lines = (
        "Candidat;Entreprise;Nom du tuteur;Prénom du tuteur;Mél du tuteur\r\n"
        "ABGRALL Adèle;Nulle part;BODÉNEZ;Ronan;\r\n"
        "Personne Inconnue;Cabinet Morvan;BODÉNEZ;Ronan;\r\n"
        ";;BODÉNEZ;Ronan;\r\n"
        "BENALI Bilal;;;;pas une adresse\r\n"
    ).encode()
    assert faults(shown(world, lines)) == [["company"], ["candidate"], ["company"], ["tutor", "tutor_email"]]
    typed = {0: {5: {"tutor": "COZIC", "tutor_given_names": "Sylvie", "tutor_email": ""}}}
    assert tutors(added(world, lines, cells=typed)) == ["wrong", "wrong", "wrong", "added"]
    assert seat(periods["Benali"]) == ("Sylvie COZIC", None, None)


def test_two_tutors_of_one_company_say_whose_each_is(world: World, periods: dict[str, Placement]) -> None:
    two = OF_COMPANIES + b"COZIC;Sylvie;;Cabinet Morvan;Quimper\r\n"
    year = added(world, two)
    assert tutors(year) == ["added", "wrong"]
    assert "ligne 2" in year.sheets[0].lines[1].row.errors["tutor"][0]


def test_an_address_that_comes_later_completes_the_tutor(world: World, periods: dict[str, Placement]) -> None:
    with_tutor(world, periods["Benali"], family_name="Cozic", given_names="Sylvie")
    later = TUTORS.replace(b"COZIC;Sylvie;;", b"COZIC;Sylvie;Cheffe;sylvie@ponant.example")
    assert tutors(shown(world, later)) == ["ready", "ready"]
    assert tutors(added(world, later))[1] in ("added", "corrected")
    assert seat(periods["Benali"]) == ("Sylvie Cozic", "Cheffe", "sylvie@ponant.example")
    assert tutors(added(world, later)) == ["known", "known"]


def test_what_differs_is_shown_and_only_what_is_ticked_is_corrected(
    world: World, periods: dict[str, Placement]
) -> None:
    with_tutor(world, periods["Abgrall"], email="yann@morvan.example")
    added(world, TUTORS)
    amended = TUTORS.replace(b"COZIC;Sylvie;;", b"COZIC;Sylvie;Cheffe;")
    with_tutor(world, periods["Benali"], family_name="Cozic", given_names="Sylvie", email="s@p.fr", function="Agent")
    year = added(world, amended)
    assert tutors(year) == ["differs", "differs"]
    assert [line.differs for line in year.sheets[0].lines] == [
        {"tutor": ["Yann Le Gall", "Ronan BODÉNEZ"]},
        {"tutor_function": ["Agent", "Cheffe"]},
    ]
    assert seat(periods["Abgrall"])[0] == "Yann Le Gall"
    assert tutors(added(world, amended, amend={0: {2: ["tutor"]}})) == ["corrected", "differs"]
    assert seat(periods["Abgrall"]) == ("Ronan BODÉNEZ", "Gérant", "ronan@morvan.example")
    assert seat(periods["Benali"])[1] == "Agent"
    assert tutors(added(world, amended, amend={0: {3: ["tutor_function"]}})) == ["known", "corrected"]
    assert seat(periods["Benali"])[1] == "Cheffe"


RONAN = {"family_name": "BODÉNEZ", "given_names": "Ronan", "email": "ronan@morvan.example"}


def second_period(world: World, first: Placement) -> Placement:
    values = {"company": first.company, "kind": "stage", "days": 20, "starts_on": "2026-01-05", "ends_on": "2026-01-30"}
    candidacy = Candidacy.objects.get(pk=first.candidacy)
    return add_placement(world.actor(world.office), candidacy, values, world.clock())  # type: ignore[arg-type]


def test_what_completes_one_period_corrects_no_other_that_is_not_ticked(
    world: World, periods: dict[str, Placement]
) -> None:
    first = periods["Abgrall"]
    second = second_period(world, first)
    with_tutor(world, first, **RONAN, function="Directeur")
    with_tutor(world, second, **RONAN)
    assert tutors(added(world, TUTORS))[0] == "added"
    assert [seat(period)[1] for period in (first, second)] == ["Directeur", "Gérant"]
    assert added(world, TUTORS, amend={0: {2: ["tutor_function"]}}).written is not None
    assert [seat(period)[1] for period in (first, second)] == ["Gérant", "Gérant"]


def test_an_address_that_completes_one_account_corrects_no_other_that_is_not_ticked(
    world: World, periods: dict[str, Placement]
) -> None:
    first = periods["Abgrall"]
    second = second_period(world, first)
    with_tutor(world, first, **(RONAN | {"email": "autre@morvan.example"}))
    with_tutor(world, second, **(RONAN | {"email": None}))
    assert faults(added(world, TUTORS))[0] == []
    assert [seat(period)[2] for period in (first, second)] == ["autre@morvan.example", "ronan@morvan.example"]


def test_a_function_that_comes_later_leaves_the_name_as_the_period_has_it(
    world: World, periods: dict[str, Placement]
) -> None:
    with_tutor(world, periods["Abgrall"], **(RONAN | {"family_name": "Bodenez Le Gall"}))
    Person.objects(email=RONAN["email"]).update(set__password="used")
    placement = Placement.objects.get(pk=periods["Abgrall"].id)
    correct_tutor_names(
        world.actor(world.office), placement, {"family_name": "BODÉNEZ", "given_names": "Ronan"}, world.clock()
    )
    assert tutors(added(world, TUTORS))[0] == "added"
    assert seat(placement)[:2] == ("Ronan BODÉNEZ", "Gérant")
    assert undone(world) == {}
    assert seat(placement)[:2] == ("Ronan BODÉNEZ", None)


def test_names_that_an_account_in_use_does_not_bear_are_taken_back_too(
    world: World, periods: dict[str, Placement]
) -> None:
    with_tutor(world, periods["Abgrall"], **(RONAN | {"family_name": "Le Gall", "function": "Gérant"}))
    Person.objects(email=RONAN["email"]).update(set__password="used")
    assert tutors(added(world, TUTORS, amend={0: {2: ["tutor"]}}))[0] == "corrected"
    assert seat(periods["Abgrall"])[0] == "Ronan BODÉNEZ"
    assert undone(world) == {}
    assert seat(periods["Abgrall"])[0] == "Ronan Le Gall"


def test_a_tutor_of_the_same_address_is_called_otherwise_not_replaced(
    world: World, periods: dict[str, Placement]
) -> None:
    with_tutor(world, periods["Abgrall"], family_name="Bodenes", given_names="Ronan", email="ronan@morvan.example")
    person = Placement.objects.get(pk=periods["Abgrall"].id).tutor
    assert tutors(added(world, TUTORS, amend={0: {2: ["tutor"]}})) == ["corrected", "added"]
    assert Placement.objects.get(pk=periods["Abgrall"].id).tutor == person
    assert seat(periods["Abgrall"]) == ("Ronan BODÉNEZ", "Gérant", "ronan@morvan.example")


def test_an_address_of_somebody_else_names_nobody(world: World, periods: dict[str, Placement]) -> None:
    theirs = TUTORS.replace(b"ronan@morvan.example", world.office.email.encode())
    assert faults(added(world, theirs)) == [["tutor_email"], []]
    assert seat(periods["Abgrall"])[0] is None


def test_tutors_come_with_the_year(world: World) -> None:
    later = (
        WHOLE_YEAR["stages"][0][:5],
        *(row[:5] for row in WHOLE_YEAR["stages"][1:]),
    )
    sheet = (
        ("Élève", "SIRET", "Tuteur", "Mél tuteur"),
        ("ABGRALL Adèle", 95690795000011, "Ronan BODÉNEZ", "ronan@morvan.example"),
        ("BENALI Bilal", 95825379100015, "Sylvie COZIC", None),
    )
    files = book(**{**WHOLE_YEAR, "stages": later}, tuteurs=sheet)
    assert tutors(shown(world, files)) == ["ready", "ready"] and faults(shown(world, files)) == [[]] * 8
    assert tutors(added(world, files)) == ["added", "added"]
    named = {one.company_name: one.tutor_name for one in Placement.objects}
    assert named == {"Cabinet Morvan Assurances": "Ronan BODÉNEZ", "Mutuelle du Ponant": "Sylvie COZIC"}
    again = added(world, files)
    assert len(again.of("known")) == 8 and again.written is None
    both = book(**WHOLE_YEAR, tuteurs=sheet)
    assert len(shown(world, both).of("known")) == 8


def undone(world: World) -> dict[str, str]:
    written = ListImport.objects.order_by("-id").first()
    done = undo(world.actor(world.office), written, "Mauvais fichier", world.clock())
    return {row.label: row.kept for row in done.rows if row.kept}


def test_tutors_are_taken_back_while_nothing_was_asked_of_them(world: World, periods: dict[str, Placement]) -> None:
    with_tutor(world, periods["Abgrall"], email="yann@morvan.example")
    added(world, TUTORS, amend={0: {2: ["tutor"]}})
    assert undone(world) == {}
    assert seat(periods["Abgrall"]) == ("Yann Le Gall", None, "yann@morvan.example")
    assert seat(periods["Benali"]) == (None, None, None)


@pytest.mark.parametrize("email", [None, "yann@morvan.example"])
def test_the_same_person_is_tutor_again_whatever_their_address(
    world: World, periods: dict[str, Placement], email: str | None
) -> None:
    with_tutor(world, periods["Abgrall"], email=email)
    former = Placement.objects.get(pk=periods["Abgrall"].id).tutor
    added(world, TUTORS, amend={0: {2: ["tutor"]}})
    if email:
        Person.objects(pk=former).update(set__email="y.legall@morvan.example")
    count = Person.objects.count()
    assert undone(world) == {}
    assert Placement.objects.get(pk=periods["Abgrall"].id).tutor == former
    assert Person.objects.count() == count


def test_a_year_with_its_tutors_is_taken_back_whole(world: World) -> None:
    sheet = (("Élève", "SIRET", "Tuteur", "Mél tuteur"), ("ABGRALL Adèle", 95690795000011, "Anne LEROY", "a@x.fr"))
    files = book(**{**WHOLE_YEAR, "stages": tuple(row[:5] for row in WHOLE_YEAR["stages"])}, tuteurs=sheet)
    assert world.office and world.follower
    before = Person.objects.count()
    added(world, files)
    assert undone(world) == {}
    assert (Placement.objects.count(), Candidacy.objects.count(), Person.objects.count()) == (0, 0, before)


def test_a_tutor_who_was_asked_stays(world: World, periods: dict[str, Placement], store: Connections) -> None:
    added(world, TUTORS)
    asked = Placement.objects.get(pk=periods["Abgrall"].id)
    store.database.attestations.insert_one({"candidacy": asked.candidacy, "person": asked.tutor})
    kept = undone(world)
    assert list(kept.values()) == ["Ce tuteur a déjà été sollicité pour ce candidat."]
    assert seat(periods["Abgrall"])[0] == "Ronan BODÉNEZ" and seat(periods["Benali"])[0] is None


def test_a_tutor_is_written_to_only_where_something_waits(
    world: World, periods: dict[str, Placement], store: Connections, clock: Clock
) -> None:
    end_tutoring(world.actor(world.office), world.placement, clock())
    world.new_piece(world.activity)
    ask(world, world.activity)
    name = f"{world.candidacy.birth_name} {world.candidacy.given_names}"
    waiting = f"{name};{world.company.name};PETIT;Claude;;claude@assureur.example\r\n".encode("cp1252")
    assert tutors(added(world, TUTORS + waiting)) == ["added"] * 3
    clock.advance(hours=1)
    deliver(clock)
    assert [mail["To"] for mail in files(store) if "eleve" not in mail["To"]] == ["claude@assureur.example"]
