"""The journey, beside: a jury for two academies, and a deputy of it who sits for a member who is away."""

from __future__ import annotations

from typing import Any

from rehearsal.demo.http import Person, expect
from rehearsal.demo.school_year import OTHER_ACADEMY, confirmed, of_exam
from rehearsal.demo.stage import Stage
from rehearsal.people import SCHOOL

THERE = {**SCHOOL, "uai": "0380001V", "name": "Lycée Fictif des Alpes", "city": "Grenoble"}


def play(stage: Stage) -> None:
    """Plays what comes from the second academy, before anything is published."""
    _other_academy(stage)
    _deputy(stage)


def check_published(stage: Stage) -> None:
    """Expects the candidate of the second academy to read what the same publication gave them."""
    results = stage.people["elsewhere"].get("/my/outcomes")["items"]
    expect([one["final_mark"] for one in results] == ["11.00"], f"une publication pour les deux académies : {results}")


def _other_academy(stage: Stage) -> None:
    jury, administrator = stage.people["jury"], stage.people["administrator"]
    with stage.step("jury_of_two_academies", "Un jury pour deux académies : il lit et arrête ce qui vient des deux"):
        expect(stage.known["jury"]["academies"] == _both(stage), "le jury nomme ses deux académies")
        (right,) = jury.get("/me")["grants"]
        expect(right["academies"] == _both(stage), "le droit de son membre aussi")
        school = administrator.create(f"/academies/{stage.known['other']['id']}/schools", **THERE)
        stage.known["school_there"] = school
        office = _invited(
            stage, "office", "other office", stage.known["other"], "Secretariat-Alpes", school=school["id"]
        )
        person = {"birth_name": "Roux", "given_names": "Mathis", "email": "mathis.roux@fictif.example"}
        born = stage.dates.born_on(21, 5, 30).isoformat()
        number = {"candidate_number": stage.dates.number(6), "session": stage.dates.session}
        candidacy = office.create(
            f"/schools/{school['id']}/candidacies", **person, **number, birth_date=born, status="scolaire"
        )
        stage.enter("elsewhere", person["email"])
        kept = {"kept_mark": "11", "kept_session": str(stage.dates.year - 1), "reference": "Relevé de notes fictif"}
        recorded = office.create(f"/candidacies/{candidacy['id']}/outcomes", outcome="mark_kept", **kept)
        read = {one["id"]: one for one in jury.get("/outcomes")["items"]}
        expect(recorded["id"] in read and len(read) == 3, "le jury lit ce qui vient des deux académies")
        decided = jury.act(f"/outcomes/{recorded['id']}/decide", read[recorded["id"]])
        expect(decided["final_mark"] == "11.00", "il l'arrête")


def _deputy(stage: Stage) -> None:
    administrator, jury = stage.people["administrator"], stage.people["jury"]
    with stage.step(
        "deputy_seated", "Un suppléant ne lit rien, siège à la place d'un titulaire, puis ne lit plus rien"
    ):
        deputy = _invited(stage, "jury", "deputy", stage.known["academy"], "Suppleance", deputy=True, **of_exam(stage))
        path = f"/juries/{stage.known['jury']['id']}"
        asked = {"deputy": deputy.get("/me")["id"], "titular": jury.get("/me")["id"], "reason": "Empêchement"}
        deputy.refused(404, "not_found", "GET", f"{path}/sheets")
        jury.refused(403, "own_seat", "POST", f"{path}/seat-deputy", _jury(stage), **asked)
        administrator.act(f"{path}/seat-deputy", _jury(stage), **asked)
        expect(deputy.get(f"{path}/sheets") is not None, "le suppléant lit ce que lit le jury")
        jury.refused(403, "deputy_sits", "POST", f"{path}/confirm-proposals", _jury(stage))
        jury.act(f"{path}/end-seating", _jury(stage), deputy=asked["deputy"])
        deputy.refused(404, "not_found", "GET", f"{path}/sheets")
        jury.act(f"{path}/confirm-proposals", _jury(stage))


def _both(stage: Stage) -> list[str]:
    return sorted([stage.known["academy"]["code"], OTHER_ACADEMY["code"]])


def _jury(stage: Stage) -> Any:
    juries = stage.people["administrator"].get("/juries")["items"]
    return next(one for one in juries if one["id"] == stage.known["jury"]["id"])


def _invited(stage: Stage, role: str, name: str, academy: Any, family_name: str, **scope: Any) -> Person:
    email = f"sacha.{family_name.lower()}@fictif.example"
    names = {"email": email, "family_name": family_name, "given_names": "Sacha"}
    given = stage.people["administrator"].create(f"/academies/{academy['id']}/people", role=role, **names, **scope)
    person = stage.enter(name, email)
    confirmed(stage, role, given)
    return person
