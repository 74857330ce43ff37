"""The journey, elsewhere: a school begins its year from its own files, and a candidate deposits a first piece."""

from __future__ import annotations

import io
from datetime import timedelta
from typing import Any

from openpyxl import Workbook

from rehearsal import artefacts
from rehearsal.dates import Dates
from rehearsal.demo.http import Person, expect
from rehearsal.demo.pages import Visitor
from rehearsal.demo.school_year import confirmed
from rehearsal.demo.stage import PASSWORD, Stage
from rehearsal.people import SCHOOL

ACADEMY = {"code": "14", "name": "Rennes"}
THERE = {**SCHOOL, "uai": "0350760L", "name": "Lycée Fictif d'Iroise", "city": "Brest"}
OFFICE = "secretariat.iroise@fictif.example"
CLASSES = ("2BTSA1", "2BTSA2")
COMPANIES = (
    ("Cabinet Morvan Assurances", "95690795000011", "Quimper"),
    ("Mutuelle du Ponant", "95825379100015", "Brest"),
    ("Agence Iroise", "94788517400013", "Brest"),
    ("Courtage Arvor", "95304584600011", "Vannes"),
    ("Banque des Abers", "92499133400013", "Landerneau"),
)
TEACHERS = (
    ("GUILLOU", "Maëlle", "Gestion des sinistres", ""),
    ("DÉSIRÉ", "François", "Communication digitale", "2BTSA1"),
    ("LE BRAS", "Yannick", "Assurances", "2BTSA2"),
    ("OSMANI", "Lina", "Anglais", ""),
)
FAMILIES = ("ABGRALL", "BENALI", "CARADEC", "DIOP", "ERWAN", "FÉVRIER", "GOURVENNEC")
GIVEN = ("Adèle", "Bilal", "Clara", "Dylan", "Élise")
MOST_FORMS = 10

Row = tuple[Any, ...]


def play(stage: Stage) -> None:
    """Counts the forms from a school that is not there to the first deposit: sign-ins are counted apart."""
    with stage.step("lists_imported", "Un établissement entre son année par ses fichiers, jusqu'au premier dépôt"):
        forms = _school(stage) + _lists(stage) + _first_deposit(stage)
        expect(len(forms) <= MOST_FORMS, f"{len(forms)} formulaires : {', '.join(forms)}")
    stage.timings[-1] |= {"forms": len(forms), "form_names": forms}
    stage.say(f"    {len(forms)} formulaires confirmés, connexions à part : {', '.join(forms)}")


def _school(stage: Stage) -> list[str]:
    administrator = stage.people["administrator"]
    academy = administrator.create("/academies", **ACADEMY, timezone=stage.zone)
    school = administrator.create(f"/academies/{academy['id']}/schools", **THERE)
    names = {"email": OFFICE, "family_name": "Iroise", "given_names": "Sacha"}
    given = administrator.create(f"/academies/{academy['id']}/people", role="office", school=school["id"], **names)
    stage.enter("office of lists", OFFICE)
    confirmed(stage, "office", given)
    stage.known["school of lists"] = school
    return ["académie", "établissement", "invitation du secrétariat", "son mot de passe", "confirmation de son droit"]


