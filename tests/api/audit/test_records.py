"""Boards over HTTP: calendar, a school's conformity, mark lists, a portfolio's archive and history."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

import pytest
from openpyxl import load_workbook

from portfolio.documents import EvidenceFile
from portfolio.jury import mark_list
from portfolio.store.connections import Connections
from tests.support.api.clients import Clients
from tests.support.api.requests import ask, expect_problem, get
from tests.support.outage import store_down
from tests.support.worlds import commissions
from tests.support.worlds.juries import sheet_of
from tests.support.worlds.world import World


def rows_of(answer: Any) -> list[list[str]]:
    assert answer.data.startswith(b"\xef\xbb\xbf")
    return list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))


# --- calendar and conformity ----------------------------------------------------------------------


def test_an_inspector_reads_the_calendar(world: World, client_for: Clients) -> None:
    commission = commissions.convened(world)
    (day,) = get(client_for(world.inspector), "/calendar", session="2027").json["items"]
    assert (day["day"], day["school_name"], day["commissions"], day["with_tutor"]) == (
        "2027-04-12",
        "Lycée Ampère",
        1,
        1,
    )
    assert day["first_at"] == commission.meets_at.isoformat()
    assert get(client_for(world.candidate), "/calendar", session="2027").json == {"items": []}


@pytest.mark.parametrize("query", [{}, {"session": "hier"}, {"session": "27"}])
def test_a_calendar_is_of_a_session(world: World, client_for: Clients, query: dict[str, str]) -> None:
    expect_problem(get(client_for(world.inspector), "/calendar", **query), 422, "invalid_values")


def test_conformity_shows_how_far_a_school_is_and_no_mark(world: World, client_for: Clients) -> None:
    commissions.transmitted(world)
    answer = get(client_for(world.inspector), f"/schools/{world.school.id}/conformity", session="2027")
    (line,) = answer.json["lines"]
    assert (line["name"], line["state"], line["submissions"]) == (world.candidacy.display_name, "submitted", 1)
    assert (line["reality_missing"], line["convened"]) == (1, True)
    assert answer.json["counts"]["submitted"] == 1
    shown = {"candidacy", "name", "state", "submissions", "submitted_at", "placements", "reality_missing", "convened"}
    shown |= {"circular", "exam"}
    assert set(line) == shown


def test_others_do_not_read_a_school_s_conformity(world: World, client_for: Clients) -> None:
    path = f"/schools/{world.school.id}/conformity"
    expect_problem(get(client_for(), path, session="2027"), 401)
    for person in (world.candidate, world.follower, world.new_office(world.new_school("0690132U"))):
        expect_problem(get(client_for(person), path, session="2027"), 404)
    expect_problem(get(client_for(world.inspector), f"/schools/{'0' * 24}/conformity", session="2027"), 404)


# --- mark lists -----------------------------------------------------------------------------------


def test_the_office_downloads_its_mark_list(world: World, client_for: Clients) -> None:
    sheet = commissions.transmitted(world)
    answer = get(client_for(world.office), f"/schools/{world.school.id}/mark-list.csv", session="2027")
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    assert answer.headers["Content-Disposition"] == "attachment; filename=bordereau-2027-0690026D.csv"
    assert "ETag" not in answer.headers
    header, row = rows_of(answer)
    said = dict(zip(header, row, strict=True))
    assert (said["N° candidat"], said["Note proposée"], said["N° de fiche"]) == (
        *(world.candidacy.candidate_number, "14,5", sheet.number),
    )


def test_the_jury_downloads_the_academy_s(world: World, client_for: Clients) -> None:
    assert world.jury
    sheet_of(world), sheet_of(world)
    answer = get(client_for(world.jury_member), f"/juries/{world.jury.id}/mark-list.csv")
    assert len(rows_of(answer)) == 3
    assert answer.headers["Content-Disposition"] == "attachment; filename=bordereau-2027-academie-10.csv"


def test_the_mark_lists_are_workbooks_of_text_too(world: World, client_for: Clients) -> None:
    sheet_of(world)
    office = get(client_for(world.office), f"/schools/{world.school.id}/mark-list.xlsx", session="2027")
    jury = get(client_for(world.jury_member), f"/juries/{world.jury.id}/mark-list.xlsx")
    for answer in (office, jury):
        assert answer.headers["Content-Disposition"].endswith(".xlsx")
        header, *lines = load_workbook(io.BytesIO(answer.data)).worksheets[0].iter_rows()
        assert [cell.value for cell in header] == list(mark_list.HEADER)
        assert {cell.data_type for line in lines for cell in line if cell.value} == {"s"}


def test_a_mark_list_of_nobody_is_a_header(world: World, client_for: Clients) -> None:
    answer = get(client_for(world.office), f"/schools/{world.school.id}/mark-list.csv", session="2027")
    assert len(rows_of(answer)) == 1


def test_others_get_no_mark_list(world: World, client_for: Clients) -> None:
    sheet_of(world)
    path = f"/schools/{world.school.id}/mark-list.csv"
    for person in (world.candidate, world.follower, world.inspector, world.administrator):
        expect_problem(get(client_for(person), path, session="2027"), 404)


def test_a_rehearsal_s_mark_list_says_fictif(store: Connections, clock: Any, client_for: Clients) -> None:
    fictional = World(clock, session="2027R")
    sheet_of(fictional)
    answer = get(client_for(fictional.office), f"/schools/{fictional.school.id}/mark-list.csv", session="2027R")
    assert "filename=FICTIF-bordereau-2027R-" in answer.headers["Content-Disposition"]
    header, row = rows_of(answer)
    assert (header[-1], row[-1]) == ("FICTIF", "FICTIF")


# --- archive --------------------------------------------------------------------------------------


def test_a_candidate_downloads_the_whole_portfolio(world: World, client_for: Clients) -> None:
    world.upload(world.new_piece())
    answer = ask(client_for(world.candidate), f"/portfolios/{world.candidacy.id}/export.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    number = world.candidacy.candidate_number
    assert answer.headers["Content-Disposition"] == f"attachment; filename=portfolio-2027-{number}.zip"
    assert not {"ETag", "Last-Modified", "Content-Length"} & set(answer.headers.keys())
    archive = zipfile.ZipFile(io.BytesIO(answer.data))
    assert archive.testzip() is None
    assert "preuves/01 - Lettre de relance/01 - lettre.pdf" in archive.namelist()


def test_an_archive_with_a_lost_file_still_downloads(world: World, client_for: Clients, store: Connections) -> None:
    world.upload(world.new_piece())
    store.storage.delete(EvidenceFile.objects.get().key)
    answer = ask(client_for(world.candidate), f"/portfolios/{world.candidacy.id}/export.zip")
    assert zipfile.ZipFile(io.BytesIO(answer.data)).testzip() is None


def test_a_store_that_is_down_is_said_before_the_first_byte(
    world: World, client_for: Clients, store: Connections
) -> None:
    world.upload(world.new_piece())
    client, path = client_for(world.candidate), f"/portfolios/{world.candidacy.id}/export.zip"
    with store_down():
        answer = ask(client, path)
    expect_problem(answer, 503, "engine_unavailable")
    assert answer.headers["Retry-After"]
    assert store.database.events.count_documents({"name": "portfolio_exported"}) == 0
    assert ask(client, path).status_code == 200


def test_reading_an_archive_s_address_takes_nothing(world: World, client_for: Clients, store: Connections) -> None:
    answer = get(client_for(world.candidate), f"/portfolios/{world.candidacy.id}/export.zip")
    assert (answer.status_code, set(answer.headers["Allow"].split(", "))) == (405, {"OPTIONS", "POST"})
    assert store.database.events.count_documents({"name": "portfolio_exported"}) == 0


def test_others_download_nothing(world: World, client_for: Clients, store: Connections) -> None:
    world.new_piece()
    path = f"/portfolios/{world.candidacy.id}/export.zip"
    expect_problem(ask(client_for(), path), 401)
    expect_problem(ask(client_for(world.second_teacher), path), 403)
    expect_problem(ask(client_for(world.tutor), path), 404)
    assert store.database.events.count_documents({"name": "portfolio_exported"}) == 0


# --- history --------------------------------------------------------------------------------------


def test_a_candidate_reads_the_history_page_by_page(world: World, client_for: Clients) -> None:
    world.new_piece()
    client, path = client_for(world.candidate), f"/portfolios/{world.candidacy.id}/history"
    first = get(client, path, limit=2).json
    assert [one["seq"] for one in first["items"]] == [1, 2]
    assert first["next"] == 2
    second = get(client, path, after=first["next"]).json
    assert [(one["name"], one["about"]) for one in second["items"]] == [("evidence_added", "Lettre de relance")]
    assert second["next"] is None
    assert second["items"][0]["sentence"] == f"{world.candidacy.display_name} a ajouté une preuve."


@pytest.mark.parametrize("query", [{"after": "-1"}, {"after": "x"}, {"limit": "0"}, {"limit": "201"}])
def test_a_history_asked_for_badly_is_refused(world: World, client_for: Clients, query: dict[str, str]) -> None:
    answer = get(client_for(world.candidate), f"/portfolios/{world.candidacy.id}/history", **query)
    expect_problem(answer, 422, "invalid_values")


def test_others_do_not_read_a_history(world: World, client_for: Clients) -> None:
    path = f"/portfolios/{world.candidacy.id}/history"
    expect_problem(get(client_for(), path), 401)
    expect_problem(get(client_for(world.second_teacher), path), 403)
    expect_problem(get(client_for(world.inspector), path), 404)


def test_what_was_keyed_is_read_back_against_the_list(world: World, client_for: Clients) -> None:
    number = sheet_of(world, "12").number.partition("-")[2]
    path = f"/schools/{world.school.id}/mark-list/compare"
    office = client_for(world.office)
    answer = ask(office, path, {"session": "2027", "keyed": f"{number};12,5"})
    assert (answer.status_code, answer.json["expected"], answer.json["equal"]) == (200, 1, 0)
    (difference,) = answer.json["differences"]
    assert (difference["kind"], difference["expected"], difference["keyed"]) == ("different", "12", "12,5")
    expect_problem(ask(office, path, {"session": "2027", "keyed": ";"}), 422, "invalid_values")
    expect_problem(ask(client_for(world.candidate), path, {"session": "2027", "keyed": "1;2"}), 404)


# --- proof ----------------------------------------------------------------------------------------


def test_an_office_reads_the_proof_of_a_candidate_s_acts(world: World, client_for: Clients) -> None:
    world.submit()
    path = f"/portfolios/{world.candidacy.id}/proof"
    told = get(client_for(world.office), path).json
    assert told["faults"] == [] and told["sheets"] == []
    assert [one["number"] for one in told["submissions"]] == [1]
    assert told["acts"][-1]["sentence"] == f"{world.candidate.name} a remis le portfolio (remise n° 1)."
    head = f"portfolio:{world.candidacy.id} {told['acts'][-1]['seq']}:{told['acts'][-1]['mac']}"
    assert told["ends"] == [head]
    expect_problem(get(client_for(world.candidate), path), 403, "forbidden")
