"""Before the service, many at once all pass, and who sends much, slowly or without end keeps nobody from working."""

from __future__ import annotations

import time
from contextlib import ExitStack

from portfolio.documents import Person
from tests.processes.proxy.front import THREADS, Front, Line
from tests.processes.proxy.test_front import ASKED, CARRY_MUCH, MIB, PART, deposited, enter, head, said_by_a_proxy
from tests.support.api.entering import PHRASE
from tests.support.waiting import await_until
from tests.support.worlds.world import PDF, World

SLOW = 24


def begun(front: Front, opened: ExitStack, token: str, path: str = CARRY_MUCH[0][1]) -> Line:
    """A long body of which only the beginning came."""
    line = opened.enter_context(front.line())
    line.send(head("PUT", path, MIB, token), bytes(1000))
    return line


def test_one_person_sends_four_things_at_once_however_often_they_signed_in_and_others_go_on(
    front: Front, world: World
) -> None:
    tokens = [world.token_for(world.candidate, world.clock()) for _ in range(4)]
    before = front.reached()[ASKED]
    with ExitStack() as opened:
        slow = [begun(front, opened, token) for token in tokens]
        await_until(lambda: front.reached()[ASKED] == before + 4)
        fifth = begun(front, opened, tokens[0])
        answer = fifth.answer()
        said_by_a_proxy(answer, 429, "too_many_uploads")
        assert answer.headers["Retry-After"] == "10"
        other = begun(front, opened, world.token_for(world.follower, world.clock()))
        for line in (other, *slow):
            line.send(bytes(MIB - 1000))
            assert line.answer().status == 404  # of the application: there is no such file
        again = begun(front, opened, tokens[0])
        again.send(bytes(MIB - 1000))
        assert again.answer().status == 404


def test_a_hundred_and_twenty_people_behind_one_address_all_pass(front: Front, world: World) -> None:
    people = [world.person(f"Classe{number}") for number in range(120)]
    before = front.reached()[ASKED]
    with ExitStack() as opened:
        lines = [begun(front, opened, world.token_for(person, world.clock())) for person in people]
        await_until(lambda: front.reached()[ASKED] == before + 120)
        for line in lines:
            line.send(bytes(MIB - 1000))
        assert [line.answer().status for line in lines] == [404] * 120


def test_a_refusal_reads_what_is_still_being_sent_so_that_the_proxy_hears_it(front: Front, world: World) -> None:
    """gunicorn would hang up on what the application left unread, and nginx tell that the service is down."""
    token = world.token_for(world.candidate, world.clock())
    with front.line_behind() as line:
        for _ in range(2):
            line.send(head("PUT", CARRY_MUCH[0][1], MIB, token), bytes(1000))
            time.sleep(0.2)  # the refusal is known; the rest is still on its way
            line.send(bytes(MIB - 1000))
            assert line.answer().status == 404


def test_two_dozen_slow_senders_keep_nobody_from_working_and_are_answered_in_the_end(
    front: Front, world: World, entered: Person
) -> None:
    assert SLOW > 2 * THREADS
    form = b"email=ana%40exemple.fr&password=faux"
    typed = {"Content-Type": "application/x-www-form-urlencoded", "Origin": "https://localhost"}
    tokens = [world.token_for(world.person(f"Lent{number}"), world.clock()) for number in range(SLOW // 2)]
    before = front.reached()[ASKED]
    with ExitStack() as opened:
        parts = [begun(front, opened, token) for token in tokens]
        forms = [opened.enter_context(front.line()) for _ in range(SLOW // 2)]
        for line in forms:
            line.send(head("POST", "/connexion", len(form), **typed), form[:1])
        await_until(lambda: front.reached()[ASKED] == before + len(parts))
        work(front, world, entered)
        for line in parts:
            line.send(bytes(MIB - 1000))
        for line in forms:
            line.send(form[1:])
        assert {line.answer().status for line in parts} == {404}
        assert {line.answer().status for line in forms} == {400}  # drawn by no page of ours


def work(front: Front, world: World, entered: Person) -> None:
    """A page, a sign-in, a file to its end."""
    with front.client() as browser:
        enter(browser, entered.email, PHRASE)
        assert browser.get("/classe").status_code == 200
    with front.client(world.token_for(world.candidate, world.clock())) as program:
        assert deposited(program, world.new_piece(), PDF, "lettre.pdf")["state"] == "verified"


def test_who_stops_sending_is_let_go_and_nothing_of_it_is_kept(behind: Front, nginx: Front, world: World) -> None:
    """With time-outs of one second, for who cannot wait."""
    token = world.token_for(world.candidate, world.clock())
    hasty = Front(behind.folder.with_name("hasty"), behind.log, behind.behind)
    hasty.folder.mkdir()
    short = {
        "client_body_timeout 30s": "client_body_timeout 1s",
        "client_header_timeout 15s": "client_header_timeout 1s",
    }
    with hasty.running(**short), hasty.line() as body, hasty.line() as heading:
        body.send(head(*CARRY_MUCH[0], PART, token), bytes(MIB))
        heading.send(b"GET / HTTP/1.1\r\nHost: ")
        assert body.rest() == heading.rest() == b""
        await_until(lambda: hasty.kept_bytes() == 0)
