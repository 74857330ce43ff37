"""A candidate whose exam is one sitting is followed to its end: nothing of CCF is asked, the result is recorded."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from portfolio.boards.office_board import office_board
from portfolio.documents import Academy, Candidacy, Portfolio, Submission
from portfolio.enrolment import exam_form, one_sitting
from portfolio.errors import Forbidden, Invalid
from portfolio.rules.terms import SignOffSeat
from portfolio.rules.unlikely_dates import DateToConfirm
from portfolio.sign_offs.answering import answers, content
from portfolio.sign_offs.answering.inbox import inbox
from portfolio.sign_offs.asking import requests
from portfolio.store.connections import Connections
from portfolio.store.journal import MovedMeanwhile
from portfolio.submission import submit
from tests.conftest import Clock
from tests.support.acts.asking import ask
from tests.support.api.clients import Clients
from tests.support.api.requests import change, expect_problem, get
from tests.support.concurrency import in_between
from tests.support.filling import fill, followed, shown
from tests.support.mails.mailbox import deliver, rows
from tests.support.worlds.world import World

RECEIVED: one_sitting.SittingValues = {
    "mark": "11,5",
    "received_on": "2027-01-10",
    "reference": "Relevé de notes du service des examens",
}


@pytest.fixture
def turned(world: World) -> World:
    """A candidate who was in CCF, with requests that wait for the tutor, then turned to one sitting."""
    ask(world)
    turn(world)
    return world


def turn(world: World, status: str = "experience") -> None:
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    values: exam_form.FormValues = {"status": status, "reason": "Inscrit au titre de son expérience"}
    exam_form.change_form(world.actor(world.office), candidacy, values, world.clock())


def record(world: World, **changed: str | bool | None) -> Candidacy:
    values: one_sitting.SittingValues = {**RECEIVED, **changed}  # type: ignore[typeddict-item]
    candidacy = Candidacy.objects.get(pk=world.candidacy.id)
    return one_sitting.record_result(world.actor(world.office), candidacy, values, world.clock())


def test_nothing_waits_for_the_tutor_any_more_and_no_reminder_leaves(
    turned: World, clock: Clock, store: Connections
) -> None:
    assert inbox(turned.actor(turned.tutor)).sign_offs == []
    for _ in range(8):
        clock.advance(days=1)
        deliver(clock)
    sent = [row["outcome"] for row in rows(store) if row["kind"] in ("sign_offs", "sign_off_reminder")]
    assert "sent" not in sent
    turn(turned, "scolaire")
    assert len(inbox(turned.actor(turned.tutor)).sign_offs) == 1, "what was asked comes back with CCF"


def test_nobody_asks_or_hands_in_any_more(turned: World) -> None:
    with pytest.raises(one_sitting.OneSitting):
        requests.request(turned.actor(turned.candidate), turned.activity, "teacher", None, turned.clock())  # type: ignore[arg-type]
    with pytest.raises(one_sitting.OneSitting):
        submit.submit(turned.actor(turned.candidate), Portfolio.objects.get(), False, turned.clock())


def test_what_was_read_before_is_not_confirmed_any_more(turned: World) -> None:
    seen = content.content_for(turned.actor(turned.tutor), turned.activity, SignOffSeat.TUTOR)
    with pytest.raises(one_sitting.OneSitting):
        answers.answer(
            turned.actor(turned.tutor),
            turned.activity,
            SignOffSeat.TUTOR,
            "confirmed",
            seen.digest,
            None,
            None,
            None,
            turned.clock(),
        )


def test_a_form_that_changes_while_a_portfolio_is_handed_in_stops_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.new_piece()
    world.sign_off()
    in_between(monkeypatch, submit, lambda: turn(world))
    with pytest.raises(MovedMeanwhile):
        submit.submit(world.actor(world.candidate), Portfolio.objects.get(), True, world.clock())
    assert Submission.objects.count() == 0


def test_the_day_is_that_of_the_academy(turned: World, clock: Clock) -> None:
    clock.now = datetime(2027, 1, 10, 3, 0, tzinfo=UTC)
    Academy.objects(code=turned.academy.code).update(set__timezone="America/Martinique")
    with pytest.raises(DateToConfirm):
        record(turned)
    record(turned, received_on="2027-01-09")
    record(turned, confirmed=True)


def test_the_candidate_and_the_office_read_the_form_then_the_result(turned: World, client_for: Clients) -> None:
    candidate, office = client_for(turned.candidate), client_for(turned.office)
    page, form = f"/etablissement/candidats/{turned.candidacy.id}", f"sitting-{turned.candidacy.id}"
    told = shown(candidate, "/portfolio")
    assert "sous forme ponctuelle" in told and "À remettre" not in told and "est gardé" in told
    assert "Remettre mon portfolio" not in shown(candidate, f"/portfolio/{turned.candidacy.id}/remise")
    told = shown(office, page)
    assert "Résultat attendu" in told and "Convoquer" not in told and "à remettre avant" not in told
    assert fill(office, page, form, **RECEIVED | {"words": "Absent"}).status_code == 422
    assert "11,5 / 20" in followed(office, fill(office, page, form, **RECEIVED))
    assert "11,5 / 20" in shown(candidate, "/portfolio")
    assert "résultat reçu" in shown(office, f"/etablissement/{turned.school.id}/candidats?session={turned.session}")


def test_a_result_recorded_wrong_is_kept_and_another_stands(turned: World) -> None:
    record(turned)
    corrected = record(turned, mark=None, words="Absent")
    assert [(one.mark, one.words) for one in corrected.sittings] == [(Decimal("11.5"), None), (None, "Absent")]


@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"mark": "21"}, "mark"),
        ({"mark": None}, "mark"),
        ({"reference": " "}, "reference"),
    ],
)
def test_it_has_a_mark_or_words_and_its_paper(turned: World, typed: dict[str, str | None], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        record(turned, **typed)
    assert set(refused.value.errors) == {field}


def test_the_office_alone_records_it_and_only_of_one_sitting(world: World) -> None:
    with pytest.raises(one_sitting.NotOneSitting):
        record(world)
    turn(world)
    with pytest.raises(Forbidden):
        one_sitting.record_result(world.actor(world.follower), world.candidacy, RECEIVED, world.clock())


def test_over_http_the_office_and_the_candidate_alone_read_the_result(turned: World, client_for: Clients) -> None:
    office, address = client_for(turned.office), f"/candidacies/{turned.candidacy.id}"
    revision = get(office, address).json["revision"]
    expect_problem(change(office, "POST", f"{address}/sitting-result", revision - 1, dict(RECEIVED)), 412)
    told = change(office, "POST", f"{address}/sitting-result", revision, dict(RECEIVED)).json
    assert told["identity"]["sittings"][0]["mark"] == "11.50"
    assert get(client_for(turned.candidate), address).json["identity"]["sittings"][0]["words"] is None
    assert get(client_for(turned.follower), address).json["identity"] is None


def test_the_board_asks_for_the_result_once_commissions_are_over_and_counts_ccf_alone(
    turned: World, clock: Clock
) -> None:
    def owed() -> list[str]:
        board = office_board(turned.actor(turned.office), turned.school, clock(), session=turned.session)
        return [task.what for task in board.owed]

    assert owed() == []
    clock.advance(days=365)
    assert owed() == ["sitting"]
    record(turned)
    assert owed() == []
