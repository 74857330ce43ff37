"""The site as it reaches a browser: pages compressed on their way, as deploy/nginx.conf has it."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask, Response, request

SMALLEST_PACKED, LEVEL = 1000, 1  # gzip_min_length (bytes) there, and nginx's own gzip_comp_level


@pytest.fixture(autouse=True)
def packed_pages(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    complete = app.process_response

    def pack(answer: Response) -> Response:
        answer = complete(answer)
        if answer.mimetype == "text/html" and request.accept_encodings["gzip"]:
            page = answer.get_data()
            if len(page) >= SMALLEST_PACKED:
                answer.set_data(gzip.compress(page, LEVEL))
                answer.content_encoding = "gzip"
        return answer

    monkeypatch.setattr(app, "process_response", pack)
