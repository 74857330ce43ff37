"""A browser that hangs up leaves nothing open behind it."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.support.http_server import served

AT_ONCE = struct.pack("ii", 1, 0)  # SO_LINGER: closing resets the line


@pytest.mark.parametrize("hangs_up", [True, False])
def test_an_answer_is_closed_once_whether_its_reader_stays_or_hangs_up(hangs_up: bool) -> None:
    closed: list[str] = []
    ended = threading.Event()

    class Answer:
        def __iter__(self) -> Iterator[bytes]:
            yield b"drawn"

        def close(self) -> None:
            closed.append("closed")
            ended.set()

    def application(_: Any, start_response: Any) -> Answer:
        start_response("200 OK", [("Content-Length", "5")])
        return Answer()

    with served(application) as address:
        where = urlsplit(address)
        with socket.create_connection((where.hostname, where.port), timeout=10) as line:
            line.sendall(b"GET / HTTP/1.1\r\nHost: here\r\n\r\n")
            told = b""
            while not told.endswith(b"drawn"):
                told += line.recv(1000)
            if hangs_up:
                line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, AT_ONCE)
        assert ended.wait(10)
    assert closed == ["closed"]
