"""The journey, third act: commission, sealed grids, consensus, sheet, transmission, jury, publication."""

from __future__ import annotations

import hashlib
from typing import Any

from rehearsal.demo.http import expect
from rehearsal.demo.stage import Stage

ROWS = ("C1", "C42", "C43", "C44", "C45", "C46", "C47", "C48", "C49")


def play(stage: Stage) -> None:
    _convene(stage)
    _score(stage)
    _meeting(stage)
    _sheet(stage)
    _transmit(stage)
    _jury(stage)


def _convene(stage: Stage) -> None:
    office, candidacy = stage.people["office"], stage.known["candidacy"]
    path = f"/candidacies/{candidacy['id']}/commissions"
    when = {
        "meets_at": stage.dates.meets_at(stage.zone).isoformat(),
        "place": "Salle B 204",
        "mode": "sealed",
        "confirmed": True,
    }
    with stage.step("convened", "Commission convoquée : le professeur qui suit la candidate et son tuteur"):
        follower, tutor = stage.known["moreau"]["id"], stage.known["placement"]["tutor"]
        office.refused(422, "member_twice", "POST", path, professor=follower, second=follower, **when)
        commission = office.create(path, professor=follower, second=tutor, **when)
        expect(len(commission["seats"]) == 2, "deux membres exactement")
        stage.known["commission"] = commission
        expect(stage.people["candidate"].get("/commissions")["items"] == [], "la candidate n'en voit rien")
        stage.enter("tutor", stage.known["tutor_email"])


def _home(stage: Stage) -> str:
    return f"/commissions/{stage.known['commission']['id']}"


def _score(stage: Stage) -> None:
    home, candidacy = _home(stage), stage.known["candidacy"]["id"]
    members = [stage.people["moreau"], stage.people["tutor"]]
    with stage.step("second_factor", "Le tuteur qui siège confirme son identité par un code reçu par courriel"):
        members[1].refused(404, "not_found", "GET", f"{home}/portfolio")
        stage.confirm("tutor")
    with stage.step("retained", "La commission lit la remise figée et retient les preuves"):
        appraised = members[0].get(f"{home}/portfolio")
        expect(appraised, "la remise appréciée se lit")
        assessment = members[0].get(f"{home}/assessment")
        for piece in stage.known["pieces"]:
            assessment = members[0].act(f"{home}/retain", assessment, evidence=piece, retained=True)
    with stage.step("sealed", "Chaque membre remplit sa grille seul et la scelle"):
        for rank, member in enumerate(members):
            me = member.get("/me")["id"]
            grids = member.get(f"{home}/grids")["items"]
            expect(all(grid["member"] in (None, me) for grid in grids), "la grille de l'autre reste scellée")
            grid = next(grid for grid in grids if grid["member"] == me)
            degrees = dict.fromkeys(ROWS, "S") | {"C1": "TS"} | ({"C43": "I"} if rank else {})
            seen = {"C43": "Mentions à compléter."} if rank else {}
            grid = _fill(member, grid, candidacy, degrees, seen)
            member.act(f"/grids/{grid['id']}/seal", grid)
    with stage.step("consensus", "Les divergences d'abord, puis la grille commune ; la note est tapée"):
        rows = members[0].get(f"{home}/divergences")["rows"]
        expect([row["row"] for row in rows if row["diverges"]] == ["C43"], "une seule divergence, C43")
        grid = next(grid for grid in members[1].get(f"{home}/grids")["items"] if grid["member"] is None)
        _fill(members[1], grid, candidacy, {"C43": "S"}, {})
        wrong = {"candidacy": candidacy, "proposed_mark": "14.3"}
        assessment = members[0].get(f"{home}/assessment")
        members[0].refused(422, "invalid_values", "PATCH", f"{home}/assessment", assessment, **wrong)
        appreciation = "Portfolio sérieux et bien argumenté ; la conformité des mentions reste à consolider."
        said = {"candidacy": candidacy, "appreciation": appreciation, "proposed_mark": "14,5"}
        members[0].act(f"{home}/assessment", assessment, method="PATCH", **said)


def _fill(member: Any, grid: Any, candidacy: str, degrees: dict[str, str], observations: dict[str, str]) -> Any:
    said = {"candidacy": candidacy, "degrees": degrees, "observations": observations}
    return member.act(f"/grids/{grid['id']}", grid, method="PATCH", **said)


def _meeting(stage: Stage) -> None:
    member, home = stage.people["moreau"], _home(stage)
    with stage.step("meeting_recorded", "La réunion s'enregistre telle qu'elle est tenue : jour, lieu, présents"):
        member.refused(409, "assessment_incomplete", "POST", f"{home}/sheet")
        commission = member.get(home)
        both = [seat["person"] for seat in commission["seats"]]
        held = {"held_at": stage.began.isoformat(), "place": "Salle B 204", "present": both}
        member.refused(422, "member_missing", "POST", f"{home}/meeting", commission, **held | {"present": both[:1]})
        commission = member.act(f"{home}/meeting", commission, **held, confirmed=True)
        expect(len(commission["meeting"]["present"]) == 2, "les deux membres étaient présents")


