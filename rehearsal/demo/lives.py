"""The journey, what happens to people: a tutor who is replaced, a candidate who gives up, one who changes school, one
who is enrolled again.
"""

from __future__ import annotations

from typing import Any

from rehearsal import pieces
from rehearsal.demo.http import Person, expect
from rehearsal.demo.sign_offs import LINK
from rehearsal.demo.stage import Stage
from rehearsal.demo.two_academies import THERE

MOVING = ("Kowalski", "Lina", (21, 2, 17))
LEAVING = ("Da Silva", "Tiago", (22, 12, 11))
AGAIN = ("Nguyen", "Maya", (22, 6, 3))
SHIPPED = ("2027", "2028")  # sessions whose circulars are shipped
FIRST_TUTOR = {"email": "ali.roy@mutuelle-fictive.example", "family_name": "Roy", "given_names": "Ali"}
NEXT_TUTOR = {"email": "lou.blanc@mutuelle-fictive.example", "family_name": "Blanc", "given_names": "Lou"}


def play(stage: Stage) -> None:
    _tutor_replaced(stage)
    _abandoned(stage)
    _transferred(stage)
    _repeated(stage)


def _enrolled(stage: Stage, name: str, who: tuple[str, str, tuple[int, int, int]], rank: int) -> Any:
    birth_name, given_names, born = who
    email = f"{given_names}.{birth_name}@fictif.example".lower().replace(" ", "-")
    values = {"session": stage.dates.session, "candidate_number": stage.dates.number(rank), "status": "scolaire"}
    values |= {"birth_name": birth_name, "given_names": given_names, "division": "BTS2 A", "email": email}
    path = f"/schools/{stage.known['school']['id']}/candidacies"
    candidacy = stage.people["office"].create(path, **values, birth_date=stage.dates.born_on(*born).isoformat())
    stage.enter(name, email)
    return candidacy


def _tutor_replaced(stage: Stage) -> None:
    office, dates = stage.people["office"], stage.dates
    with stage.step("tutor_replaced", "Le tuteur change : ce qui l'attendait est demandé au nouveau, par courriel"):
        candidacy = _enrolled(stage, "moving", MOVING, 7)
        followers = [stage.known["moreau"]["id"]]
        path = f"/candidacies/{candidacy['id']}/followers"
        stage.known["moving"] = office.act(path, candidacy, method="PUT", followers=followers)
        begins, ends = (day.isoformat() for day in dates.placement)
        placement = office.create(
            f"/candidacies/{candidacy['id']}/placements",
            company=stage.known["placement"]["company"],
            kind="stage",
            days=35,
            starts_on=begins,
            ends_on=ends,
            tutor=FIRST_TUTOR,
        )
        candidate, home = stage.people["moving"], f"/portfolios/{candidacy['id']}"
        activity = candidate.create(f"{home}/activities", **pieces.activity(placement["id"], dates))
        values, name, data = next(iter(pieces.pieces(activity["id"], dates)))
        piece = candidate.create(f"{home}/evidence", **values)
        candidate.upload(piece["id"], name, data)
        candidate.create(f"/activities/{activity['id']}/sign-off-requests", seat="tutor")
        stage.mailed(FIRST_TUTOR["email"], LINK)
        office.act(f"/placements/{placement['id']}/tutor", placement, method="PUT", **NEXT_TUTOR)
        stage.mailed(NEXT_TUTOR["email"], LINK)
        asked = candidate.get(f"/activities/{activity['id']}/attestations")["items"]
        expect(sorted(one["state"] for one in asked) == ["lapsed", "requested"], f"une demande vivante : {asked}")
        stage.known["moving_piece"], stage.known["moving_activity"] = piece["id"], activity["id"]
        _signed_by_teacher(stage.people["moreau"], activity["id"])


def _signed_by_teacher(teacher: Person, activity: str) -> None:
    shown = teacher.get(f"/activities/{activity}/shown", seat="teacher")
    path = f"/activities/{activity}/attestations"
    teacher.create(path, seat="teacher", answer="confirmed", shown_digest=shown["digest"])


def _abandoned(stage: Stage) -> None:
    office = stage.people["office"]
    with stage.step("abandoned", "Un abandon, daté et motivé : plus rien n'est demandé, et le numéro est libre"):
        candidacy = _enrolled(stage, "leaving", LEAVING, 8)
        path = f"/candidacies/{candidacy['id']}/abandonment"
        on = stage.dates.placement[0].isoformat()
        left = office.act(path, candidacy, on=on, reason="Embauché à plein temps")
        expect(left["abandoned_on"] == on, "l'abandon est enregistré")
        office.refused(409, "abandoned", "POST", path, left, on=on, reason="Deux fois")
        stage.mailed(stage.people["leaving"].email, r"(a enregistré l'abandon)")
        again = {"birth_name": "Petitjean", "given_names": "Noa", "email": "noa.petitjean@fictif.example"}
        born = stage.dates.born_on(21, 4, 2).isoformat()
        free = {"candidate_number": stage.dates.number(8), "session": stage.dates.session, "status": "scolaire"}
        school = f"/schools/{stage.known['school']['id']}/candidacies"
        expect(office.create(school, **again, **free, birth_date=born)["candidate_number"], "le numéro est libre")