def _lists(stage: Stage) -> list[str]:
    """Sends a workbook and a list of teachers by the page, as a browser does, then the same again."""
    school, office = stage.known["school of lists"], stage.people["office of lists"]
    visitor = Visitor(stage.address)
    visitor.open("/connexion")
    visitor.press("/connexion", email=OFFICE, password=PASSWORD)
    address = f"/etablissement/{school['id']}/annee"
    files = (("année.xlsx", _workbook(stage.dates)), ("professeurs.csv", _teachers()))
    visitor.open(address)
    page = visitor.send(address, files, session=stage.dates.session)
    expect("Enregistrer : 35 candidats, 4 professeurs, 5 entreprises, 70 périodes" in _plain(page), "tout est reconnu")
    expect(office.get("/candidacies")["items"] == [], "l'aperçu n'écrit rien")
    page = visitor.press(f"{address}/ajout", professional=["3.2", "3.3", "3.4"])
    expect("Tout ce que disent ces listes est enregistré" in _plain(page), "tout est écrit")
    enrolled = _all(office, "/candidacies")
    expect(len(enrolled) == 35 and all(len(one["followers"]) == 1 for one in enrolled), "35 candidats, tous suivis")
    expect(len(_all(office, "/placements")) == 70, "70 périodes")
    visitor.open(address)
    page = visitor.send(address, files, session=stage.dates.session)
    expect("Ces listes ne changent rien" in _plain(page), "les mêmes fichiers ne changent rien")
    visitor.http.close()
    return ["aperçu des listes", "confirmation des listes"]


def _first_deposit(stage: Stage) -> list[str]:
    candidate = stage.enter("candidate of lists", _address(0))
    family, given = _candidate(0)
    enrolled = _all(stage.people["office of lists"], "/candidacies")
    (portfolio,) = [one for one in enrolled if (one["birth_name"], one["given_names"]) == (family, given)]
    piece = candidate.create(
        f"/portfolios/{portfolio['id']}/evidence", type_code="SP1", title="Suivi des sinistres", nature="production"
    )
    file = candidate.upload(piece["id"], "suivi.xlsx", artefacts.tracking_table(stage.dates.produced_on))
    expect(file["state"] == "verified", f"le premier dépôt est vérifié : {file['reason']}")
    return ["mot de passe d'un candidat", "premier dépôt"]


def _plain(page: str) -> str:
    return page.replace("\u00a0", " ")


def _all(person: Person, path: str) -> list[Any]:
    items: list[Any] = []
    after: dict[str, str] = {}
    while True:
        answer = person.get(path, limit=100, **after)
        items += answer["items"]
        if not answer.get("next"):
            return items
        after = {"after": answer["next"]}


def _candidate(rank: int) -> tuple[str, str]:
    return FAMILIES[rank % 7], GIVEN[rank // 7]


def _address(rank: int) -> str:
    return f"candidat.{rank}@fictif.example"


def _workbook(dates: Dates) -> bytes:
    """Returns 35 candidates, 5 companies and 70 periods, a sheet each, under the titles of a school."""
    book = Workbook()
    book.remove(book.active)
    begins, ends = dates.placement
    earlier = begins - timedelta(weeks=20), ends - timedelta(weeks=20)
    candidates: list[Row] = [("Division", "Nom de famille", "Prénom", "Né(e) le", "Statut", "Adresse mél")]
    periods: list[Row] = [("Élève", "SIRET", "Du", "Au", "Tuteur", "Mél tuteur")]
    for rank in range(35):
        family, given = _candidate(rank)
        born = f"{dates.born_on(21, 1 + rank % 12, 1 + rank % 28):%d/%m/%Y}"
        candidates.append((CLASSES[rank % 2], family, given, born, "scolaire", _address(rank)))
        for place, (first, last) in enumerate((earlier, (begins, ends))):
            company = (rank + place) % 5
            tutor = f"Ronan {FAMILIES[company]}", f"tuteur.{company}@entreprise-fictive.example"
            periods.append(
                (f"{family} {given}", COMPANIES[company][1], f"{first:%d/%m/%Y}", f"{last:%d/%m/%Y}", *tutor)
            )
    companies: list[Row] = [("Raison sociale", "SIRET", "Ville"), *COMPANIES]
    for name, rows in (("Élèves", candidates), ("Entreprises", companies), ("Stages", periods)):
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _teachers() -> bytes:
    lines = ["NOM;Prénom;Mél;Discipline;Suit"]
    lines += [
        f"{family};{given};professeur.{rank}@fictif.example;{subject};{follows}"
        for rank, (family, given, subject, follows) in enumerate(TEACHERS)
    ]
    return "\r\n".join(lines).encode("cp1252")