def _sheet(stage: Stage) -> None:
    members = [stage.people["moreau"], stage.people["tutor"]]
    with stage.step("drawn_up", "La fiche est établie, numérotée, figée"):
        sheet = members[0].create(f"{_home(stage)}/sheet")
        path = f"/sheets/{sheet['id']}"
        content = members[0].download(f"{path}.json")
        expect(hashlib.sha256(content).hexdigest() == sheet["digest"], "l'empreinte est celle du contenu")
    with stage.step("signed", "Chaque membre signe l'empreinte affichée, en redonnant son mot de passe"):
        wrong = {"digest": "0" * 64, "password": members[0].password}
        members[0].refused(409, "other_content", "POST", f"{path}/sign", sheet, **wrong)
        for member in members:
            said = {"digest": sheet["digest"], "password": member.password}
            sheet = member.act(f"{path}/sign", member.get(path), **said)
        expect(sheet["state"] == "proposed", "deux signatures : la fiche est proposée")
        stage.known["sheet"] = sheet
    stage.people["candidate"].refused(404, "not_found", "GET", path)


def _transmit(stage: Stage) -> None:
    office, path = stage.people["office"], f"/sheets/{stage.known['sheet']['id']}"
    with stage.step("transmitted", "L'établissement transmet la fiche au jury"):
        sheet = office.act(f"{path}/transmit", office.get(path))
        expect(sheet["state"] == "transmitted", "la fiche est transmise")
    with stage.step("artefacts", "Fiche en PDF, XLSX et JSON ; bordereau ; export du portfolio"):
        for kind in ("pdf", "xlsx", "json"):
            stage.leave(f"sheet.{kind}", office.download(f"{path}.{kind}"))
        school = stage.known["school"]["id"]
        stage.leave("mark-list.csv", office.download(f"/schools/{school}/mark-list.csv?session={stage.dates.session}"))
        home = f"/portfolios/{stage.known['candidacy']['id']}"
        stage.leave("portfolio.zip", stage.people["candidate"].take(f"{home}/export.zip"))


def _jury(stage: Stage) -> None:
    jury, candidate, sheet = stage.people["jury"], stage.people["candidate"], stage.known["sheet"]
    home = f"/juries/{stage.known['jury']['id']}"
    with stage.step("harmonised", "Le jury lit sa liste et ses statistiques, et arrête la note avec un motif"):
        expect(len(jury.get(f"{home}/sheets")["items"]) == 1, "une fiche transmise")
        expect(jury.get(f"{home}/statistics"), "les statistiques se lisent")
        read = jury.get(f"/sheets/{sheet['id']}")
        path = f"/sheets/{sheet['id']}/final-mark"
        jury.refused(422, "invalid_values", "POST", path, read, mark="15")
        jury.act(path, read, mark="15", reason="Harmonisation entre établissements")
        expect(candidate.get("/my/results")["items"] == [], "rien avant la publication")
    with stage.step("published", "Publication : la candidate voit la note finale, et elle seule"):
        published = next(one for one in jury.get("/juries")["items"] if one["id"] == stage.known["jury"]["id"])
        jury.refused(409, "sheets_waiting", "POST", f"{home}/publish", published)
        jury.act(f"{home}/publish", published, leaving_out="Deux candidats de la répétition n'ont pas de fiche")
        results = candidate.get("/my/results")["items"]
        expect([one["final_mark"] for one in results] == ["15.00"], f"la note finale : {results}")
        candidate.refused(404, "not_found", "GET", f"/sheets/{sheet['id']}")
    with stage.step("released", "Communication individuelle de la fiche, sur demande, après publication"):
        read = jury.get(f"/sheets/{sheet['id']}")
        jury.act(f"/sheets/{sheet['id']}/release", read, request_reference="Demande écrite de la candidate")
        given = candidate.get(f"/sheets/{sheet['id']}")
        expect(given["number"] == sheet["number"], "la candidate lit sa fiche")
        expect(given["proposed_mark"] is None, "la note proposée y est masquée")
    with stage.step("inspected", "L'inspection lit le calendrier et la conformité, sans note ni preuve"):
        inspector = stage.people["inspector"]
        expect(inspector.get("/calendar", session=stage.dates.session), "le calendrier se lit")
        inspector.refused(404, "not_found", "GET", f"/sheets/{sheet['id']}")
        expect(inspector.get("/evidence")["items"] == [], "aucune preuve")
