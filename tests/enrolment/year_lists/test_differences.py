"""What a list says otherwise of teachers and companies that are known: corrected where the office ticks it, alone."""

from __future__ import annotations

import pytest

from portfolio.documents import Candidacy, Commission, Company, Invitation, Link, ListImport, Person, Placement
from portfolio.enrolment.undoing.list_undo import ListInUse, undo
from portfolio.enrolment.year_lists.sheets import ListOf
from portfolio.store.connections import Connections
from tests.enrolment.year_lists.test_year import COMPANIES, TEACHERS, WHOLE_YEAR, added, book, shown, states
from tests.support.mails.mailbox import deliver, files
from tests.support.worlds import commissions
from tests.support.worlds.world import World

RENAMED = (
    (*COMPANIES[0], "Adresse"),
    ("Morvan et fils", 95690795000011, "Quimper", "1, quai de l'Odet"),
    ("Mutuelle du Ponant", "958 253 791 00015", "Plouzané", None),
)


def undone(world: World) -> dict[str, str]:
    written = ListImport.objects.order_by("-id").first()
    done = undo(world.actor(world.office), written, "Mauvais fichier", world.clock())
    return {row.label: row.kept for row in done.rows if row.kept}


@pytest.fixture
def year(world: World) -> None:
    assert world.office
    added(world, book(**WHOLE_YEAR), TEACHERS)


def company(siret: str = "95690795000011") -> Company:
    return Company.objects.get(siret=siret)


def test_a_company_is_corrected_by_the_fields_that_are_ticked(world: World, year: None) -> None:
    lines = shown(world, book(a=RENAMED)).sheets[0].lines
    assert [line.amendable for line in lines] == [["company", "address"], ["city"]]  # type: ignore[attr-defined]
    written = added(world, book(a=RENAMED), amend={0: {2: ["company", "address"]}})
    assert states(written, ListOf.COMPANIES) == ["corrected", "known"]
    assert (company().name, company().address) == ("Morvan et fils", "1, quai de l'Odet")
    assert company("95825379100015").city == "Brest"
    assert sorted(Placement.objects.scalar("company_name")) == ["Morvan et fils", "Mutuelle du Ponant"]
    assert Link.objects(name="company_corrected").count() == 1
    again = shown(world, book(a=RENAMED)).sheets[0].lines
    assert [line.differs for line in again] == [{}, {"city": ["Brest", "Plouzané"]}]
    assert undone(world) == {}
    assert (company().name, company().address) == ("Cabinet Morvan Assurances", None)


def test_a_company_that_changed_since_keeps_its_correction(world: World, year: None) -> None:
    added(world, book(a=RENAMED), amend={0: {2: ["company"]}})
    Company.objects(pk=company().id).update(set__name="Morvan frères")
    with pytest.raises(ListInUse):
        undone(world)
    assert company().name == "Morvan frères"


def test_a_number_that_comes_later_is_noted_and_stays(world: World) -> None:
    abroad = {"address": "1, rue du Port", "country": "Monaco"}
    Company(created_at=world.clock(), school=world.school.id, name="Azur", city="Monaco", **abroad).save()
    lines = (COMPANIES[0], ("Azur", 95690795000011, "Monaco"))
    added(world, book(a=lines), amend={0: {2: ["siret"]}})
    assert company().name == "Azur"
    with pytest.raises(ListInUse):
        undone(world)
    assert company().name == "Azur"


MOVED = TEACHERS.replace(b"lina.osmani@lycee.example", b"l.osmani@academie.example")


