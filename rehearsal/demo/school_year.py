"""The journey, first act: places, people, enrolment one by one and by file, placements."""

from __future__ import annotations

import base64
from typing import Any

from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from rehearsal.dates import Dates
from rehearsal.demo.http import expect
from rehearsal.demo.stage import Stage
from rehearsal.people import CANDIDATES, COMPANY, SCHOOL, academy_of

LEMOINE, *CLASSMATES = CANDIDATES[:3]
OTHER_ACADEMY = {"code": "08", "name": "Grenoble"}
HEADINGS = "\ufeffNom de naissance;Prénoms;N° candidat;Date de naissance;Courriel;Statut;Classe\r\n"


def play(stage: Stage) -> None:
    _places(stage)
    _people(stage)
    _enrolment(stage)
    _placement(stage)


def _places(stage: Stage) -> None:
    administrator = stage.people["administrator"]
    with stage.step("places", "L'administrateur ouvre deux académies, un établissement, un jury pour les deux"):
        academy = administrator.create("/academies", **academy_of(stage.zone))
        administrator.refused(
            422, "invalid_values", "POST", f"/academies/{academy['id']}/schools", **{**SCHOOL, "uai": "0690026A"}
        )
        stage.known["academy"] = academy
        stage.known["school"] = administrator.create(f"/academies/{academy['id']}/schools", **SCHOOL)
        other = administrator.create("/academies", **OTHER_ACADEMY, timezone=stage.zone)
        stage.known["other"] = other
        jury = {"name": "Jury fictif", "with_academies": [other["code"]], **of_exam(stage)}
        stage.known["jury"] = administrator.create(f"/academies/{academy['id']}/juries", **jury)


def _people(stage: Stage) -> None:
    administrator, academy, school = stage.people["administrator"], stage.known["academy"], stage.known["school"]
    with stage.step("people", "Secrétariat, jury, inspection, professeurs : invités par courriel, mot de passe choisi"):
        invited = f"/academies/{academy['id']}/people"
        for role, name, scope in (
            ("office", "Secretariat", {"school": school["id"]}),
            ("jury", "Presidence", of_exam(stage)),
            ("inspector", "Inspection", of_exam(stage)),
        ):
            email = f"sacha.{name.lower()}@fictif.example"
            names = {"email": email, "family_name": name, "given_names": "Sacha"}
            given = administrator.create(invited, role=role, **names, **scope)
            stage.enter(role, email)
            confirmed(stage, role, given)
        for name in ("moreau", "petit"):
            names = {"email": f"{name}@fictif.example", "family_name": name.capitalize(), "given_names": "Claire"}
            teacher = {"role": "teacher", "teaches_profession": True, **names}
            person = stage.people["office"].create(f"/schools/{school['id']}/people", **teacher)
            stage.known[name] = person
            stage.enter(name, names["email"])


def of_exam(stage: Stage) -> dict[str, str]:
    """Returns the exam and the session of the journey, as a right or a jury names them."""
    return {"session": stage.dates.session, "exam": BTS_ASSURANCE_E5}


def confirmed(stage: Stage, role: str, given: Any) -> None:
    """A right that opens marks counts once somebody else than who gave it has confirmed it."""
    waiting = [one for one in stage.people["second"].get("/account-changes")["items"] if one["state"] == "waiting"]
    expect([one["person"] for one in waiting] == ([given["id"]] if role != "inspector" else []), "un droit attend")
    for one in waiting:
        path = f"/account-changes/{one['id']}/confirm"
        stage.people["administrator"].refused(409, "second_person_needed", "POST", path, one)
        stage.people["second"].act(path, one)


def _roster(dates: Dates) -> str:
    lines = []
    for rank, (family_name, given_names, born) in enumerate(CLASSMATES, 2):
        email = f"{given_names}.{family_name}@fictif.example".lower().replace("ê", "e").replace("é", "e")
        birth = f"{dates.born_on(*born):%d/%m/%Y}"
        lines.append(f"{family_name};{given_names};{dates.number(rank)};{birth};{email};étudiant;BTS2 A\r\n")
    return HEADINGS + "".join(lines)


def _enrolment(stage: Stage) -> None:
    office, school, dates = stage.people["office"], stage.known["school"], stage.dates
    with stage.step("enrolled", "Le secrétariat inscrit une candidate ; son suiveur est nommé"):
        candidacy = office.create(
            f"/schools/{school['id']}/candidacies",
            session=dates.session,
            candidate_number=dates.number(1),
            birth_name="Lemoine",
            given_names="Inès",
            birth_date=dates.born_on(*LEMOINE[2]).isoformat(),
            email="ines.lemoine@fictif.example",
            status="scolaire",
            division="BTS2 A",
        )
        expect(candidacy["ccf"]["form"] == "ccf", "un lycée public passe l'épreuve en CCF")
        followers = [stage.known["moreau"]["id"]]
        path = f"/candidacies/{candidacy['id']}/followers"
        stage.known["candidacy"] = office.act(path, candidacy, method="PUT", followers=followers)
        stage.enter("candidate", "ines.lemoine@fictif.example")
    with stage.step("roster", "Le reste de la classe vient d'un fichier CSV : aperçu, puis confirmation"):
        csv = base64.b64encode(_roster(dates).encode()).decode()
        preview = office.create(f"/schools/{school['id']}/rosters", session=dates.session, csv=csv)
        expect(len(preview["rows"]) == 2 and not preview["file_errors"], "deux lignes lues, sans erreur")
        expect(len(office.get("/candidacies")["items"]) == 1, "l'aperçu n'inscrit personne")
        confirmed = office.act(f"/rosters/{preview['id']}/confirm", preview)
        expect(len(confirmed["enrolled"]) == 2, "deux candidats inscrits")
        stage.known["classmates"] = confirmed["enrolled"]
        office.refused(409, "import_over", "POST", f"/rosters/{preview['id']}/confirm", confirmed)


def _placement(stage: Stage) -> None:
    office, school, candidacy = stage.people["office"], stage.known["school"], stage.known["candidacy"]
    with stage.step("placed", "Entreprise, stage et tuteur, à qui aucun compte n'est demandé"):
        company = office.create(f"/schools/{school['id']}/companies", **COMPANY)
        begins, ends = stage.dates.placement
        email = "dominique.martin@mutuelle-fictive.example"
        tutor = {"email": email, "family_name": "Martin", "given_names": "Dominique", "function": "Chef d'agence"}
        stage.known["placement"] = office.create(
            f"/candidacies/{candidacy['id']}/placements",
            company=company["id"],
            kind="stage",
            starts_on=begins.isoformat(),
            ends_on=ends.isoformat(),
            days=35,
            tutor=tutor,
        )
        stage.known["tutor_email"] = email
