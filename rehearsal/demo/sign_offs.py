"""The tutor signs off by the link found in a mail, over plain HTTP, without an account; the teacher by the API."""

from __future__ import annotations

from rehearsal.demo.http import eventually, expect
from rehearsal.demo.pages import Visitor
from rehearsal.demo.stage import Stage

LINK = r"^(http\S+/s/[\w-]{20,})\s*$"


def play(stage: Stage) -> None:
    candidate, activity = stage.people["candidate"], stage.known["activity"]
    tutor, email = Visitor(stage.address), stage.known["tutor_email"]
    stage.known["tutor"] = tutor
    with stage.step("mail_sent", "La candidate demande ; le courriel part au tuteur, avec son lien"):
        candidate.create(f"/activities/{activity['id']}/sign-off-requests", seat="tutor")
        stage.known["link"] = stage.mailed(email, LINK)
        eventually(lambda: _delivery(stage) == "sent", "la demande est partie")
    with stage.step("link_opened", "Le tuteur ouvre le lien, sans compte : le lire ne change rien, un bouton l'ouvre"):
        for _ in range(20):
            tutor.open(stage.known["link"])  # as the scanner of a mailbox does
        expect(_delivery(stage) == "sent", "un lien lu par une machine n'est pas ouvert")
        expect(activity["title"] in tutor.press("/s/"), "l'activité est montrée")
        expect(_delivery(stage) == "opened", "la candidate voit que la page est ouverte")
    with stage.step("attested", "Tuteur et professeur attestent l'activité, sur ce qu'ils ont vu"):
        _tutor_signs(stage)
        _teacher_signs(stage)
        expect(_delivery(stage) == "signed", "la candidate voit que c'est signé")
        candidate.refused(404, "not_found", "GET", f"/commissions/{activity['id']}")
    with stage.step("receipt", "Le tuteur voit son reçu, le garde en PDF, et le reçoit par courriel"):
        expect("reçu" in tutor.page.lower(), "le reçu suit la signature")
        stage.leave("receipt.pdf", tutor.http.get(f"{tutor.at}.pdf").content)
        expect((stage.out / "receipt.pdf").read_bytes().startswith(b"%PDF-"), "le reçu est un PDF")
        stage.mailed(email, r"(Merci : votre réponse a été enregistrée)")
        expect("reçu" in tutor.open(stage.known["link"]).lower() or tutor.press("/s/"), "le même lien montre le reçu")


def _delivery(stage: Stage) -> str:
    home = f"/portfolios/{stage.known['candidacy']['id']}"
    items = stage.people["candidate"].get(f"{home}/deliveries")["items"]
    return str(items[-1]["state"])


def _tutor_signs(stage: Stage) -> None:
    tutor: Visitor = stage.known["tutor"]
    tutor.press("/s/reponses", do="all")
    tutor.press("/s/signer")


def _teacher_signs(stage: Stage) -> None:
    teacher, path = stage.people["moreau"], f"/activities/{stage.known['activity']['id']}"
    shown = teacher.get(f"{path}/shown", seat="teacher")
    teacher.create(f"{path}/attestations", seat="teacher", answer="confirmed", shown_digest=shown["digest"])


def again(stage: Stage) -> None:
    """A piece has changed since: it is asked for, and the same link still opens."""
    path = f"/activities/{stage.known['activity']['id']}/sign-off-requests"
    stage.people["candidate"].create(path, seat="tutor")
    stage.known["tutor"].open(stage.known["link"])
    stage.known["tutor"].press("/s/")
    _tutor_signs(stage)
    _teacher_signs(stage)


def agree_on_reality(stage: Stage) -> None:
    with stage.step("reality", "Évaluation conjointe de la réalité des activités du stage"):
        teacher, tutor = stage.people["moreau"], stage.known["tutor"]
        text = "Les missions confiées correspondent à celles de la convention et ont été menées par l'étudiante."
        evaluation = teacher.create(f"/placements/{stage.known['placement']['id']}/reality", text=text)
        tutor.open(f"/s/realite/{evaluation['id']}")
        tutor.press("/s/realite/")
        evaluation = teacher.get(f"/reality-evaluations/{evaluation['id']}")
        expect(evaluation["state"] == "joint", "l'évaluation est conjointe")
