"""A turn to work is given back whatever becomes of the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from werkzeug.test import create_environ, run_wsgi_app

from api.operation.turns import Turns


class Torn:
    """An answer whose end fails, as where a log cannot be written."""

    def __iter__(self) -> Iterator[bytes]:
        return iter([b"piece"])

    def close(self) -> None:
        raise OSError(28, "No space left on device")


def test_an_answer_whose_end_fails_gives_its_turn_back() -> None:
    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        start_response("200 OK", [])
        return Torn()

    turns = Turns(application, 1, 0)
    for _ in range(3):  # with one turn and nobody waiting, the second would wait for ever
        answer = turns(create_environ("/portfolio"), lambda *_: lambda _: None)
        assert list(answer) == [b"piece"]
        with pytest.raises(OSError):
            answer.close()  # type: ignore[attr-defined]


def test_an_answer_closed_twice_gives_back_one_turn() -> None:
    served: list[int] = []

    def application(environ: Any, start_response: Any) -> Iterable[bytes]:
        served.append(1)
        start_response("200 OK", [])
        return [b""]

    turns = Turns(application, 1, 0)
    answer = turns(create_environ("/portfolio"), lambda *_: lambda _: None)
    answer.close()  # type: ignore[attr-defined]
    answer.close()  # type: ignore[attr-defined]
    assert turns._turns._value == 1  # type: ignore[attr-defined]
    assert run_wsgi_app(turns, create_environ("/portfolio"))[1] == "200 OK"
