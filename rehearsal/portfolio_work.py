"""The journey, second act: activities, evidence, files, checks, coverage, sign-offs, submission."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rehearsal import artefacts
from rehearsal.http import expect

if TYPE_CHECKING:
    from rehearsal.journey import Stage

WHY = "Le document montre les étapes suivies et leur résultat."


def play(stage: Stage) -> None:
    _deposit(stage)
    _check(stage)
    _coverage(stage)
    _sign_offs(stage)
    _submission(stage)


def _piece(activity: str, **values: Any) -> dict[str, Any]:
    competences = [{"competence": code, "justification": WHY} for code in values.pop("competences")]
    described = {
        "context": "En agence, pendant le stage",
        "aim": "Réduire les impayés",
        "tools": "Tableur, messagerie",
        "own_part": "J'ai préparé le tableau et les messages",
        "result": "Douze règlements reçus",
        "differently": "Je relancerais plus tôt",
    }
    return {
        "nature": "production",
        "situation": "reelle",
        "context": "pfmp",
        "activity": activity,
        "produced_on": "2026-06-02",
        "description": described,
        "competences": competences,
        "permission": "accordee",
        "anonymisation": "fait",
        "assistance_used": False,
        **values,
    }


def _deposit(stage: Stage) -> None:
    candidate, candidacy = stage.people["candidate"], stage.known["candidacy"]
    home = f"/portfolios/{candidacy['id']}"
    with stage.step("deposited", "La candidate dépose une activité et trois preuves avec leurs fichiers"):
        activity = candidate.create(
            f"{home}/activities",
            title="Relance des cotisations impayées",
            mission="Suivre et relancer les sociétaires en retard",
            context="pfmp",
            placement=stage.known["placement"]["id"],
            starts_on="2026-05-25",
            ends_on="2026-06-12",
        )
        stage.known["activity"] = activity
        table = _piece(
            activity["id"],
            type_code="SP1",
            title="Tableau de suivi des impayés",
            competences=["C1", "C44", "C49"],
            criteria=["K2", "K7"],
            tool_families=["T1", "T3"],
        )
        mail = _piece(
            activity["id"],
            type_code="EML1",
            title="Message d'orientation vers l'espace client",
            competences=["C42", "C45", "C47", "C48"],
            criteria=["K1", "K3"],
            tool_families=["T5", "T9"],
        )
        letter = _piece(
            activity["id"],
            type_code="WP1",
            title="Lettre de relance type",
            competences=["C43", "C46"],
            criteria=["K4", "K5", "K6"],
            tool_families=["T2", "T10"],
        )
        files = (
            (table, "impayes.xlsx", artefacts.tracking_table()),
            (mail, "message.eml", artefacts.message()),
            (letter, "relance.pdf", artefacts.letter()),
        )
        stage.known["pieces"] = []
        for values, name, data in files:
            piece = candidate.create(f"{home}/evidence", **values)
            file = candidate.upload(piece["id"], name, data)
            expect(file["state"] == "verified", f"{name} : {file['reason']}")
            stage.known["pieces"].append(piece["id"])
    with stage.step("quarantined", "Un fichier tronqué est mis de côté avec son motif ; le texte est gardé"):
        piece = candidate.create(
            f"{home}/evidence", type_code="SP1", title="Extraction", nature="production", activity=activity["id"]
        )
        torn = candidate.upload(piece["id"], "extraction.xlsx", artefacts.tracking_table()[:2000])
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
            produced_on="2026-10-05",
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


def _sign_offs(stage: Stage) -> None:
    candidate, activity = stage.people["candidate"], stage.known["activity"]
    path = f"/activities/{activity['id']}"
    with stage.step("attested", "Tuteur et professeur attestent l'activité, sur ce qu'ils ont vu"):
        candidate.create(f"{path}/sign-off-requests", seat="tutor")
        for seat, name in (("tutor", "tutor"), ("teacher", "moreau")):
            person = stage.people[name]
            shown = person.get(f"{path}/shown", seat=seat)
            said = {"seat": seat, "answer": "confirmed", "shown_digest": shown["digest"]}
            person.create(f"{path}/attestations", **said)
        candidate.refused(404, "not_found", "GET", f"/commissions/{activity['id']}")
    with stage.step("reality", "Évaluation conjointe de la réalité des activités du stage"):
        placement = stage.known["placement"]["id"]
        text = "Les missions confiées correspondent à celles de la convention et ont été menées par l'étudiante."
        evaluation = stage.people["moreau"].create(f"/placements/{placement}/reality", text=text)
        agreed = f"/reality-evaluations/{evaluation['id']}/concur"
        evaluation = stage.people["tutor"].act(agreed, evaluation, digest=evaluation["digest"])
        expect(evaluation["state"] == "joint", "l'évaluation est conjointe")


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
        for seat, name in (("tutor", "tutor"), ("teacher", "moreau")):
            person = stage.people[name]
            path = f"/activities/{stage.known['activity']['id']}"
            shown = person.get(f"{path}/shown", seat=seat)
            person.create(f"{path}/attestations", seat=seat, answer="confirmed", shown_digest=shown["digest"])
        again = candidate.act(f"{home}/submit", candidate.get(home))
        expect(again["submissions"] == 2, "seconde remise")