def test_the_address_of_a_known_teacher_is_corrected_when_ticked(world: World, year: None, store: Connections) -> None:
    count = Person.objects.count()
    (line,) = [line for line in added(world, MOVED).sheets[0].lines if line.differs]
    assert line.differs == {"email": ["lina.osmani@lycee.example", "l.osmani@academie.example"]}
    assert Person.objects.count() == count and Person.objects(email="lina.osmani@lycee.example")
    written = added(world, MOVED, amend={0: {4: ["email"]}})
    assert states(written, ListOf.TEACHERS) == ["known", "known", "corrected"]
    assert written.sheets[0].lines[2].row.warnings == []
    lina = Person.objects.get(email="l.osmani@academie.example")
    assert Person.objects.count() == count and lina.family_name == "OSMANI"
    assert Invitation.objects(person=lina.id, used_at=None).count() == 1
    deliver(world.clock)
    receivers = [mail["To"] for mail in files(store)]
    assert "l.osmani@academie.example" in receivers and "lina.osmani@lycee.example" not in receivers
    assert states(shown(world, MOVED), ListOf.TEACHERS) == ["known"] * 3


def test_a_namesake_of_another_address_follows_nobody_until_it_is_said_to_be_theirs(world: World, year: None) -> None:
    nina = world.new_candidacy(birth_name="Zola", given_names="Nina", followed=False)
    lines = MOVED.replace("ABGRALL Adèle".encode("cp1252"), b"ZOLA Nina")
    assert states(shown(world, lines), ListOf.TEACHERS)[2] == "differs"
    assert states(added(world, lines), ListOf.TEACHERS)[2] == "differs"
    assert Candidacy.objects.get(pk=nina.id).followers == []
    written = added(world, lines, amend={0: {4: ["email"]}})
    assert states(written, ListOf.TEACHERS)[2] == "added"
    lina = Person.objects.get(email="l.osmani@academie.example")
    assert Candidacy.objects.get(pk=nina.id).followers == [lina.id]


def test_who_has_a_password_is_corrected_by_others(world: World, year: None) -> None:
    world.set_password(Person.objects.get(email="lina.osmani@lycee.example"))
    year_again = added(world, MOVED, amend={0: {4: ["email"]}})
    assert states(year_again, ListOf.TEACHERS) == ["known", "known", "wrong"]
    assert "administrateur" in year_again.sheets[0].lines[2].row.errors["row"][0]


def test_one_s_own_address_is_not_changed_by_a_list_and_the_line_says_so(world: World) -> None:
    office = world.office
    Person.objects(pk=office.id).update(push__grants=world.grant("teacher", school=world.school.id))
    line = f"{office.family_name};{office.given_names};autre@lycee.example;Anglais;;\r\n"
    year = added(world, TEACHERS.splitlines(True)[0] + line.encode(), amend={0: {2: ["email"]}})
    assert list(year.sheets[0].lines[0].row.errors) == ["row"]
    assert Person.objects.get(pk=office.id).email == office.email


def test_whom_others_follow_changes_line_by_line(world: World, year: None) -> None:
    moved = TEACHERS.decode("cp1252").replace("ABGRALL Adèle", "2BTSA1").replace("2BTSA1;2BTSA1\r", "2BTSA1;\r")
    bilal = Candidacy.objects.get(birth_name="BENALI")
    added(world, moved.encode(), amend={0: {2: ["follows"]}})
    assert Candidacy.objects.get(pk=bilal.id).followers == bilal.followers
    written = added(world, moved.encode(), amend={0: {4: ["follows"]}})
    assert written.sheets[0].lines[2].differs == {}
    assert Candidacy.objects.get(pk=bilal.id).followers == [Person.objects.get(family_name="OSMANI").id]
    assert undone(world) == {}
    assert Candidacy.objects.get(pk=bilal.id).followers == bilal.followers


NAMED = TEACHERS.replace(b"OSMANI;Lina;", "OSMANI-ROUX;Léna;".encode("cp1252"))
CHARGED = (
    "NOM;Prénom;Mél;Enseignements professionnels\nGUILLOU;Maëlle;maelle.guillou@lycee.example;non\n"
    "OSMANI;Lina;lina.osmani@lycee.example;oui\n"
).encode()


def lina() -> Person:
    return Person.objects.get(email="lina.osmani@lycee.example")


def charged(family_name: str) -> list[bool]:
    return [grant.teaches_profession for grant in Person.objects.get(family_name=family_name).live_grants]


