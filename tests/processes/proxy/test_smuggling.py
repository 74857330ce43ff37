"""A request hidden in the body of another: nginx and gunicorn read the same length, or refuse."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import pytest

from config.settings import Settings
from portfolio.store.connections import Connections
from tests.processes.proxy.front import Front, Line, standing
from tests.support.waiting import await_until

Doors = Callable[[], AbstractContextManager[Line]]
HIDDEN = b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n"
REACHED, AFTERWARDS = "GET /api/v1/health", "GET /healthz"
LENGTH, CHUNKED = b"Content-Length: %d\r\n" % (len(HIDDEN) + 5), b"Transfer-Encoding: chunked\r\n"
# Whoever goes by the chunks sees the body end here, and what is hidden as the next request.
ENDED = b"0\r\n\r\n" + HIDDEN
# Whoever goes by a length of four sees the body end after the size of the chunk.
IN_A_CHUNK = b"%x\r\n" % len(HIDDEN) + HIDDEN + b"\r\n0\r\n\r\n"


@pytest.fixture(scope="module")
def front(engine_environment: dict[str, str], settings: Settings, connections: Connections) -> Iterator[Front]:
    stores = {"MONGODB_URI": settings.mongodb_uri, "S3_BUCKET": settings.s3_bucket}
    with standing({**os.environ, **engine_environment, **stores}) as made, made.running():
        yield made


@pytest.fixture(params=["nginx", "gunicorn"])
def door(front: Front, request: pytest.FixtureRequest) -> Doors:
    return front.line if request.param == "nginx" else front.line_behind


def sent(headers: bytes, body: bytes) -> bytes:
    start = b"POST /api/v1/sign-in HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
    return start + headers + b"\r\n" + body


TWO_LENGTHS = b"Content-Length: 4\r\nContent-Length: %d\r\n" % len(IN_A_CHUNK)
ATTEMPTS = {
    "CL+TE": (LENGTH + CHUNKED, ENDED),
    "TE+CL": (CHUNKED + LENGTH, ENDED),
    "TE+CL, short": (CHUNKED + b"Content-Length: 4\r\n", IN_A_CHUNK),
    "CL+TE, short": (b"Content-Length: 4\r\n" + CHUNKED, IN_A_CHUNK),
    "CL 0+TE": (b"Content-Length: 0\r\n" + CHUNKED, ENDED),
    "two lengths": (TWO_LENGTHS, IN_A_CHUNK),
    "two lengths in one": (b"Content-Length: 4, %d\r\n" % len(IN_A_CHUNK), IN_A_CHUNK),
    "a signed length": (b"Content-Length: +4\r\n", IN_A_CHUNK),
    "a length in hexadecimal": (b"Content-Length: 0x4\r\n", IN_A_CHUNK),
    "a negative length": (b"Content-Length: -1\r\n", ENDED),
    "a space before the colon": (b"Transfer-Encoding : chunked\r\n" + LENGTH, ENDED),
    "TE in capitals": (b"TRANSFER-ENCODING: Chunked\r\n" + LENGTH, ENDED),
    "TE after a tab": (b"Transfer-Encoding:\tchunked\r\n" + LENGTH, ENDED),
    "TE twice": (CHUNKED + CHUNKED, ENDED),
    "TE twice, the second unknown": (CHUNKED + b"Transfer-Encoding: cow\r\n", ENDED),
    "TE unknown": (b"Transfer-Encoding: xchunked\r\n" + LENGTH, ENDED),
    "TE after another": (b"Transfer-Encoding: identity, chunked\r\n" + LENGTH, ENDED),
    "TE on a folded line": (b"Transfer-Encoding:\r\n chunked\r\n" + LENGTH, ENDED),
    "TE after a bare return": (b"X-Y: z\rTransfer-Encoding: chunked\r\n" + LENGTH, ENDED),
    "TE after a control character": (b"Transfer-Encoding: \x0bchunked\r\n" + LENGTH, ENDED),
    "the size of a chunk in another writing": (CHUNKED, b"0x0\r\n\r\n" + HIDDEN),
    "the size of a chunk that is negative": (CHUNKED, b"-1\r\n\r\n" + HIDDEN),
}
AMBIGUOUS = [name for name in ATTEMPTS if name.startswith(("CL", "TE+CL", "TE in"))]


def hear_to_the_end(front: Front, door: Doors, said: bytes) -> bytes:
    """What is answered to it on one connection, once the application has also answered somebody who came later."""
    before = front.reached()[AFTERWARDS]
    with door() as line:
        line.send_what_is_taken(said)
        heard = line.rest()
    with front.line_behind() as line:
        line.send(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert line.answer().status == 200
    await_until(lambda: front.reached()[AFTERWARDS] > before)
    return heard


@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_hides_in_a_body_is_never_a_request_of_its_own(front: Front, door: Doors, attempt: str) -> None:
    before = front.reached()[REACHED]
    heard = hear_to_the_end(front, door, sent(*ATTEMPTS[attempt]))
    assert heard.count(b"HTTP/1.1 ") == 1, heard
    status = int(heard.split()[1])
    assert status == 400 if attempt in AMBIGUOUS else 400 <= status < 502, heard
    assert front.reached()[REACHED] == before


def test_two_plain_requests_on_one_line_are_both_answered(front: Front, door: Doors) -> None:
    """Otherwise the tests above could not fail."""
    before = front.reached()[REACHED]
    last = HIDDEN.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n")
    heard = hear_to_the_end(front, door, sent(b"Content-Length: 4\r\n", b"null") + last)
    assert heard.count(b"HTTP/1.1 ") == 2
    assert front.reached()[REACHED] == before + 1
