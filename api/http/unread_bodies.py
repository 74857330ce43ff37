"""A body that a refusal left unread is read to its end before the answer leaves, and thrown away."""

from __future__ import annotations

from contextlib import suppress

from flask import Flask, Response, request

PIECE = 64 * 1024
OF_A_VISITOR = 100 * 1024  # client_max_body_size of deploy/nginx.conf where nobody is signed in


def install(app: Flask) -> None:
    """Makes each answer read what is left of the request's body: at most a part of a file and the fields of its form;
    longer ones are refused by the proxy already. gunicorn reads 64 KiB of what is left and hangs up on the rest. A
    proxy that is still sending then never reads the answer, and says that the service is down in place of the answer, «
    introuvable » or « trop d'envois ».
    """
    of_a_person = app.config["PART_BYTES"] + app.config["MAX_CONTENT_LENGTH"]

    def read_the_rest(answer: Response) -> Response:
        most = OF_A_VISITOR if answer.status_code == 401 else of_a_person
        if not request.environ.get("wsgi.input_terminated") or (request.content_length or 0) > most:
            return answer
        body, left = request.environ["wsgi.input"], most
        with suppress(OSError):  # whoever was sending has gone
            while left > 0 and (piece := body.read(min(PIECE, left))):
                left -= len(piece)
        return answer

    app.after_request(read_the_rest)