def test_the_name_of_a_known_teacher_is_corrected_field_by_field_when_ticked(world: World, year: None) -> None:
    line = shown(world, NAMED).sheets[0].lines[2]
    assert line.differs == {"family_name": ["OSMANI", "OSMANI-ROUX"], "given_names": ["Lina", "Léna"]}
    assert line.amendable == ["family_name", "given_names"]  # type: ignore[attr-defined]
    before = lina().revision
    assert states(added(world, NAMED), ListOf.TEACHERS) == ["known"] * 3 and lina().revision == before
    written = added(world, NAMED, amend={0: {4: ["family_name"]}})
    assert states(written, ListOf.TEACHERS) == ["known", "known", "corrected"]
    assert (lina().family_name, lina().given_names) == ("OSMANI-ROUX", "Lina")
    assert shown(world, NAMED).sheets[0].lines[2].differs == {"given_names": ["Lina", "Léna"]}
    assert Link.objects(name="person_name_corrected").count() == 1
    both = added(world, NAMED, amend={0: {4: ["given_names"]}}).sheets[0].lines[2]
    assert (both.state, both.differs, both.row.warnings) == ("corrected", {}, []), "what was settled is asked no more"
    assert undone(world) == {}
    assert (lina().family_name, lina().given_names) == ("OSMANI-ROUX", "Lina")


def test_whoever_is_called_otherwise_follows_nobody_until_the_name_is_settled(world: World, year: None) -> None:
    adele = Candidacy.objects.get(birth_name="ABGRALL")
    Candidacy.objects(pk=adele.id).update(set__followers=[])
    assert states(added(world, NAMED), ListOf.TEACHERS) == ["known", "known", "differs"]
    assert Candidacy.objects.get(pk=adele.id).followers == []
    added(world, NAMED, amend={0: {4: ["family_name", "given_names"]}})
    assert Candidacy.objects.get(pk=adele.id).followers == [lina().id]


def test_an_address_of_somebody_who_does_not_teach_here_is_still_asked_about(world: World, year: None) -> None:
    line = f"Nom;Prénom;Mél;Discipline\nAutre;Nom;{world.office.email};Droit\n".encode()
    (wrong,) = shown(world, line).sheets[0].lines
    assert (wrong.state, wrong.differs) == ("wrong", {})


def test_a_name_known_elsewhere_is_kept_and_the_line_says_so(world: World, year: None) -> None:
    Person.objects(pk=lina().id).update(push__schools=world.new_school("0690027E").id)
    written = added(world, NAMED, amend={0: {4: ["family_name"]}})
    assert "administrateur" in written.sheets[0].lines[2].row.errors["row"][0]
    assert lina().family_name == "OSMANI"


def test_who_teaches_the_profession_is_corrected_when_ticked(world: World, year: None) -> None:
    lines = shown(world, CHARGED).sheets[0].lines
    assert [line.differs for line in lines] == [
        {"teaches_profession": ["oui", "non"]},
        {"teaches_profession": ["non", "oui"]},
    ]
    added(world, CHARGED)
    assert (charged("GUILLOU"), charged("OSMANI")) == ([True], [False])
    written = added(world, CHARGED, amend={0: {3: ["teaches_profession"]}})
    assert states(written, ListOf.TEACHERS) == ["known", "corrected"]
    assert (charged("GUILLOU"), charged("OSMANI")) == ([True], [True])
    assert Link.objects(name="teaching_corrected").count() == 1
    assert undone(world) == {} and charged("OSMANI") == [False]


def test_who_sits_on_a_commission_stays_there_and_the_line_says_to_look(world: World, year: None) -> None:
    maelle = Person.objects.get(family_name="GUILLOU")
    commission = commissions.convened(world)
    Commission.objects(pk=commission.id).update(push__members=maelle.id)
    written = added(world, CHARGED, amend={0: {2: ["teaches_profession"]}})
    assert any("composition" in warning for warning in written.sheets[0].lines[0].row.warnings)
    assert charged("GUILLOU") == [False]
