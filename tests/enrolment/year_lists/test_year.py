"""One import takes the year: candidates, teachers and whom they follow, companies, periods; each also alone."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import openpyxl
import pytest

from portfolio.documents import Candidacy, Company, Invitation, Person, Placement, RosterImport
from portfolio.documents.people import Role
from portfolio.enrolment.rosters.roster_import import HomonymsUndecided, QuestionsUnanswered
from portfolio.enrolment.year_lists.sheets import ListOf, SentFile
from portfolio.enrolment.year_lists.year import AMEND_KNOWN, TAKE_OVER, YearForm, YearLists, add_year, read_year
from portfolio.errors import Forbidden
from tests.support.worlds.world import World

TEACHERS = (
    "NOM;Prénom;Mél;Discipline;Divisions;Suit\r\n"
    'GUILLOU;Maëlle;maelle.guillou@lycee.example;ATTP;"2BTSA1;2BTSA2";\r\n'
    "DÉSIRÉ;François;francois.desire@lycee.example;Communication digitale;2BTSA1;2BTSA1\r\n"
    'OSMANI;Lina;lina.osmani@lycee.example;Anglais;"2BTSA1;2BTSA2";ABGRALL Adèle\r\n'
).encode("cp1252")
STS = """<?xml version="1.0" encoding="ISO-8859-15"?>
<EDT_STS><PARAMETRES><UAJ CODE="0350760L"/><ANNEE_SCOLAIRE ANNEE="2026"/></PARAMETRES><DONNEES><INDIVIDUS>
<INDIVIDU ID="1" TYPE="epp"><NOM_USAGE>GUILLOU</NOM_USAGE><NOM_PATRONYMIQUE>MORVAN</NOM_PATRONYMIQUE>
<PRENOM>Maëlle</PRENOM><DATE_NAISSANCE>1980-03-10</DATE_NAISSANCE><GRADE>CERT. CL.N</GRADE><FONCTION>ENS</FONCTION>
<DISCIPLINES><DISCIPLINE CODE="L8010"><LIBELLE_COURT>ASSURANCE</LIBELLE_COURT></DISCIPLINE></DISCIPLINES></INDIVIDU>
<INDIVIDU ID="2" TYPE="epp"><NOM_USAGE>KERVELLA</NOM_USAGE><NOM_PATRONYMIQUE>KERVELLA</NOM_PATRONYMIQUE>
<PRENOM>Anne</PRENOM><DATE_NAISSANCE>1984-03-14</DATE_NAISSANCE><GRADE>PERDIR</GRADE><FONCTION>DIR</FONCTION>
</INDIVIDU></INDIVIDUS></DONNEES></EDT_STS>""".encode("iso8859-15")
CANDIDATES = (
    ("Division", "Nom de famille", "Prénom", "Né(e) le", "Statut", "Adresse mél"),
    ("2BTSA2", "ABGRALL", "Adèle", "23/05/2006", "scolaire", "adele.abgrall@eleve.example"),
    ("2BTSA1", "BENALI", "Bilal", "24/12/2006", "scolaire", None),
)
COMPANIES = (
    ("Raison sociale", "SIRET", "Ville"),
    ("Cabinet Morvan Assurances", 95690795000011, "Quimper"),
    ("Mutuelle du Ponant", "958 253 791 00015", "Brest"),
)
PERIODS = (
    ("Élève", "SIRET", "Organisme d'accueil", "Du", "Au", "Tuteur", "Mél tuteur"),
    ("ABGRALL Adèle", 95690795000011, None, "18/05/2026", "26/06/2026", "Ronan BODÉNEZ", "ronan@morvan.example"),
    ("BENALI Bilal", 95825379100015, None, "18/05/2026", "26/06/2026", "Sylvie COZIC", None),
)


def book(**sheets: tuple[tuple[Any, ...], ...]) -> bytes:
    made = openpyxl.Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


WHOLE_YEAR = {"élèves": CANDIDATES, "entreprises": COMPANIES, "stages": PERIODS}


def form(*files: bytes, **said: Any) -> YearForm:
    return YearForm("2027", [SentFile(f"fichier {place}", data) for place, data in enumerate(files)], **said)


def shown(world: World, *files: bytes, **said: Any) -> YearLists:
    return read_year(world.actor(world.office), world.school, form(*files, **said), world.clock())


def added(world: World, *files: bytes, **said: Any) -> YearLists:
    return add_year(world.actor(world.office), world.school, form(*files, **said), world.clock())


def states(year: YearLists, kind: ListOf) -> list[str]:
    return [line.state for sheet in year.of_kind(kind) for line in sheet.lines]


def faults(year: YearLists) -> list[list[str]]:
    return [sorted(line.row.errors) for sheet in year.sheets for line in sheet.lines]


def everything() -> list[int]:
    return [kind.objects.count() for kind in (Candidacy, Person, Company, Placement, RosterImport, Invitation)]


@pytest.fixture
def adele(world: World) -> Candidacy:
    return world.new_candidacy(birth_name="Abgrall", given_names="Adèle", division="2BTSA2", followed=False)


@pytest.fixture
def bilal(world: World) -> Candidacy:
    return world.new_candidacy(birth_name="Benali", given_names="Bilal", division="2BTSA1", followed=False)


# --- teachers -------------------------------------------------------------------------------------


def test_teachers_are_shown_then_invited_and_named(world: World, adele: Candidacy, bilal: Candidacy) -> None:
    year = shown(world, TEACHERS)
    assert (
        states(year, ListOf.TEACHERS) == ["ready"] * 3 and Person.objects(email__endswith="@lycee.example").count() == 0
    )
    assert states(added(world, TEACHERS), ListOf.TEACHERS) == ["added"] * 3
    people = {person.family_name: person for person in Person.objects(email__endswith="@lycee.example")}
    rights = {name: [(one.role, one.teaches_profession) for one in person.grants] for name, person in people.items()}
    assert rights == {
        "GUILLOU": [(Role.TEACHER, True)],
        "DÉSIRÉ": [(Role.TEACHER, True)],
        "OSMANI": [(Role.TEACHER, False)],
    }
    assert Invitation.objects(person__in=[person.id for person in people.values()]).count() == 3
    assert Candidacy.objects.get(pk=bilal.id).followers == [people["DÉSIRÉ"].id]
    assert Candidacy.objects.get(pk=adele.id).followers == [people["OSMANI"].id]


def test_the_same_teachers_again_change_nothing(world: World, adele: Candidacy, bilal: Candidacy) -> None:
    added(world, TEACHERS)
    before = everything(), Candidacy.objects.get(pk=bilal.id).revision
    assert states(added(world, TEACHERS), ListOf.TEACHERS) == ["known"] * 3
    assert (everything(), Candidacy.objects.get(pk=bilal.id).revision) == before


def test_an_amended_list_shows_who_is_followed_by_others_and_changes_it_only_when_asked(
    world: World, adele: Candidacy, bilal: Candidacy
) -> None:
    added(world, TEACHERS)
    moved = (
        TEACHERS.decode("cp1252").replace("2BTSA1;2BTSA1\r", "2BTSA1;\r").replace("ABGRALL Adèle", "2BTSA1").encode()
    )
    year = added(world, moved)
    assert states(year, ListOf.TEACHERS) == ["known"] * 3
    (osmani,) = [line for line in year.sheets[0].lines if line.differs]
    assert osmani.differs["follows"][0] == "1 candidat suivi par d'autres"
    desire, lina = (Person.objects.get(family_name=name) for name in ("DÉSIRÉ", "OSMANI"))
    assert Candidacy.objects.get(pk=bilal.id).followers == [desire.id]
    added(world, moved, agreed=[TAKE_OVER])
    assert Candidacy.objects.get(pk=bilal.id).followers == [lina.id]


def test_wrong_lines_of_teachers_wait_and_the_others_are_written(world: World, bilal: Candidacy) -> None:
    lines = (
        "Nom;Prénom;Mél;Matière;Suit\r\nA;Ann;ann@lycee.example;Droit;2BTSZ\r\nB;Bob;bob(at)lycee;Droit;\r\n"
        "C;Cam;;Droit;\r\nD;Dan;dan@lycee.example;Droit;2BTSA1\r\n"
    ).encode()
    year = added(world, lines)
    assert faults(year) == [["follows"], ["email"], [], []]
    assert states(year, ListOf.TEACHERS) == ["wrong", "wrong", "added", "added"]
    typed = {0: {2: {"follows": ""}, 3: {"email": "bob@lycee.example"}}}
    assert states(added(world, lines, cells=typed), ListOf.TEACHERS) == ["added", "added", "known", "known"]


def test_the_export_of_sts_invites_without_addresses_and_leaves_out_who_does_not_teach(world: World) -> None:
    year = shown(world, STS)
    assert [sheet.source.kind for sheet in year.sheets] == [ListOf.TEACHERS]
    assert faults(year) == [[]] and "DIR" in year.sheets[0].read.left_out[0].why
    typed = {0: {1: {"email": "maelle.guillou@lycee.example", "teaches_profession": "non"}}}
    assert states(added(world, STS, cells=typed), ListOf.TEACHERS) == ["added"]
    assert [one.teaches_profession for one in Person.objects.get(family_name="GUILLOU").grants] == [False]
    assert states(shown(world, STS), ListOf.TEACHERS) == ["known"]  # known by name, without address


def test_an_address_of_somebody_else_is_no_teacher(world: World) -> None:
    line = f"Nom;Prénom;Mél;Matière\r\nAutre;Nom;{world.office.email};Droit\r\n".encode()
    assert faults(added(world, line)) == [["email"]]


# --- companies ------------------------------------------------------------------------------------


def test_companies_alone_are_added_once_and_differences_are_shown(world: World) -> None:
    assert states(added(world, book(a=COMPANIES)), ListOf.COMPANIES) == ["added", "added"]
    assert Company.objects(school=world.school.id, siret="95825379100015").get().city == "Brest"
    before = everything()
    renamed = (COMPANIES[0], ("Morvan et fils", 95690795000011, "Quimper"), ("Sans numéro", None, "Brest"))
    year = added(world, book(a=renamed))
    assert states(year, ListOf.COMPANIES) == ["known", "wrong"] and everything() == before
    assert year.sheets[0].lines[0].differs == {"company": ["Cabinet Morvan Assurances", "Morvan et fils"]}
    assert "SIRET" in year.sheets[0].lines[1].row.errors["siret"][0]


# --- all together ---------------------------------------------------------------------------------


def test_one_import_takes_the_year(world: World) -> None:
    files = book(**WHOLE_YEAR), TEACHERS
    year = shown(world, *files)
    assert faults(year) == [[]] * 9 and {line.state for line in year.of("ready")} == {"ready"}
    assert (
        Company.objects(school=world.school.id).count() == Placement.objects(company_name="Mutuelle du Ponant").count()
    )
    year = added(world, *files)
    assert len(year.of("added")) == 9 and year.of("wrong") == []
    adele = Candidacy.objects.get(birth_name="ABGRALL")
    period = Placement.objects.get(candidacy=adele.id)
    assert (period.company_name, period.days, period.tutor_name) == ("Cabinet Morvan Assurances", 29, "Ronan BODÉNEZ")
    assert Candidacy.objects.get(birth_name="BENALI").followers == [Person.objects.get(family_name="DÉSIRÉ").id]
    before = everything()
    assert len(added(world, *files).of("known")) == 9 and everything() == before


def test_whoever_has_an_address_is_invited_unless_they_have_a_password(world: World) -> None:
    knows = world.follower
    world.set_password(knows)
    line = f"Nom;Prénom;Mél;Matière\r\n{knows.family_name};{knows.given_names};{knows.email};Droit\r\n".encode()
    added(world, book(**WHOLE_YEAR), TEACHERS, line)
    people = {person.id: person.email for person in Person.objects}
    invited = sorted(filter(None, (people[one.person] for one in Invitation.objects)))
    assert invited == [
        "adele.abgrall@eleve.example",
        "francois.desire@lycee.example",
        "lina.osmani@lycee.example",
        "maelle.guillou@lycee.example",
    ]


def test_who_sits_one_exam_has_no_period_and_it_is_said_before_anything_is_written(world: World) -> None:
    experienced = (CANDIDATES[0], (*CANDIDATES[2][:4], "expérience", None), CANDIDATES[1])
    periods = shown(world, book(a=experienced, b=PERIODS, c=COMPANIES)).sheets[1].lines
    assert [line.state for line in periods] == ["ready", "wrong"]
    assert "sous forme ponctuelle" in periods[1].row.errors["row"][0]


def test_a_zip_stands_for_its_files(world: World) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("année/élèves.xlsx", book(**WHOLE_YEAR))
        archive.writestr("professeurs.csv", TEACHERS)
        archive.writestr("__MACOSX/._professeurs.csv", b"x")
    kinds = [sheet.source.kind for sheet in shown(world, out.getvalue()).sheets]
    assert kinds == [ListOf.CANDIDATES, ListOf.COMPANIES, ListOf.PERIODS, ListOf.TEACHERS]
    torn = shown(world, out.getvalue()[:200]).sheets
    assert [bool(sheet.source.fault) for sheet in torn] == [True]


def test_two_sheets_of_candidates_are_both_read(world: World) -> None:
    first, second = (CANDIDATES[0], CANDIDATES[1]), (CANDIDATES[0], CANDIDATES[2])
    assert states(added(world, book(a=first, b=second)), ListOf.CANDIDATES) == ["added", "added"]
    assert Candidacy.objects(birth_name__in=["ABGRALL", "BENALI"]).count() == 2


def test_a_sheet_whose_titles_do_not_say_is_asked_about(world: World, bilal: Candidacy) -> None:
    unknown = "Nom;Prénom;Mél;Truc\r\nDurand;Paul;paul@lycee.example;x\r\n".encode()
    year = shown(world, unknown)
    assert [sheet.source.kind for sheet in year.sheets] == [None] and year.of("ready") == []
    assert states(shown(world, unknown, kinds={0: "teachers"}), ListOf.TEACHERS) == ["ready"]
    left = shown(world, unknown, kinds={0: "left"}).sheets[0]
    assert left.source.left and left.lines == ()


def test_what_is_said_of_a_column_is_remembered_by_kind(world: World, bilal: Candidacy) -> None:
    odd = "Nom;Prénom;Mél;Matière;Mes BTS\r\nDurand;Paul;paul@lycee.example;Droit;2BTSA1\r\n".encode()
    added(world, odd, titles={"teachers": {"mesbts": "follows"}})
    world.school.reload()
    assert world.school.list_titles == {"teachers:mesbts": "follows"}
    again = odd.replace(b"Durand;Paul;paul", b"Martin;Anne;anne")
    assert shown(world, again).sheets[0].lines[0].row.values["follows"] == "2BTSA1"


def test_nothing_is_written_before_what_is_asked_is_answered(world: World) -> None:
    short = (CANDIDATES[0], ("2BTSA2", "ABGRALL", "Adèle", "23/05/06", "scolaire", None))
    world.office  # noqa: B018  # made before
    before = everything()
    with pytest.raises(QuestionsUnanswered):
        added(world, book(a=short, b=COMPANIES))
    assert everything() == before
    assert len(added(world, book(a=short, b=COMPANIES), agreed=["two_digit_years"]).of("added")) == 3


def test_homonyms_are_decided_before_anything_is_written(world: World) -> None:
    twice = (
        CANDIDATES[0],
        *(("2BTSA2", "ABGRALL", "Adèle", day, "scolaire", None) for day in ("23/05/2006", "1/2/2006")),
    )
    with pytest.raises(HomonymsUndecided):
        added(world, book(a=twice))
    assert states(added(world, book(a=twice), homonyms={0: [2, 3]}), ListOf.CANDIDATES) == ["added", "added"]


def test_wrong_lines_of_candidates_wait_in_their_import(world: World) -> None:
    wrong = (*CANDIDATES, ("2BTSA1", "CARADEC", "Dylan", "32/01/2006", "scolaire", None))
    (sheet,) = added(world, book(a=wrong)).sheets
    assert [line.state for line in sheet.lines] == ["added", "added", "wrong"]
    assert RosterImport.objects.get(pk=sheet.waits).waiting == 1


def test_an_amended_period_is_corrected_only_when_asked(world: World) -> None:
    added(world, book(**WHOLE_YEAR))
    later = (*PERIODS[:2], (*PERIODS[2][:4], "25/06/2026", *PERIODS[2][5:]))
    year = added(world, book(a=later))
    assert states(year, ListOf.PERIODS) == ["known", "differs"]
    assert year.of("differs")[0].differs == {"ends_on": ["2026-06-26", "2026-06-25"], "days": ["29", "28"]}
    assert states(added(world, book(a=later), agreed=[AMEND_KNOWN]), ListOf.PERIODS) == ["known", "corrected"]
    assert {(one.ends_on, one.days) for one in Placement.objects(tutor_name="Sylvie COZIC")} == {("2026-06-25", 28)}


def test_the_year_is_for_the_office(world: World) -> None:
    with pytest.raises(Forbidden):
        read_year(world.actor(world.follower), world.school, form(TEACHERS), world.clock())
