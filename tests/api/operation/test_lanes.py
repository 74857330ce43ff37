"""Deposits go one after the other, what has begun first; a body that comes in slowly holds nobody's turn."""

from __future__ import annotations

import threading
from collections.abc import Callable
from io import BytesIO

from api.operation.lanes import Arriving, Rank, RequestLane, Verifying
from tests.support.waiting import await_until


class Going:
    """Who went, in their order. Each is a thread that waits in line until the one before it came there."""

    def __init__(self, lane: RequestLane) -> None:
        self.lane, self.went = lane, list[str]()
        self.threads: list[threading.Thread] = []

    def line_up(self, name: str, enter: Callable[[], object]) -> None:
        def go() -> None:
            enter()
            self.went.append(name)
            self.lane.leave()

        before = self.lane.in_line
        self.threads.append(threading.Thread(target=go, daemon=True))
        self.threads[-1].start()
        await_until(lambda: self.lane.in_line == before + 1, f"{name} does not wait")

    def all_went(self) -> list[str]:
        self.lane.leave()
        for thread in self.threads:
            thread.join(30)
        return self.went


def test_what_has_begun_goes_before_what_begins_each_in_the_order_in_which_they_came() -> None:
    lane = RequestLane(1, 10)
    assert lane.enter()
    going = Going(lane)
    going.line_up("begins", lambda: lane.enter(Rank.BEGINS))
    going.line_up("goes on", lambda: lane.enter(Rank.GOES_ON))
    going.line_up("ends", lambda: lane.enter(Rank.ENDS))
    going.line_up("goes on too", lambda: lane.enter(Rank.GOES_ON))
    going.line_up("comes back", lane.come_back)
    assert going.all_went() == ["ends", "comes back", "goes on", "goes on too", "begins"]
    assert lane.enter(), "the last one left"


def test_those_who_begin_are_sent_away_while_those_who_have_begun_still_find_a_place() -> None:
    lane = RequestLane(1, 4)
    assert lane.enter()
    going = Going(lane)
    for number in range(2):
        going.line_up(f"begins {number}", lambda: lane.enter(Rank.BEGINS))
    assert not lane.enter(Rank.BEGINS)
    for number in range(2):
        going.line_up(f"goes on {number}", lambda: lane.enter(Rank.GOES_ON))
    assert not lane.enter(Rank.ENDS)
    going.line_up("comes back", lane.come_back)
    assert len(going.all_went()) == 5


class Slow(BytesIO):
    """A body of which nothing comes before `came`."""

    def __init__(self, content: bytes) -> None:
        super().__init__(content)
        self.came, self.asked = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.asked.set()
        self.came.wait(30)
        return super().read(size)


def test_a_body_that_comes_in_slowly_holds_no_turn_and_one_place_among_those_that_are_read() -> None:
    lane, receiving = RequestLane(1, 1), RequestLane(1, 0)
    slow, read = Slow(b"whole"), list[bytes]()
    arriving = Arriving(slow, lane, receiving)
    assert lane.enter()

    def receive() -> None:
        read.append(arriving.read())

    thread = threading.Thread(target=receive, daemon=True)
    thread.start()
    assert slow.asked.wait(30)
    assert lane.enter(), "the turn is free meanwhile"
    assert not receiving.enter(), "the place is not"
    slow.came.set()
    await_until(lambda: lane.in_line == 1, "it does not wait for its turn again")
    assert not read
    lane.leave()
    thread.join(30)
    assert read == [b"whole"]
    assert not receiving.enter(), "it is kept while the body is in memory"
    arriving.close()
    arriving.close()
    assert receiving.enter()
    assert not receiving.enter(), "given back once"


def test_a_body_that_breaks_off_leaves_its_reader_with_its_turn() -> None:
    class Torn(BytesIO):
        def readline(self, size: int | None = -1) -> bytes:
            raise OSError

    lane = RequestLane(1, 0)
    assert lane.enter()
    try:
        Arriving(Torn(), lane, RequestLane(1, 0)).readline()
    except OSError:
        assert not lane.enter()
    lane.leave()
    assert lane.enter()


def test_who_verifies_apart_waits_for_the_others_and_where_no_place_is_left_keeps_the_turn() -> None:
    lane = RequestLane(1, 0)
    verifying = Verifying(lane, at_once=1, places=2)
    assert lane.enter()
    with verifying.apart():
        assert lane.enter(), "the turn is free meanwhile"
        second = threading.Thread(target=_verify, args=(verifying,), daemon=True)
        second.start()
        await_until(lane.enter, "who waits to verify holds the turn")
        with verifying.apart():
            assert not lane.enter(), "it is kept: two are apart already"
        lane.leave()
    assert not lane.enter(), "who verified has its turn again"
    lane.leave()
    second.join(30)
    assert not second.is_alive() and not lane.enter(), "and so has the other"


def _verify(verifying: Verifying) -> None:
    with verifying.apart():
        pass
