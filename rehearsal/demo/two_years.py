"""The journey, over two years: enrolled without numbers, moved to a new version; two who are not appraised."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from rehearsal.demo.http import expect
from rehearsal.demo.stage import Stage
from rehearsal.people import CANDIDATES

REPEATING, AWAY = CANDIDATES[3:5]  # one keeps the mark of an earlier session, one does not come


def play(stage: Stage) -> None:
    """Enrols a first year on the circular that is there, then plays what the second year brings, before any sheet."""
    _enrol(stage)
    _move(stage)
    _number(stage)
    _record(stage)
    _decide(stage)


def check_published(stage: Stage) -> None:
    """Expects each candidate to read what was published of them, and nothing else."""
    with stage.step("outcomes_read", "Note conservée et absence publiées : chacun lit la sienne, rien d'autre"):
        kept, away = (stage.people[name].get("/my/outcomes")["items"] for name in ("repeating", "away"))
        expect([one["final_mark"] for one in kept] == ["12.50"], f"la note conservée : {kept}")
        expect([one["final_mark"] for one in away] == [None], f"l'absence, sans note : {away}")
        for name in ("repeating", "away"):
            expect(stage.people[name].get("/my/results")["items"] == [], "aucune note proposée n'existait")


def _enrol(stage: Stage) -> None:
    office, dates, school = stage.people["office"], stage.dates, stage.known["school"]["id"]
    with stage.step("enrolled_without_numbers", "En première année, deux inscriptions sans numéro de candidat"):
        for name, (birth_name, given_names, born) in (("repeating", REPEATING), ("away", AWAY)):
            values = {"session": dates.session, "birth_name": birth_name, "given_names": given_names}
            values |= {"birth_date": dates.born_on(*born).isoformat(), "status": "scolaire", "division": "BTS2 B"}
            email = f"{given_names}.{birth_name}@fictif.example".lower()
            candidacy = office.create(f"/schools/{school}/candidacies", **values, email=email)
            expect(candidacy["candidate_number"] is None, "le numéro viendra")
            stage.known[name] = candidacy
            stage.enter(name, email)


def _move(stage: Stage) -> None:
    inspector, office, dates = stage.people["inspector"], stage.people["office"], stage.dates
    with stage.step("circular_published", "L'inspection publie une version 2 de la circulaire, encore provisoire"):
        draft = inspector.create("/circulars", session=dates.session)
        later = dates.deadline + timedelta(days=1)
        path = f"/circulars/{draft['id']}"
        draft = inspector.act(path, draft, method="PATCH", deadline=f"{later:%Y-%m-%dT%H:%M}")
        stage.known["version"] = inspector.act(f"{path}/publish", draft)["version"]
    with stage.step("circular_moved", "Le secrétariat lit ce que la version 2 change, et y fait passer les classes"):
        path = f"/schools/{stage.known['school']['id']}/circular"
        plan = office.get(path, session=dates.session)
        [move] = plan["moves"]
        expect(len(move["move"]) == 5 and not move["stay"], "cinq candidatures peuvent passer")
        expect([change["subject"] for change in move["changes"]], "la page dit ce qui change")
        moved = office.ask(path, session=dates.session, version=stage.known["version"])
        expect(sorted(moved["moved"]) == sorted(move["move"]), "toutes sont passées")
        read = office.get(f"/candidacies/{stage.known['candidacy']['id']}")
        expect(read["circular"]["version"] == stage.known["version"], "la candidature est sur la version 2")
        stage.known["candidacy"] = read


def _number(stage: Stage) -> None:
    office = stage.people["office"]
    with stage.step("numbers_arrived", "Les numéros de candidat arrivent et sont saisis"):
        for rank, name in enumerate(("repeating", "away"), 4):
            path = f"/candidacies/{stage.known[name]['id']}"
            number = stage.dates.number(rank)
            stage.known[name] = office.act(path, office.get(path), method="PATCH", candidate_number=number)
            expect(stage.known[name]["candidate_number"] == number, "le numéro est enregistré")


def _record(stage: Stage) -> None:
    office, dates = stage.people["office"], stage.dates
    with stage.step("mark_kept", "Une note conservée d'une session antérieure : sa note, sa session, sa référence"):
        kept = {"kept_mark": "12,5", "kept_session": str(dates.year - 1), "reference": "Relevé de notes fictif"}
        stage.known["kept"] = _recorded(office, stage.known["repeating"], outcome="mark_kept", **kept)
    with stage.step("absence", "Une absence, avec la preuve de la convocation"):
        convoked = {"convoked_on": (stage.began.date() - timedelta(days=9)).isoformat()}
        convoked["proof"] = "Convocation remise en main propre, émargée"
        stage.known["absence"] = _recorded(office, stage.known["away"], outcome="absent", **convoked)


def _recorded(office: Any, candidacy: Any, **values: str) -> Any:
    return office.create(f"/candidacies/{candidacy['id']}/outcomes", **values)


def _decide(stage: Stage) -> None:
    jury = stage.people["jury"]
    with stage.step("outcomes_decided", "Le jury lit la preuve, puis arrête les deux situations sans les retaper"):
        for name, mark in (("kept", "12.50"), ("absence", None)):
            read = next(one for one in jury.get("/outcomes")["items"] if one["id"] == stage.known[name]["id"])
            expect(name == "kept" or read["proof"], "le jury lit la preuve de la convocation")
            decided = jury.act(f"/outcomes/{read['id']}/decide", read)
            expect(decided["decided"] and decided["final_mark"] == mark, f"le résultat est arrêté : {decided}")
        for name in ("repeating", "away"):
            expect(stage.people[name].get("/my/outcomes")["items"] == [], "rien avant la publication")
