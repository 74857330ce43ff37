"""The journey, second act: activities, evidence, files, checks, coverage, sign-offs, submission."""

from __future__ import annotations

from rehearsal import artefacts, pieces
from rehearsal.demo import sign_offs
from rehearsal.demo.http import expect
from rehearsal.demo.stage import Stage


def play(stage: Stage) -> None:
    _deposit(stage)
    _check(stage)
    _coverage(stage)
    sign_offs.play(stage)
    sign_offs.agree_on_reality(stage)
    _submission(stage)
    stage.known["tutor"].http.close()


def _deposit(stage: Stage) -> None:
    candidate, candidacy = stage.people["candidate"], stage.known["candidacy"]
    home = f"/portfolios/{candidacy['id']}"
    with stage.step("deposited", "La candidate dépose une activité et trois preuves avec leurs fichiers"):
        placement = stage.known["placement"]["id"]
        activity = candidate.create(f"{home}/activities", **pieces.activity(placement, stage.dates))
        stage.known["activity"] = activity
        stage.known["pieces"] = []
        for values, name, data in pieces.pieces(activity["id"], stage.dates):
            piece = candidate.create(f"{home}/evidence", **values)
            file = candidate.upload(piece["id"], name, data)
            expect(file["state"] == "verified", f"{name} : {file['reason']}")
            stage.known["pieces"].append(piece["id"])
    with stage.step("quarantined", "Un fichier tronqué est mis de côté avec son motif ; le texte est gardé"):
        piece = candidate.create(
            f"{home}/evidence", type_code="SP1", title="Extraction", nature="production", activity=activity["id"]
        )
        torn = candidate.upload(
            piece["id"], "extraction.xlsx", artefacts.tracking_table(stage.dates.produced_on)[:2000]
        )
        expect((torn["state"], torn["reason_code"]) == ("quarantined", "torn_file"), f"{torn['state']}")
        piece = candidate.get(f"/evidence/{piece['id']}")
        expect(piece["state"] == "draft" and piece["missing"], "la preuve reste un brouillon qui dit ce qui manque")
        candidate.act(f"/evidence/{piece['id']}", piece, method="DELETE")


def _check(stage: Stage) -> None:
    teacher, school = stage.people["petit"], stage.known["school"]
    with stage.step("check", "Un professeur saisit en un acte les résultats d'un contrôle de la classe"):
        everyone = [stage.known["candidacy"]["id"], *stage.known["classmates"]]
        check = teacher.create(
            f"/schools/{school['id']}/checks",
            title="Protection des données : questionnaire",
            produced_on=stage.dates.check_on.isoformat(),
            maximum="20",
            competences=["C43", "C46"],
            criteria=["K5"],
            results=[{"candidacy": one, "score": str(12 + rank)} for rank, one in enumerate(everyone)],
        )
        expect(len(check["pieces"]) == 3, "une preuve par candidat")


def _coverage(stage: Stage) -> None:
    candidate, home = stage.people["candidate"], f"/portfolios/{stage.known['candidacy']['id']}"
    with stage.step("coverage", "Couverture et conformité disent ce qui manque, en mots"):
        coverage = candidate.get(f"{home}/coverage")
        expect(not coverage["gaps"]["declared"]["competences"], "les neuf compétences sont déclarées")
        expect("retained" not in coverage["gaps"], "la candidate ne voit pas ce que la commission retient")
        report = candidate.get(f"{home}/conformity")
        expect(not report["blocking"], "rien ne bloque la remise")
        expect(any(not check["passed"] for check in report["checks"]), "les signatures manquent encore")


def _submission(stage: Stage) -> None:
    candidate, home = stage.people["candidate"], f"/portfolios/{stage.known['candidacy']['id']}"
    with stage.step("submitted", "La candidate remet son portfolio : révision figée et numérotée"):
        portfolio = candidate.act(f"{home}/submit", candidate.get(home), without_drafts=False)
        expect((portfolio["state"], portfolio["submissions"]) == ("submitted", 1), "première remise")
        candidate.refused(409, "portfolio_submitted", "POST", f"{home}/activities", title="Trop tard", context="classe")
    with stage.step("reopened", "Le professeur rouvre avec un motif ; la candidate remet une seconde fois"):
        teacher = stage.people["moreau"]
        reopened = teacher.act(f"{home}/reopen", portfolio, reason="Préciser une pièce")
        piece = candidate.get(f"/evidence/{stage.known['pieces'][2]}")
        candidate.act(f"/evidence/{piece['id']}", piece, method="PATCH", title="Lettre de relance type, version relue")
        candidate.refused(412, "stale_revision", "POST", f"{home}/submit", reopened, without_drafts=False)
        stale = candidate.get(f"{home}/sign-offs")
        stage.known["stale"] = stale
        sign_offs.again(stage)
        again = candidate.act(f"{home}/submit", candidate.get(home))
        expect(again["submissions"] == 2, "seconde remise")
