"""The jury's pages: spread of marks, harmonisation, publication, and what comes after it."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from flask.testing import FlaskClient
from pypdfium2 import PdfDocument

from portfolio.commission import office_outcomes
from portfolio.documents import Candidacy, OfficeOutcome, Result
from portfolio.enrolment import training
from portfolio.jury.statistics import spread
from portfolio.rules.texts.circular import circular_for
from portfolio.rules.texts.exam import BTS_ASSURANCE_E5
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.filling import HTML, fill, followed, shown
from tests.support.queries import counted
from tests.support.worlds.juries import confirm, decide, publish, sheet_of
from tests.support.worlds.world import World
from web.charts import BOX_WIDTH, box, fences, histogram

DRAWN = re.compile(r'(name="(?:csrf_token|_once)" value|data-token)="[^"]+"')  # anew for each look at a page


def drawn(page: str) -> str:
    """A page without what is drawn by lot for each look at it."""
    return DRAWN.sub("", page)


@pytest.fixture
def judge(world: World, client_for: Clients) -> FlaskClient:
    _ = world.jury
    return client_for(world.jury_member)


@pytest.fixture
def place(world: World) -> str:
    return f"/jury/{world.jury.id}"


# --- drawings -------------------------------------------------------------------------------------


def test_a_histogram_counts_half_marks_with_the_mark_below() -> None:
    bars = histogram([(Decimal("12.00"), 2), (Decimal("12.50"), 1), (Decimal("20.00"), 4)], Decimal(20))
    assert [(bar.mark, bar.count) for bar in bars if bar.count] == [(12, 3), (20, 4)]
    assert len(bars) == 21 and bars[20].height > bars[12].height > 0 == bars[0].height


def test_a_box_stays_inside_its_drawing() -> None:
    marks = spread([Decimal(mark) for mark in (0, 8, 12, 14, 20)])
    assert marks is not None
    drawn = box(marks, marks, Decimal(20))
    assert 0 < drawn.low < drawn.first < drawn.middle < drawn.third < drawn.high < BOX_WIDTH


def test_a_fence_that_no_mark_can_pass_is_none() -> None:
    scale = circular_for("2027", BTS_ASSURANCE_E5).mark
    wide, narrow = (spread([Decimal(mark) for mark in marks]) for marks in ((0, 8, 12, 14, 20), (9, 10, 11, 12, 13)))
    assert wide is not None and narrow is not None
    assert fences(wide, scale) == (None, None)
    assert fences(narrow, scale) == (Decimal("7.00"), Decimal("15.00"))


# --- pages ----------------------------------------------------------------------------------------


def test_the_only_jury_opens_at_once_and_says_when_nothing_came(judge: FlaskClient, place: str) -> None:
    assert judge.get("/jury", headers=HTML).headers["Location"] == place
    assert "Aucun établissement n'a encore transmis" in shown(judge, place).replace("&#39;", "'")


def test_marks_are_drawn_and_said(world: World, judge: FlaskClient, place: str) -> None:
    for mark in ("8", "12", "12.5", "13", "15"):
        sheet_of(world, mark)
    sheet_of(world, None, "no_portfolio")
    told = shown(judge, place)
    assert told.count("<svg") == 3 and "style=" not in told
    assert "moyenne 12,1" in told and "Lycée Ampère" in told and "Camille Professeur et Camille Professeur" in told


@pytest.mark.parametrize("who", ["office", "follower", "candidate", "inspector"])
def test_nobody_else_opens_a_jury(world: World, client_for: Clients, place: str, who: str) -> None:
    sheet = sheet_of(world)
    client = client_for(getattr(world, who))
    for page in ("", "/fiches", "/publication", "/bordereau.csv"):
        shown(client, place + page, 403)
    assert sheet.number not in shown(client, f"/jury/fiches/{sheet.id}", 403)


def test_a_long_list_goes_page_by_page_narrowed_at_the_same_cost(
    world: World, judge: FlaskClient, place: str, store: Connections, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("web.jury.sheets.PER_PAGE", 2)
    assert "0 fiche," in shown(judge, f"{place}/fiches?etat=ecartees"), "no mark is proposed yet"
    made = [sheet_of(world, mark) for mark in ("12", "12", "12", "12.5", "12.5", "20")]
    first = shown(judge, f"{place}/fiches")
    assert "6 fiches" in first and first.count("/jury/fiches/") == 2
    following = first.partition('class="next"><a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert shown(judge, following).count("/jury/fiches/") == 2
    assert "1 fiche," in shown(judge, f"{place}/fiches?etat=ecartees")
    assert "0 fiche," in shown(judge, f"{place}/fiches?etat=decidees")
    assert "6 fiches" in shown(judge, f"{place}/fiches?etablissement={world.school.id}")
    members = "+".join(str(one) for one in made[0].members)
    assert "6 fiches" in judge.get(f"{place}/fiches", query_string={"membres": members}, headers=HTML).text
    costs = []
    for limit in (2, 5):
        monkeypatch.setattr("web.jury.sheets.PER_PAGE", limit)
        with counted(store.database) as count:
            shown(judge, f"{place}/fiches")
        costs.append(count[0])
    assert costs[0] == costs[1]


def test_a_mark_is_harmonised_with_its_reason(world: World, judge: FlaskClient) -> None:
    sheet = sheet_of(world, "12")
    path, form = f"/jury/fiches/{sheet.id}", f"final-{sheet.id}"
    unsaid = fill(judge, path, form, mark="13")
    assert unsaid.status_code == 422 and "Indiquez le motif" in unsaid.text and 'value="13"' in unsaid.text
    assert fill(judge, path, form, mark="13,3", reason="Harmonisation").status_code == 422
    told = followed(judge, fill(judge, path, form, mark="13,5", reason="Barème trop sévère"))
    assert "13,5" in told and "Barème trop sévère" in told
    assert Result.objects.get().final_mark == Decimal("13.50")


def test_what_the_commission_wrote_stands_beside_the_mark_at_the_same_cost_without_any_evidence(
    world: World, judge: FlaskClient, store: Connections
) -> None:
    sheet, costs = sheet_of(world, "12"), []
    sheet_of(world, "12")
    for _ in range(2):
        with counted(store.database) as count:
            told = shown(judge, f"/jury/fiches/{sheet.id}")
        costs.append(count[0])
        for _ in range(5):
            sheet_of(world, "13")
    content = json.loads(sheet.content)
    (piece, *_), (row, *_) = content["portfolio"]["pieces"], content["grid"]["rows"]
    said = (content["appreciation"], piece["title"], piece["nature"], row["wording"], row["observation"])
    told = unescape(told)
    assert all(words in told for words in said) and row["degree"]["label"] in told
    assert "/preuves/" not in told and "/fichiers/" not in told
    assert costs[0] == costs[1]


def test_the_jury_reads_who_among_it_decided_when_and_why_before_it_publishes(
    world: World, judge: FlaskClient, client_for: Clients
) -> None:
    sheet = sheet_of(world, "12")
    decide(world, sheet, "13", "Barème trop sévère")
    told = shown(judge, f"/jury/fiches/{sheet.id}").split("Ce que le jury a décidé")[1]
    assert f"arrêtée par {world.jury_member.name}, le 12 janvier 2027" in told and "« Barème trop sévère »" in told
    assert "Barème trop sévère" not in shown(client_for(world.exam_service), f"/fiches/{sheet.id}")


def test_the_next_sheet_to_decide_is_one_link_away(world: World, judge: FlaskClient) -> None:
    first, second, third = (sheet_of(world, "12", candidacy=world.new_candidacy(birth_name=n)) for n in ("A", "B", "C"))
    decide(world, second, "12")
    assert f"/jury/fiches/{third.id}" in shown(judge, f"/jury/fiches/{first.id}")
    assert "Fiche suivante" not in shown(judge, f"/jury/fiches/{third.id}")


def test_an_outcome_without_a_mark_is_decided_too(world: World, judge: FlaskClient) -> None:
    sheet = sheet_of(world, None, "no_portfolio")
    path, form = f"/jury/fiches/{sheet.id}", f"final-{sheet.id}"
    told = followed(judge, fill(judge, path, form, mark="", reason="Portfolio jamais remis"))
    assert told.count("Portfolio non remis") >= 2


def test_proposals_are_confirmed_in_bulk_only_once_sure(world: World, judge: FlaskClient, place: str) -> None:
    for mark in ("12", "13"):
        sheet_of(world, mark)
    form = f"confirm-{world.jury.id}"
    assert fill(judge, place, form).status_code == 422 and Result.objects.count() == 0
    assert "notes définitives : 2" in followed(judge, fill(judge, place, form, sure="on"))
    assert Result.objects.count() == 2


def test_publishing_takes_two_confirmations_and_says_what_is_left_out(
    world: World, judge: FlaskClient, place: str
) -> None:
    sheet_of(world, "12")
    confirm(world)
    world.new_candidacy()
    path, form = f"{place}/publication", f"publish-{world.jury.id}"
    assert "Pourquoi publier sans ce qui manque (1)" in shown(judge, path)
    for typed in ({}, {"sure": "on"}, {"sure": "on", "session": "2028"}, {"session": "2027"}):
        assert fill(judge, path, form, **typed).status_code == 422
    assert fill(judge, path, form, sure="on", session="2027").status_code == 409
    assert Result.objects(published=True).count() == 0
    said = {"sure": "on", "session": "2027", "leaving_out": "Absent, report à septembre"}
    told = followed(judge, fill(judge, path, form, **said))
    assert "Résultats publiés : 1" in told and "report à septembre" in told
    assert Result.objects(published=True).count() == 1


def test_a_publication_refuses_what_moved_since_it_was_read(world: World, judge: FlaskClient, place: str) -> None:
    first, second = sheet_of(world, "12"), sheet_of(world, "13")
    decide(world, first)
    page = judge.get(f"{place}/publication", headers=HTML).text
    from_page = page.partition('name="_revision" value="')[2].partition('"')[0]
    decide(world, second, "13")
    said = {"sure": "on", "session": "2027", "_revision": from_page, "leaving_out": "Aucun"}
    assert fill(judge, f"{place}/publication", f"publish-{world.jury.id}", **said).status_code == 412


def test_the_candidate_reads_the_sheet_they_asked_for_which_says_that_it_was_handed_to_them(
    world: World, judge: FlaskClient, client_for: Clients
) -> None:
    sheet = sheet_of(world, "12", candidacy=world.candidacy)
    candidate, path = client_for(world.candidate), f"/portfolio/{world.candidacy.id}/resultat"
    confirm(world)
    publish(world)
    assert "Ma fiche d'évaluation" not in shown(candidate, path)
    fill(judge, f"/jury/fiches/{sheet.id}", f"release-{sheet.id}", request_reference="2027-14")
    told = shown(candidate, path)
    assert "Elle vous a été communiquée le 12 janvier 2027" in told and "(2027-14)" in told
    address = re.search(r'href="([^"]+\.pdf)"', told)
    assert address
    paper = PdfDocument(candidate.get(address[1]).data)
    printed = " ".join(" ".join(one.get_textpage().get_text_bounded() for one in paper).split())
    assert "à sa demande, le 12/01/2027 – demande : 2027-14 – article L. 311-6 du CRPA." in printed
    assert "Il ne doit pas être communiqué" not in printed
    assert "article L. 311-6" in shown(candidate, f"/fiches/{sheet.id}")
    assert "Note proposée Masquée" in printed and "12 / 20" not in printed and sheet.digest not in printed
    assert "y est masquée" in told
    shown_sheet = candidate.get(f"/api/v1/sheets/{sheet.id}").json
    assert (shown_sheet["proposed_mark"], shown_sheet["digest"]) == (None, None)
    assert {signature["digest"] for signature in shown_sheet["signatures"]} == {None}
    copy = json.loads(candidate.get(f"/api/v1/sheets/{sheet.id}.json").data)
    assert (copy["masked"], copy["mark"]) == (True, None)
    assert judge.get(f"/api/v1/sheets/{sheet.id}").json["proposed_mark"] == "12.00"
    for_the_jury = shown(judge, f"/fiches/{sheet.id}")
    assert "Il ne doit pas être communiqué" in for_the_jury and "article L. 311-6" not in for_the_jury


def test_the_proposal_is_read_by_the_candidate_once_a_decision_gives_it(
    world: World, judge: FlaskClient, client_for: Clients
) -> None:
    sheet = sheet_of(world, "12", candidacy=world.candidacy)
    candidate, path = client_for(world.candidate), f"/jury/fiches/{sheet.id}"
    confirm(world)
    publish(world)
    fill(judge, path, f"release-{sheet.id}", request_reference="2027-14")
    assert "0 fiche," in shown(judge, f"/jury/{world.jury.id}/fiches?etat=note-donnee")
    assert fill(judge, path, f"unmask-{sheet.id}", reference="TA Lyon 2027-812").status_code == 422
    said = {"law": "CRPA, article L. 311-6", "reference": "TA Lyon 2027-812"}
    told = followed(judge, fill(judge, path, f"unmask-{sheet.id}", **said))
    assert f"par {world.jury_member.name} : décision TA Lyon 2027-812, en application de CRPA" in told
    others = client_for(world.exam_service)
    assert "Note proposée donnée" in shown(others, f"/examens/{world.jury.id}")
    lists = f"/jury/{world.jury.id}/fiches?etat=note-donnee"
    assert "1 fiche," in shown(judge, lists)
    assert "12 / 20" in shown(candidate, f"/fiches/{sheet.id}")
    assert "décision TA Lyon 2027-812" in shown(candidate, f"/portfolio/{world.candidacy.id}/resultat")
    assert candidate.get(f"/api/v1/sheets/{sheet.id}.json").data.decode() == sheet.content


def test_after_publication_a_sheet_is_released_and_an_error_put_right(world: World, judge: FlaskClient) -> None:
    sheet = sheet_of(world, "12")
    confirm(world)
    publish(world)
    path = f"/jury/fiches/{sheet.id}"
    assert f"final-{sheet.id}" not in shown(judge, path)
    told = followed(judge, fill(judge, path, f"release-{sheet.id}", request_reference="2027-14"))
    assert "Communiquée au candidat" in told
    correction = {"mark": "14", "reason": "Erreur de saisie"}
    assert fill(judge, path, f"correct-{sheet.id}", **correction).status_code == 422
    told = followed(judge, fill(judge, path, f"correct-{sheet.id}", sure="on", **correction))
    first, second = told.split("Ce que le jury a décidé")[1].split("</li>")[:2]
    assert "12 / 20" in first and f"arrêtée par {world.jury_member.name}, le 12 janvier 2027" in first
    assert "14 / 20" in second and f"rectifiée par {world.jury_member.name}" in second and "Erreur de saisie" in second


# --- without appraisal ----------------------------------------------------------------------------


def test_an_office_records_an_outcome_the_jury_reads_its_proof_and_decides_and_the_candidate_is_told(
    world: World, client_for: Clients, judge: FlaskClient, place: str
) -> None:
    office, page = client_for(world.office), f"/etablissement/candidats/{world.candidacy.id}"
    form = f"outcome-{world.candidacy.id}"
    low = {"outcome": "mark_kept", "kept_mark": "9", "kept_session": "2025", "reference": "Relevé de notes"}
    refused = fill(office, page, form, **low)
    assert refused.status_code == 422 and "D643-23" in refused.text
    assert fill(office, page, form, **low | {"kept_mark": "13"}).status_code == 303
    outcome = OfficeOutcome.objects.get()
    assert "Transmise au jury" in shown(office, page)
    assert fill(office, page, f"outcome-withdraw-{outcome.id}", reason="Erreur de ligne").status_code == 303
    assert fill(office, page, form, outcome="absent", convoked_on="2027-05-03").status_code == 303
    assert "le jury la lit et décide" in shown(office, page)
    outcome = OfficeOutcome.objects.get(live=True)
    assert "Absence non justifiée" in shown(judge, f"{place}/situations")
    back = f"/jury/situations/{outcome.id}"
    assert "Aucune remise" in shown(judge, back) and "aucune annulée" in shown(judge, back)
    assert fill(judge, back, f"outcome-back-{outcome.id}", reason="").status_code == 422
    assert fill(judge, back, f"outcome-back-{outcome.id}", reason="Portfolio remis au jury").status_code == 303
    assert "« Portfolio remis au jury »" in shown(office, page)
    assert fill(office, page, form, outcome="absent", convoked_on="2027-05-03").status_code == 303
    assert "le jury la lit et décide" in shown(office, page)
    outcome = OfficeOutcome.objects.get(live=True)
    address, before = f"/jury/situations/{outcome.id}", drawn(shown(office, page))
    assert "aucune preuve enregistrée" in shown(judge, address)
    assert fill(judge, address, f"outcome-{outcome.id}").status_code == 303
    assert "Décidée, pas encore publiée" in shown(judge, address)
    assert drawn(shown(office, page)) == before
    assert "Signalez-lui" in fill(office, page, f"outcome-withdraw-{outcome.id}", reason="Erreur de ligne").text
    sent = {"session": world.session, "sure": "on"}
    assert fill(judge, f"{place}/publication", f"publish-{world.jury.id}", **sent).status_code == 303
    assert "Ce que le jury a décidé" in shown(office, page)
    told = shown(client_for(world.candidate), f"/portfolio/{world.portfolio.id}/resultat")
    assert "Absence non justifiée" in told
    correction = {"outcome": "dispensed", "reason": "Arrêté de dispense reçu"}
    assert fill(judge, address, f"outcome-correct-{outcome.id}", **correction).status_code == 422
    assert fill(judge, address, f"outcome-correct-{outcome.id}", sure="on", **correction).status_code == 303
    result = f"/portfolio/{world.portfolio.id}/resultat"
    told, told_office = shown(client_for(world.candidate), result), shown(office, page)
    assert "a rectifié ce résultat" in told and "Absence non justifiée" not in told
    assert "Arrêté de dispense reçu" in told_office and "Arrêté de dispense reçu" not in told
    back = fill(judge, address, f"outcome-taken-{outcome.id}", sure="on", reason="Le candidat est venu")
    assert back.status_code == 303
    told = shown(client_for(world.candidate), result)
    assert "a retiré" in told and "Dispense" not in told and "Le candidat est venu" not in told
    assert "Le candidat est venu" in shown(office, page) and "convoquez la commission" in shown(office, page)


# --- a shortened stage ------------------------------------------------------------------------------


def test_the_jury_and_the_office_read_that_a_stage_was_shortened_and_not_why(
    world: World, client_for: Clients, judge: FlaskClient
) -> None:
    sheet = sheet_of(world)
    candidacy = Candidacy.objects.get(pk=sheet.candidacy)
    assert "Durée de stage réduite" not in shown(judge, f"/jury/fiches/{sheet.id}")
    reduction = {"days": 45, "decided_by": "recteur", "reference": "Raison de santé"}
    said: Any = {"stage_reduction": reduction}
    training.record_training(world.actor(world.office), candidacy, said, world.clock())
    told = "Durée de stage réduite à 45 jours, sur décision du recteur (arrêté, annexe III C)."
    office = f"/etablissement/{world.school.id}/fiches?session={world.session}"
    for page in (shown(judge, f"/jury/fiches/{sheet.id}"), shown(client_for(world.office), office)):
        assert told in unescape(page).replace("\u202f", " ") and "Raison de santé" not in page
    listed = judge.get(f"/api/v1/juries/{world.jury.id}/sheets").json["items"]
    assert [line["stage"] for line in listed] == [told]


def test_the_jury_reads_it_beside_a_situation_without_appraisal(world: World, judge: FlaskClient) -> None:
    said: Any = {"stage_reduction": {"days": 40, "decided_by": "school", "reference": "Entrée en 2e année"}}
    candidacy = training.record_training(world.actor(world.office), world.candidacy, said, world.clock())
    outcome = office_outcomes.record_outcome(world.actor(world.office), candidacy, {"outcome": "absent"}, world.clock())
    page = unescape(shown(judge, f"/jury/situations/{outcome.id}")).replace("\u202f", " ")
    assert "Durée de stage réduite à 40 jours, sur décision de l'établissement" in page