def _transferred(stage: Stage) -> None:
    leaving, joining, candidacy = stage.people["office"], stage.people["other office"], stage.known["moving"]
    with stage.step("transferred", "Un transfert accordé par les deux établissements : le portfolio suit, en entier"):
        teacher = _teacher_there(stage)
        asked = {"uai": THERE["uai"], "on": stage.dates.placement[1].isoformat(), "reason": "Déménagement"}
        transfer = leaving.create(f"/candidacies/{candidacy['id']}/transfers", **asked)
        joining.refused(404, "not_found", "GET", f"/candidacies/{candidacy['id']}")
        (waiting,) = [one for one in joining.get("/transfers")["items"] if one["state"] == "proposed"]
        joining.act(f"/transfers/{transfer['id']}/accept", waiting, followers=[teacher["id"]])
        leaving.refused(404, "not_found", "GET", f"/candidacies/{candidacy['id']}")
        follower = stage.people["teacher there"]
        follower.get(f"/evidence/{stage.known['moving_piece']}")
        signed = follower.get(f"/activities/{stage.known['moving_activity']}/attestations")["items"]
        confirmed = [one["given_in"] for one in signed if one["state"] == "confirmed"]
        expect(confirmed == ["Lycée Fictif des Assurances, Lyon"], f"la confirmation dit d'où elle vient : {signed}")
        stage.mailed(stage.people["moving"].email, r"(Votre portfolio vous suit)")


def _repeated(stage: Stage) -> None:
    office, other, dates = stage.people["office"], stage.people["other office"], stage.dates
    first, second = SHIPPED
    with stage.step(
        "repeated", "Un redoublant reprend ailleurs une preuve, ses fichiers et sa confirmation, sans copie"
    ):
        birth_name, given_names, born = AGAIN
        values = {"birth_name": birth_name, "given_names": given_names, "status": "scolaire"}
        values |= {"birth_date": dates.born_on(*born).isoformat(), "email": "maya.nguyen@fictif.example"}
        path = f"/schools/{stage.known['school']['id']}/candidacies"
        before = office.create(path, session=first, candidate_number=dates.number(9), **values)
        candidate = stage.enter("again", values["email"])
        followers = [stage.known["moreau"]["id"]]
        office.act(f"/candidacies/{before['id']}/followers", before, method="PUT", followers=followers)
        home = f"/portfolios/{before['id']}"
        activity = candidate.create(f"{home}/activities", title="Accueil d'un sociétaire", context="classe")
        said, name, data = next(iter(pieces.pieces(activity["id"], dates)))
        piece = candidate.create(f"{home}/evidence", **said)
        candidate.upload(piece["id"], name, data)
        _signed_by_teacher(stage.people["moreau"], activity["id"])
        again = other.create(f"/schools/{stage.known['school_there']['id']}/candidacies", session=second, **values)
        choice = f"/portfolios/{again['id']}/earlier-pieces"
        (earlier,) = candidate.get(choice)["items"]
        expect((earlier["session"], earlier["left"]) == (first, 1), f"une preuve à reprendre : {earlier}")
        (taken,) = candidate.ask(choice, pieces=[piece["id"]])["items"]
        (twice,) = candidate.ask(choice, pieces=[piece["id"]])["items"]
        expect(twice["id"] == taken["id"] and taken["reused_from"] == first, "reprise une fois, et nommée")
        signed = candidate.get(f"/activities/{taken['activity']}/attestations")["items"]
        told = [(one["state"], one["reused_from"], one["given_in"]) for one in signed]
        expect(told == [("confirmed", first, "Lycée Fictif des Assurances, Lyon")], f"la confirmation suit : {signed}")
        (file,) = candidate.get(f"/evidence/{taken['id']}")["files"]
        expect(file["state"] == "verified", "son fichier est là, vérifié")


def _teacher_there(stage: Stage) -> Any:
    names = {"email": "ines.durand@fictif.example", "family_name": "Durand", "given_names": "Inès"}
    school = stage.known["school_there"]
    path = f"/schools/{school['id']}/people"
    teacher = stage.people["other office"].create(path, role="teacher", teaches_profession=True, **names)
    stage.enter("teacher there", names["email"])
    return teacher
